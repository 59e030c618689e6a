// Routine 01: scans the archive and writes its manifest.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohort/archive_listing.hpp"
#include "cohort/manifest.hpp"
#include "cohort/metadata.hpp"
#include "cohort/recipe.hpp"
#include "nifti/image_file.hpp"
#include "routine/all_routines.hpp"
#include "routine/archive_scan.hpp"
#include "routine/pseudonym_options.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct ArchiveManifestOptions {
  fs::path root_dir, output_manifest_file, recipe;
  PseudonymOptions pseudonyms;
  std::string sheet_name = "Manifest";
  bool verify = false;
};

struct ArchivedImage {
  std::string path;  // below the archive, as presented
  ImageKey key;
};

// The images that fit the recipe, each (site, phase, pid, type) once, sorted as the manifest is.
std::vector<ArchivedImage> identify(const std::vector<std::string>& paths, const Recipe& recipe,
                                    Report& report) {
  std::map<ImageKey, std::string> by_key;
  for (const std::string& path : paths) {
    auto key = recipe.parse_image_path(path);
    if (!key) {
      report.add(path,
                 fmt::format("does not fit the recipe's pattern {}; left out: rename or move it",
                             recipe.image_pattern()));
      continue;
    }
    auto [known, is_new] = by_key.emplace(*key, path);
    if (is_new) continue;
    // The compressed file is the archive's own form.
    std::string& taken = known->second;
    std::string left_out = path;
    if (path.size() > taken.size() && path.starts_with(taken)) std::swap(taken, left_out);
    report.add(
        left_out,
        fmt::format("is the same image as {} by its name; left out: remove one of them", taken));
  }
  std::vector<ArchivedImage> images;
  for (auto& [key, path] : by_key) images.push_back({path, key});
  auto order = [](const ArchivedImage& image) {
    return std::make_tuple(image.key.site, image.key.phase, image.key.pid,
                           image.key.type != volume_type);
  };
  std::sort(images.begin(), images.end(),
            [&](const ArchivedImage& a, const ArchivedImage& b) { return order(a) < order(b); });
  return images;
}

// What is not there: the partner of a volume or mask, a patient's other phase.
void report_incomplete(const std::map<ImageKey, Header>& headers, const Recipe& recipe,
                       Report& report) {
  std::map<Patient, std::set<std::string>> phases;
  for (const auto& [key, header] : headers) {
    phases[{key.site, key.pid}].insert(key.phase);
    bool is_volume = key.type == volume_type;
    ImageKey partner = key;
    partner.type = is_volume ? mask_type : volume_type;
    if (!headers.contains(partner))
      report.add(
          recipe.sample_id(key.site, key.pid, key.phase),
          fmt::format("has a {0} but no usable {1}; the {0} was kept: add the {1} or repair it",
                      is_volume ? "volume" : "mask", is_volume ? "mask" : "volume"));
  }
  for (const auto& [patient, present] : phases)
    for (const std::string& phase : recipe.phases())
      if (!present.contains(phase))
        report.add(
            fmt::format("{}_{}", patient.first, patient.second),
            fmt::format("has no usable images of phase `{}`; kept: add them if there are any",
                        phase));
}

