#include "archive/archive_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "archive/pseudonym.hpp"
#include "base/below.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* other_key = "make another key and start again with it";

}  // namespace

ArchiveNames::ArchiveNames(fs::path root, Recipe recipe, Pseudonymize pseudonymize)
    : root_(std::move(root)), recipe_(std::move(recipe)), pseudonymize_(std::move(pseudonymize)) {
  if (pseudonymize_ && !recipe_->part_index("pid"))
    throw UsageError("--pseudonymize: the recipe has no part `pid` to replace by a pseudonym");
  const auto site = recipe_->part_index("site");
  const auto parts = recipe_->patient_parts();
  has_patients_of_sites_ = site && std::find(parts.begin(), parts.end(), *site) != parts.end();
}

std::string ArchiveNames::present_pid(const std::string& site, const std::string& pid) {
  if (!pseudonymize_) return pid;
  const std::string of = has_patients_of_sites_ ? site : "";
  std::string name = pseudonymize_(of, pid);
  auto [known, is_new] = pids_.emplace(std::pair(of, name), pid);
  if (!is_new && known->second != pid)
    throw UsageError(fmt::format("two patients{} get the same pseudonym {}; {}",
                                 of.empty() ? "" : " of " + of, name, other_key));
  return name;
}

const std::string& ArchiveNames::original_pid(const std::string& site,
                                              const std::string& presented) const {
  if (!pseudonymize_) return presented;
  auto known = pids_.find({has_patients_of_sites_ ? site : "", presented});
  return known == pids_.end() ? presented : known->second;
}

std::string ArchiveNames::present_unrecognised(const std::string& path) const {
  const fs::path whole(path);
  auto part = whole.begin();
  fs::path shown;
  for (; part != whole.end() && recipe_->has_name(part->string()); ++part) shown /= *part;
  if (part != whole.end()) shown /= fmt::format("(unrecognised {})", pseudonymize_("", path));
  return shown.generic_string();
}

void ArchiveNames::hide(std::string& name, const ImageKey& key, const std::string& identifier,
                        const std::string& pid) const {
  for (std::size_t at = find_identifier(name, identifier, 0); at != std::string::npos;
       at = find_identifier(name, identifier, at)) {
    const std::string there = name.substr(at, identifier.size());
    const std::string shown = there == identifier ? pid : pseudonymize_("", there);
    std::string hidden = name;
    hidden.replace(at, there.size(), shown);
    const auto changed = recipe_->parse_image_path(hidden);
    if (changed == key) {
      name = std::move(hidden);
      at += shown.size();
      continue;
    }
    // Shorter ones are in numbers of visits and such by chance.
    if (identifier.size() >= least_identifier_length)
      throw UsageError(fmt::format(
          "recipe {}: with --pseudonymize, {} must not contain the identifier of a patient, as it "
          "does in the archive; make the identifier there a placeholder of its own, such as "
          "{{pid}}/{{pid}}_{{scan}}, so that it is replaced",
          recipe_->source(), other_place(key, changed)));
    at += there.size();
  }
}

std::string ArchiveNames::other_place(const ImageKey& key,
                                      const std::optional<ImageKey>& changed) const {
  for (std::size_t part = 0; changed && part < key.parts.size(); ++part)
    if (changed->parts[part] != key.parts[part])
      return fmt::format("the part `{}`", recipe_->parts()[part].name);
  return key.label.empty() ? "what its pattern spells out" : "the label of a mask file";
}

