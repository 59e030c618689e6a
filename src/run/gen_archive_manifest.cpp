#include "run/gen_archive_manifest.hpp"

#include <fmt/format.h>

#include "archive/scan.hpp"
#include "base/wording.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset_manifest.hpp"
#include "image/image_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// A manifest would take the place of what it is made from.
void require_other_than_metadata(const fs::path& manifest, const fs::path& archive,
                                 const Recipe& recipe) {
  for (const MetadataTable& table : recipe.metadata())
    for (const PartValues& values : table.known_files(recipe.parts()))
      if (std::error_code error; fs::equivalent(manifest, archive / table.file.fill(values), error))
        throw UsageError(fmt::format(
            "--output_manifest_file {}: is a metadata workbook of the archive; give another name",
            manifest.string()));
}

}  // namespace

Report gen_archive_manifest(const ArchiveManifestOptions& options, const Context& context) {
  require_archive(options.root_dir, "--root_dir");
  require_sheet_name(options.sheet_name);
  require_keepable(options.output_manifest_file);
  Report report(context.listener);
  const Recipe recipe = load_recipe(options.recipe);
  require_other_than_metadata(options.output_manifest_file, options.root_dir, recipe);
  ArchiveNames names = archive_names(options.root_dir, recipe, options.pseudonyms);
  auto read = [&](const std::string& image, std::int64_t channels) {
    return names.open(image, [&](const auto& file) {
      return std::make_shared<const Header>(read_header(file, options.verify, channels));
    });
  };
  ArchiveListing listing = list_images(names, recipe, "--root_dir");
  const std::size_t files = listing.images.size();
  auto archive = scan_archive(names, listing, recipe, read, context, report);
  const std::size_t rows = archive.manifest.rows.size();
  put_pseudonym_map(names, options.pseudonyms, context.listener);
  put_manifest(options.output_manifest_file, {options.sheet_name, std::move(archive.manifest)});
  context.listener.summary(fmt::format("{} found; {} of {} in the manifest {}.",
                                       counted(files, "image file"), counted(rows, "image"),
                                       counted(archive.patients, "patient"),
                                       options.output_manifest_file.string()));
  return report;
}

}  // namespace nicohort
