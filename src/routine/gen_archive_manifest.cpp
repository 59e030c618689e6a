// Routine 01: scans the archive and writes its manifest.
#include <fmt/format.h>

#include "archive/scan.hpp"
#include "nifti/image_file.hpp"
#include "routine/all_routines.hpp"
#include "routine/pseudonym_flags.hpp"
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

// A manifest would take the place of what it is made from.
void require_other_than_metadata(const fs::path& manifest, const fs::path& archive,
                                 const Recipe& recipe) {
  for (const MetadataTable& table : recipe.metadata())
    for (const PartValues& values : table.known_files(recipe.parts()))
      if (std::error_code error; fs::equivalent(manifest, archive / table.file.fill(values), error))
        throw UsageError(fmt::format(
            "--output_manifest_file {}: is the archive's own workbook; give it another name",
            manifest.string()));
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
