// Routine 01: scans the archive and writes its manifest.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohort/archive_file.hpp"
#include "cohort/manifest.hpp"
#include "cohort/metadata.hpp"
#include "cohort/recipe.hpp"
#include "nifti/image_file.hpp"
#include "routine/all_routines.hpp"
#include "routine/archive_scan.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct Options {
  fs::path root_dir, output_manifest_file, recipe;
  std::string sheet_name = "Manifest";
  bool verify = false;
};

struct ArchivedImage {
  std::string path;  // below the archive
  ImageKey key;
};

bool is_image_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return name.ends_with(".nii") || name.ends_with(".nii.gz");
}

// No manifest can name a file whose name is not UTF-8.
void list_image(std::string path, std::vector<std::string>& paths, Report& report) {
  if (is_utf8(path))
    paths.push_back(std::move(path));
  else
    report.add(printable(path),
               "has a name that is not UTF-8, which a manifest cannot hold; left out: rename it");
}

// A folder is not seen into when it may not be read, which is a problem of that folder and not of
// the others, or is a link, which may lead out of the archive or back to a folder it lies in.
bool is_closed_folder(const fs::directory_entry& entry, const std::string& path, Report& report) {
  std::error_code failed;
  if (!entry.is_directory(failed)) return false;
  if (entry.is_symlink(failed)) {
    report.add(
        printable(path),
        "is a symbolic link to a folder, which is not followed; put the folder itself there");
    return true;
  }
  fs::directory_iterator probe(entry.path(), failed);
  // Not the folder's fault but the machine's, which would hide one folder after the other.
  if (failed == std::errc::too_many_files_open || failed == std::errc::not_enough_memory)
    throw MachineError(
        fmt::format("cannot list {}: {}; try --jobs 1, or allow more open files "
                    "(ulimit -n)",
                    entry.path().string(), failed.message()));
  if (failed)
    report.add(printable(path),
               fmt::format("cannot be listed: {}; check its permissions", failed.message()));
  return bool(failed);
}

std::vector<std::string> list_images(const fs::path& root, Report& report) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator entries(root, error), end;
  while (!error && entries != end) {
    const std::string path = entries->path().lexically_relative(root).generic_string();
    if (is_closed_folder(*entries, path, report))
      entries.disable_recursion_pending();
    else if (is_image_name(entries->path().filename().string()))
      list_image(path, paths, report);
    entries.increment(error);
  }
  if (error) throw MachineError(fmt::format("cannot list {}: {}", root.string(), error.message()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

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

ScannedArchive scan_archive(const fs::path& root, const Recipe& recipe, const ReadHeader& read,
                            const Effort& effort, Report& report) {
  auto paths = list_images(root, report);
  if (paths.empty())
    throw UsageError(fmt::format("{}: no .nii.gz file in it; --root_dir names the archive's folder",
                                 root.string()));
  if (std::none_of(paths.begin(), paths.end(),
                   [&](auto& path) { return recipe.parse_image_path(path); }))
    throw UsageError(
        fmt::format("{}: none of its {} fits the recipe's pattern {}; check --root_dir, or "
                    "name the recipe of this archive with --recipe",
                    root.string(), counted(paths.size(), "image file"), recipe.image_pattern()));
  auto images = identify(paths, recipe, report);
  std::vector<std::string> subjects;
  for (const auto& image : images) subjects.push_back(image.path);
  auto found =
      map_items<Header>("files", subjects, effort, report, [&](std::size_t i, ProblemSink&) {
        require_in_archive(root, images[i].path);
        return read(images[i].path);
      });
  std::map<ImageKey, Header> headers;
  std::set<Patient> patients;
  for (std::size_t i = 0; i < images.size(); ++i) {
    patients.insert({images[i].key.site, images[i].key.pid});
    if (found[i]) headers.emplace(images[i].key, *found[i]);
  }
  report_incomplete(headers, recipe, report);
  Metadata metadata = load_metadata(root, recipe, patients, report);
  return {make_table(images, headers, metadata), paths.size(), patients.size()};
}

namespace {

int gen_archive_manifest(const Options& options, const Effort& effort) {
  require_folder(options.root_dir, "--root_dir");
  require_sheet_name(options.sheet_name);
  Report report;
  auto read = [&](const std::string& path) {
    return read_header(options.root_dir / path, options.verify);
  };
  auto archive = scan_archive(options.root_dir, load_recipe(options.recipe), read, effort, report);
  const std::size_t rows = archive.manifest.rows.size();
  write_table(options.output_manifest_file, {{options.sheet_name, std::move(archive.manifest)}});
  say(fmt::format("{} found, {} of {} in the manifest {}.",
                  counted(archive.image_files, "image file"), rows,
                  counted(archive.patients, "patient"), options.output_manifest_file.string()));
  return finish(report, problems_beside(options.output_manifest_file));
}

}  // namespace

void add_gen_archive_manifest(CLI::App& program, Task& task) {
  auto [app, effort] =
      add_command(program, "gen_archive_manifest", "01_gen_archive_manifest",
                  "Scan an archive of NIfTI images and metadata workbooks and write its manifest",
                  "nicohort gen_archive_manifest --root_dir root_dir/archive "
                  "--output_manifest_file root_dir/descriptor/archive_manifest.xlsx");
  auto options = std::make_shared<Options>();
  app->add_option("--root_dir", options->root_dir, "The archive's folder")->required();
  app->add_option("--output_manifest_file", options->output_manifest_file,
                  "The manifest to write, .xlsx or .csv")
      ->check(table_output())
      ->required();
  app->add_option("--sheet_name", options->sheet_name, "The manifest's worksheet")
      ->capture_default_str();
  app->add_option("--recipe", options->recipe, "The archive's layout (default: ESO-2025.10.31)");
  app->add_flag("--verify", options->verify, "Decompress every image and check its checksum");
  app->callback([=, &task] { task = [=] { return gen_archive_manifest(*options, *effort); }; });
}

}  // namespace nicohort
