#include "dataset/dataset_file.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "dataset/checksums.hpp"
#include "dataset/layout.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/own_json.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr std::size_t file_bytes = 16 << 20;

// The dataset that the table lies in; empty: none.
fs::path dataset_of(const fs::path& table) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(table, error).parent_path();
  for (; folder != folder.parent_path(); folder = folder.parent_path())
    if (fs::exists(OwnFolder(folder).dataset_file(), error)) return folder;
  return {};
}

json json_of(const DatasetFile& file) {
  json value{{"naming", file.naming}, {"tables", file.tables}};
  for (const auto& [manifest, splits] : file.splits)
    for (const auto& [sheet, rules] : splits)
      value["splits"][manifest][sheet] = json::parse(json_of(rules));
  for (const auto& [manifest, splits] : file.absent)
    for (const auto& [sheet, sides] : splits) value["absent"][manifest][sheet] = sides;
  return value;
}

DatasetFile file_from(const json& value) {
  DatasetFile file{value.at("naming").get<std::string>(),
                   value.at("tables").get<std::map<std::string, std::string>>(),
                   {},
                   {}};
  if (value.contains("splits"))
    for (const auto& [manifest, splits] : value["splits"].items())
      for (const auto& [sheet, rules] : splits.items())
        file.splits[manifest][sheet] = rules_from(rules.dump());
  if (value.contains("absent")) value["absent"].get_to(file.absent);
  return file;
}

// Lets `change` enter more about the table, by its path below the dataset.
void list(const fs::path& table,
          const std::function<void(DatasetFile&, const std::string& path)>& change) {
  const fs::path dataset = dataset_of(table);
  if (dataset.empty()) return;
  std::error_code error;
  DatasetFile file = read_dataset_file(dataset);
  const std::string path =
      fs::weakly_canonical(table, error).lexically_relative(dataset).generic_string();
  const std::string sha256 = sha256_of_file(table);
  auto is_gone = [&](const auto& known) {
    return known.first != path && !fs::exists(dataset / known.first, error);
  };
  std::erase_if(file.tables, is_gone);
  std::erase_if(file.splits, is_gone);
  std::erase_if(file.absent, is_gone);
  file.tables[path] = sha256;
  change(file, path);
  change_listed(dataset, [&] { write_file(OwnFolder(dataset).dataset_file(), text_of(file)); });
}

}  // namespace

DatasetFile read_dataset_file(const fs::path& dataset) {
  const fs::path file = OwnFolder(dataset).dataset_file();
  const std::string subject = file.lexically_relative(dataset).generic_string();
  const auto text = read_own_file(dataset, file, file_bytes);
  if (!text) return {};
  try {
    return file_from(parse_own_json(*text, {"test_ratio", "val_ratio"}));
  } catch (const json::exception&) {  // told below
  } catch (const BadInput&) {
  } catch (const UsageError&) {
  }
  throw BadInput(subject, ProblemKind::unreadable_file,
                 "is damaged; restore it from a backup, or delete it and write the manifest and "
                 "splits again");
}

std::string text_of(const DatasetFile& file) {
  return json_of(file).dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

namespace {

// What the dataset of the manifest has in this member for the split.
template <class Listed>
Listed listed(const fs::path& manifest, const std::string& split,
              std::map<std::string, std::map<std::string, Listed>> DatasetFile::*member) {
  const fs::path dataset = dataset_of(manifest);
  if (dataset.empty()) return {};
  const DatasetFile file = read_dataset_file(dataset);
  std::error_code error;
  const auto splits =
      (file.*member)
          .find(fs::weakly_canonical(manifest, error).lexically_relative(dataset).generic_string());
  if (splits == (file.*member).end()) return {};
  const auto found = splits->second.find(split);
  return found == splits->second.end() ? Listed() : found->second;
}

}  // namespace

std::vector<SplitRule> listed_split(const fs::path& manifest, const std::string& split) {
  try {
    return listed(manifest, split, &DatasetFile::splits);
  } catch (const BadInput&) {  // whoever writes to it says what is wrong
    return {};
  }
}

SideOfPatients listed_absent(const fs::path& manifest, const std::string& split) {
  return listed(manifest, split, &DatasetFile::absent);
}

void list_table(const fs::path& table) {
  list(table, [](DatasetFile&, const std::string&) {});
}

void list_split(const fs::path& manifest, const SplitPlan& plan, const SideOfPatients& absent) {
  list(manifest, [&](DatasetFile& file, const std::string& path) {
    const std::vector<std::string> sheets = sheet_names(manifest);
    const auto is_gone = [&](const auto& known) {
      return std::find(sheets.begin(), sheets.end(), known.first) == sheets.end();
    };
    std::erase_if(file.splits[path], is_gone);
    file.splits[path][plan.name] = plan.rules;
    std::erase_if(file.absent[path], is_gone);
    file.absent[path].erase(plan.name);
    if (!absent.empty()) file.absent[path][plan.name] = absent;
    if (file.absent[path].empty()) file.absent.erase(path);
  });
}

}  // namespace nicohort