std::string ArchiveNames::present(const std::string& path) {
  if (!pseudonymize_) return is_utf8(path) ? path : printable(path);
  std::string name;
  if (auto key = recipe_->parse_image_path(path)) {
    const std::size_t part = *recipe_->part_index("pid");
    const auto site = recipe_->part_index("site");
    const std::string original = key->parts[part];
    const std::string pid = present_pid(site ? key->parts[*site] : "", original);
    name = recipe_->images().with_part(path, *key, part, pid);
    key->parts[part] = pid;
    hide(name, *key, original, pid);
    if (const std::string bare = without_leading_zeros(original);
        bare.size() >= least_identifier_length)  // else the 1 of T1 would be the patient 0001
      hide(name, *key, bare, pid);
    if (recipe_->parse_image_path(name) != key)
      throw UsageError(
          fmt::format("pseudonyms such as {} do not match the recipe's part `pid`; make it match "
                      "them, too: pid: \"...|P[A-Z2-7]{{10}}\"",
                      pid));
  } else {
    name = present_unrecognised(path);
  }
  auto [known, is_new] = paths_.emplace(name, path);
  if (!is_new && known->second != path)
    throw UsageError(fmt::format("two files get the same name {}; {}", name, other_key));
  names_.emplace(path, name);
  return name;
}

std::vector<std::string> ArchiveNames::original_pids() const {
  std::vector<std::string> originals;
  for (const auto& [who, original] : pids_) originals.push_back(original);
  return originals;
}

PartValues ArchiveNames::original(PartValues presented) const {
  if (!pseudonymize_) return presented;
  const auto site = recipe_->part_index("site");
  std::string& pid = presented[*recipe_->part_index("pid")];
  pid = original_pid(site ? presented[*site] : "", pid);
  return presented;
}

std::optional<std::string> ArchiveNames::name_of(const std::string& path) const {
  const auto known = names_.find(path);
  return known == names_.end() ? std::nullopt : std::optional(known->second);
}

const std::string& ArchiveNames::path_of(const std::string& name) const {
  const auto known = paths_.find(name);
  return known == paths_.end() ? name : known->second;
}

std::optional<fs::path> ArchiveNames::find(const std::string& name) const {
  if (!pseudonymize_) return root_ / name;
  auto known = paths_.find(name);
  return known == paths_.end() ? std::nullopt : std::optional(root_ / known->second);
}

bool ArchiveNames::has(const std::string& name) const {
  const auto place = find(name);
  std::error_code error;
  return place && fs::exists(fs::symlink_status(*place, error));
}

fs::path ArchiveNames::locate(const std::string& name) const {
  const auto place = find(name);
  if (!place)
    throw BadInput(name, ProblemKind::pseudonym,
                   "is not the name of any image with this key; give --pseudonymize the key that "
                   "gen_archive_manifest was given, or scan the archive again");
  std::error_code error;
  if (!pseudonymize_ && has_pseudonym(name) && !fs::exists(*place, error))
    throw BadInput(name, ProblemKind::pseudonym,
                   "is not there, and has a pseudonym in its name; give --pseudonymize the key "
                   "that gen_archive_manifest was given");
  if (!follows_links_) blaming(name, [&] { require_below(root_, *place, "archive"); });
  return *place;
}

std::string ArchiveNames::presented_text(std::string text, const fs::path& place,
                                         const std::string& name) const {
  const std::string hidden = place.string(), shown = (root_ / name).string();
  for (std::size_t at = text.find(hidden); at != std::string::npos;
       at = text.find(hidden, at + shown.size()))
    text.replace(at, hidden.size(), shown);
  return text;
}

const std::vector<std::string>& ArchiveNames::mapping_columns() {
  static const std::vector<std::string> columns{"kind", "site", "original", "presented"};
  return columns;
}

Table ArchiveNames::mapping() const {
  Table table{mapping_columns(), {}};
  for (const auto& [who, original] : pids_)
    table.rows.push_back({"patient", who.first, printable(original), who.second});
  for (const auto& [name, original] : paths_)
    if (name != original && !recipe_->parse_image_path(original))
      table.rows.push_back({"file", Cell(), printable(original), name});
  std::sort(table.rows.begin(), table.rows.end(), [](const auto& a, const auto& b) {
    auto order = [](const std::vector<Cell>& row) {
      return std::tuple(to_text(row[0]) != "patient", to_text(row[1]), to_text(row[2]));
    };
    return order(a) < order(b);
  });
  return table;
}

}  // namespace nicohort