Table make_table(const std::vector<ArchivedImage>& images,
                 const std::map<ImageKey, Header>& headers, const Metadata& metadata) {
  Table table;
  table.columns.assign(archive_columns.begin(), archive_columns.end());
  table.columns.insert(table.columns.end(), metadata.columns.begin(), metadata.columns.end());
  for (const auto& [path, key] : images) {
    auto header = headers.find(key);
    if (header == headers.end()) continue;
    const Geometry& geometry = header->second.geometry;
    std::vector<Cell> row{path, key.site, key.phase, key.pid, key.type};
    auto cells = geometry_cells(geometry);
    row.insert(row.end(), cells.begin(), cells.end());
    row.push_back(std::string(name(header->second.type)));
    row.push_back(transform_json(geometry.affine));
    auto volume = headers.find({key.site, key.phase, key.pid, std::string(volume_type)});
    bool has_difference = key.type == mask_type && volume != headers.end();
    row.push_back(has_difference ? Cell(distance(geometry.affine, volume->second.geometry.affine))
                                 : Cell());
    auto attributes = metadata.of({key.site, key.pid});
    row.insert(row.end(), attributes.begin(), attributes.end());
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

ArchiveListing list_images(ArchiveNames& names, const Recipe& recipe) {
  ArchiveListing listing = list_archive(names);
  const std::string root = names.root().string();
  if (listing.images.empty())
    throw UsageError(
        fmt::format("{}: no .nii.gz file in it; --root_dir names the archive's folder", root));
  if (std::none_of(listing.images.begin(), listing.images.end(),
                   [&](auto& path) { return recipe.parse_image_path(path); }))
    throw UsageError(fmt::format(
        "{}: none of its {} fits the recipe's pattern {}; check --root_dir, or name the recipe of "
        "this archive with --recipe",
        root, counted(listing.images.size(), "image file"), recipe.image_pattern()));
  return listing;
}

ScannedArchive scan_archive(ArchiveNames& names, const ArchiveListing& listing,
                            const Recipe& recipe, const ReadHeader& read, const Effort& effort,
                            Report& report) {
  for (const Problem& problem : listing.problems) report.add(problem);
  auto images = identify(listing.images, recipe, report);
  std::vector<std::string> subjects;
  for (const auto& image : images) subjects.push_back(image.path);
  auto found =
      map_items<Header>("files", subjects, effort, report, [&](std::size_t i, ProblemSink&) {
        names.locate(images[i].path);  // `read` may know the header without opening the file
        return read(images[i].path);
      });
  std::map<ImageKey, Header> headers;
  std::set<Patient> patients;
  for (std::size_t i = 0; i < images.size(); ++i) {
    patients.insert({images[i].key.site, images[i].key.pid});
    if (found[i]) headers.emplace(images[i].key, *found[i]);
  }
  report_incomplete(headers, recipe, report);
  Metadata metadata = load_metadata(names, recipe, patients, report);
  return {make_table(images, headers, metadata), patients.size()};
}

namespace {

// A manifest would take the place of what it is made from.
void require_other_than_metadata(const fs::path& manifest, const fs::path& archive,
                                 const Recipe& recipe) {
  for (const std::string& site : recipe.sites()) {
    const std::string file = recipe.metadata_path(site);
    std::error_code error;
    if (!file.empty() && fs::equivalent(manifest, archive / file, error))
      throw UsageError(fmt::format(
          "--output_manifest_file {}: is the archive's own workbook; give it another name",
          manifest.string()));
  }
}

int gen_archive_manifest(const ArchiveManifestOptions& options, const Effort& effort) {
  require_folder(options.root_dir, "--root_dir");
  require_sheet_name(options.sheet_name);
  Report report;
  const Recipe recipe = load_recipe(options.recipe);
  require_other_than_metadata(options.output_manifest_file, options.root_dir, recipe);
  ArchiveNames names = archive_names(options.root_dir, recipe, options.pseudonyms);
  auto read = [&](const std::string& image) {
    return names.open(image, [&](const auto& file) { return read_header(file, options.verify); });
  };
  const ArchiveListing listing = list_images(names, recipe);
  auto archive = scan_archive(names, listing, recipe, read, effort, report);
  const std::size_t rows = archive.manifest.rows.size();
  put_pseudonym_map(names, options.pseudonyms);
  write_table(options.output_manifest_file, {{options.sheet_name, std::move(archive.manifest)}});
  say(fmt::format("{} found, {} of {} in the manifest {}.",
                  counted(listing.images.size(), "image file"), rows,
                  counted(archive.patients, "patient"), options.output_manifest_file.string()));
  return finish(report, problems_beside(options.output_manifest_file));
}

}  // namespace

void add_gen_archive_manifest(Program& program) {
  Command command = program.command(
      "gen_archive_manifest", "01_gen_archive_manifest",
      "Scan an archive of NIfTI images and metadata workbooks and write its manifest",
      "nicohort gen_archive_manifest --root_dir root_dir/archive "
      "--output_manifest_file root_dir/descriptor/archive_manifest.xlsx");
  auto options = std::make_shared<ArchiveManifestOptions>();
  command.option("--root_dir", options->root_dir, "The archive's folder").required();
  command
      .option("--output_manifest_file", options->output_manifest_file,
              "The manifest to write, .xlsx or .csv")
      .names_a_table()
      .required();
  command.option("--sheet_name", options->sheet_name, "The manifest's worksheet").shows_default();
  command.option("--recipe", options->recipe, "The archive's layout (default: ESO-2025.10.31)");
  add_pseudonymize(command, options->pseudonyms);
  add_pseudonym_map(command, options->pseudonyms);
  command.flag("--verify", options->verify, "Decompress every image and check its checksum");
  command.work([=](const Effort& effort) { return gen_archive_manifest(*options, effort); });
}

}  // namespace nicohort
