#include "archive/metadata_files.hpp"

#include <fmt/format.h>

#include <map>

namespace nicohort {

std::vector<FileOfSamples> files_of(const MetadataTable& table, const ArchiveNames& names,
                                    const Recipe& recipe, const std::set<PartValues>& samples,
                                    const std::set<PartValues>& others) {
  std::vector<FileOfSamples> files;
  std::map<std::string, std::size_t> known;  // by path
  auto file_of = [&](const PartValues& values, bool is_free) -> FileOfSamples& {
    const std::string path = table.file.fill(names.original(values));
    const auto [at, is_new] = known.emplace(path, files.size());
    if (is_new) files.push_back({values, path, table.file.fill(values), is_free, {}, {}});
    return files[at->second];
  };
  for (const PartValues& values : table.known_files(recipe.parts())) file_of(values, false);
  for (const PartValues& sample : samples) file_of(sample, true).samples.push_back(&sample);
  for (const PartValues& sample : others) file_of(sample, true).others.push_back(&sample);
  return files;
}

void MetadataProblems::add(const FileOfSamples& file, ProblemKind kind, const std::string& what) {
  const auto patient = [&](std::size_t i) { return recipe_.patient(*file.samples[i]); };
  bool is_of_one = file.is_free && !file.samples.empty();
  for (std::size_t i = 1; is_of_one && i < file.samples.size(); ++i)
    is_of_one = patient(i) == patient(0);
  if (is_of_one)
    report_.add(patient(0), kind, fmt::format("{}: {}", file.shown, what));
  else
    report_.add(file.shown, kind, what);
}

void MetadataProblems::add_missing(const MetadataTable& table, const FileOfSamples& file, int line,
                                   const std::string& what, const std::string& consequence) {
  if (table.is_for_all())
    RecipeSource{recipe_.source()}.fail(line, fmt::format("`metadata`: {} {}", file.shown, what));
  add(file, ProblemKind::metadata, what + "; " + consequence);
}

}  // namespace nicohort
