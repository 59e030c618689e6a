#include "recipe/recipe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>

#include "base/near_miss.hpp"
#include "recipe/built_in_recipes.hpp"
#include "recipe/label_map.hpp"
#include "recipe/reader.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr const char* default_recipe = "eso-2025.10.31";

const Keys recipe_keys{
    {"name", "volume", "mask", "parts", "id", "patient", "folder", "ignore", "complete", "no_mask",
     "where", "metadata", "columns", "labels", "groups", "intensity", "steps", "splits"},
    {"volume_type"}};

Part read_part(const YamlEntry& entry, const RecipeSource& source) {
  Part part{entry.key, {}};
  if (const std::string fault = part_name_fault(entry.key); !fault.empty())
    source.fail(entry.line, fmt::format("`parts`: `{}` {}", entry.key, fault));
  if (entry.value.is_scalar() && !entry.value.text.empty()) {
    part.expression = entry.value.text;
    if (const std::string fault = expression_fault(part.expression); !fault.empty())
      source.fail(entry.value.line,
                  fmt::format("`parts`: `{}` is not a regular expression: {}", entry.key, fault));
    return part;
  }
  if (!entry.value.is_map() || entry.value.entries.empty())
    source.fail(entry.line, fmt::format("`parts`: `{}` is neither a map of short form: name in the "
                                        "archive nor a regular expression",
                                        entry.key));
  source.require_distinct_keys(entry.value, entry.key);
  for (const YamlEntry& value : entry.value.entries) {
    if (value.key.empty() || value.key.find('/') != std::string::npos || value.key.starts_with('.'))
      source.fail(
          value.line,
          fmt::format("`parts`: `{}` has the short form `{}`, which cannot be the name of a folder",
                      entry.key, value.key));
    if (!value.value.is_scalar())
      source.fail(value.line, fmt::format("`parts`: `{}` of `{}` has no name in the archive",
                                          value.key, entry.key));
    for (const auto& [short_form, name] : part.values)
      if (name == value.value.text)
        source.fail(value.line, fmt::format("`parts`: `{}` and `{}` of `{}` have the same name in "
                                            "the archive, `{}`",
                                            short_form, value.key, entry.key, name));
    part.values.emplace_back(value.key, value.value.text);
  }
  return part;
}

Parts read_parts(const MapReader& reader, const RecipeSource& source) {
  Parts parts;
  const YamlValue* map = reader.find("parts");
  if (!map) return parts;
  if (!map->is_map()) source.fail(map->line, "`parts` is not a map of parts");
  source.require_distinct_keys(*map, "parts");
  for (const YamlEntry& entry : map->entries) parts.push_back(read_part(entry, source));
  return parts;
}

// A path pattern as the recipe gives it.
struct GivenPattern {
  std::string key, text;
  int line = 0;
};

GivenPattern given_pattern(const YamlValue& value, const std::string& key,
                           const RecipeSource& source) {
  if (value.is_map() && key == "volume" && value.find("choose")) {
    const MapReader reader(value, source, key, {{"file", "choose"}, {}});
    const YamlValue& file = reader.need("file", "the path of an image below the archive");
    return {key, source.text(file, "file"), file.line};
  }
  if (value.is_map())
    source.fail(value.line, fmt::format("`{}` as a map ({}) is not supported yet", key,
                                        key == "mask" ? "a file a label" : "channels"));
  return {key, source.text(value, key), value.line};
}

// Adds the parts that the pattern has and `parts` does not declare. Returns those that it has.
std::vector<std::string> parts_of(const GivenPattern& given, Parts& parts,
                                  const RecipeSource& source) {
  std::vector<std::string> names;
  for (const std::string& placeholder :
       source.reading(given.line, given.key, [&] { return placeholders_of(given.text); })) {
    const auto meaning = meaning_of(placeholder, parts);
    if (meaning) {
      names.push_back(parts[meaning->part].name);
      continue;
    }
    if (placeholder.ends_with("_dir"))
      source.fail(given.line,
                  fmt::format("`{}` has {{{}}}, but `parts` has no `{}`; {}", given.key,
                              placeholder, placeholder.substr(0, placeholder.size() - 4),
                              did_you_mean(placeholder, names_of(parts))));
    if (const std::string fault = part_name_fault(placeholder); !fault.empty())
      source.fail(given.line,
                  fmt::format("`{}` has {{{}}}, which {}", given.key, placeholder, fault));
    parts.push_back({placeholder, {}});
    names.push_back(placeholder);
  }
  return names;
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Why nothing in a dataset can have this name; empty if it can. A leading dot hides a file, and is
// the way up and the own folder's.
std::string file_name_fault(const std::string& name) {
  if (name.empty()) return "is empty";
  if (name.front() == '.') return "begins with a dot";
  if (name.find('/') != std::string::npos) return "has a slash";
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }))
    return "has a control character";
  return "";
}

// The names of all columns that the tables give; nothing where only the archive can say them.
std::optional<std::vector<std::string>> known_columns(const std::vector<MetadataTable>& tables,
                                                      const Parts& parts) {
  std::vector<std::string> names;
  for (const MetadataTable& table : tables) {
    if (table.columns.empty()) return {};
    for (const MetadataTable::Column& column : table.columns) {
      if (index_of(parts, column.name) || is_taken_name(column.name)) return {};  // gets another
      names.push_back(column.name);
    }
  }
  return names;
}

IntensityScale read_intensity(const YamlValue& map, const RecipeSource& source) {
  const MapReader reader(map, source, "intensity", {{"unit", "window"}, {}});
  IntensityScale scale{reader.text("unit", ""), {}};
  if (const YamlValue* window = reader.find("window")) {
    Window bounds;
    if (!window->is_list() || window->items.size() != 2 ||
        !read_number(window->items[0], bounds.low) || !read_number(window->items[1], bounds.high) ||
        bounds.low >= bounds.high)
      source.fail(window->line, "`window` is not a list of two numbers, the lower one first");
    scale.window = bounds;
  }
  return scale;
}

const BuiltInRecipe* find_built_in(std::string_view name) {
  const auto& recipes = built_in_recipes();
  const auto found = std::find_if(recipes.begin(), recipes.end(), [&](const auto& recipe) {
    return recipe.name == lower_case(std::string(name));
  });
  return found == recipes.end() ? nullptr : &*found;
}

std::vector<std::string> names_of_built_in() {
  std::vector<std::string> names;
  for (const BuiltInRecipe& recipe : built_in_recipes()) names.emplace_back(recipe.name);
  return names;
}

}  // namespace

Recipe::Recipe(const std::string& yaml, const std::string& source) : source_(source), text_(yaml) {
  const RecipeSource place{source};
  const YamlValue root = parse_yaml(yaml, "recipe " + source);
  const MapReader reader(root, place, "", recipe_keys);
  name_ = reader.text("name", "");
  read_patterns(reader, place);
  read_names(reader, place);
  ignored_ = reader.texts("ignore");
  for (const std::string& name : reader.texts("complete")) {
    const int line = reader.find("complete")->line;
    const auto part = part_index(name);
    if (!part)
      place.fail(line, fmt::format("`complete`: `{}` is not a part of every image; {}", name,
                                   did_you_mean(name, names_of(parts_))));
    if (!parts_[*part].has_values())
      place.fail(line, fmt::format("`complete`: `parts` has no map of the values of `{}`", name));
    complete_.push_back(*part);
  }
  read_columns(reader, place);
  if (const YamlValue* value = reader.find("labels")) labels_ = read_labels(*value, place);
  if (const YamlValue* value = reader.find("intensity")) intensity_ = read_intensity(*value, place);
  if (const YamlValue* value = reader.find("groups")) groups_ = read_groups(*value, place);
  if (!labels_.empty()) groups_of(labels_);
  if (const YamlValue* value = reader.find("steps"))
    steps_ = read_steps(*value, labels_, parts_, place);
  if (const YamlValue* value = reader.find("splits")) splits_ = read_splits(*value, parts_, place);
  if (const auto known = known_columns(metadata_, parts_)) require_columns(*known);
}

void Recipe::read_columns(const MapReader& reader, const RecipeSource& source) {
  if (const YamlValue* value = reader.find("no_mask"))
    no_mask_ = read_condition(*value, "no_mask", parts_, source);
  if (const YamlValue* value = reader.find("where"))
    where_ = read_condition(*value, "where", parts_, source);
  where_of_parts_ = where_.of_parts();
  const YamlValue* volume = reader.find("volume");
  if (const YamlValue* choose = volume->find("choose")) {
    choose_line_ = choose->line;
    choose_ = source.reading(choose->line, "choose",
                             [&] { return ColumnPattern(source.text(*choose, "choose"), parts_); });
  }
  if (const YamlValue* value = reader.find("metadata"))
    metadata_ = read_metadata_tables(*value, parts_, source);
  if (const YamlValue* value = reader.find("columns"))
    columns_ = read_derived_columns(*value, parts_, source);
}

void Recipe::require_columns(const std::vector<std::string>& of_metadata) const {
  std::vector<std::string> there = names_of(parts_);
  there.insert(there.end(), of_metadata.begin(), of_metadata.end());
  const RecipeSource place{source_};
  auto require = [&](const std::string& column, const std::string& key, int line) {
    if (!is_among(column, there))
      place.fail(line, fmt::format("`{}`: there is no column `{}`; {}", key, column,
                                   did_you_mean(column, there)));
  };
  auto require_all = [&](const Condition& condition, const std::string& key) {
    for (const Condition::Wish& wish : condition.wishes) require(wish.column, key, wish.line);
  };
  for (const DerivedColumn& column : columns_) {
    require(column.from, column.name, column.line);
    for (const DerivedColumn::Value& value : column.values)
      for (const ColumnPattern& pattern : value.patterns)
        for (const std::string& name : pattern.columns()) require(name, column.name, column.line);
    there.push_back(column.name);
  }
  if (no_mask_) require_all(*no_mask_, "no_mask");
  require_all(where_, "where");
  for (const auto& [step, where] : steps_) require_all(where, "where");
  if (choose_)
    for (const std::string& name : choose_->columns()) require(name, "choose", choose_line_);
  // The manifest that is split has more columns.
  auto require_there = [&](const std::string& column, const std::string& key, int line) {
    if (!is_taken_name(column)) require(column, key, line);
  };
  for (const SplitPlan& plan : splits_)
    for (const SplitRule& rule : plan.rules) {
      for (const Condition::Wish& wish : rule.where.wishes)
        require_there(wish.column, "where", wish.line);
      for (const auto& [column, key] : columns_of(rule)) require_there(column, key, plan.line);
    }
}

void Recipe::read_patterns(const MapReader& reader, const RecipeSource& source) {
  std::vector<GivenPattern> patterns{given_pattern(
      reader.need("volume", "the path of an image below the archive, such as \"{pid}.nii.gz\""),
      "volume", source)};
  if (const YamlValue* mask = reader.find("mask"))
    patterns.push_back(given_pattern(*mask, "mask", source));
  Parts all = read_parts(reader, source);
  const std::size_t declared = all.size();
  std::vector<std::vector<std::string>> names;
  for (const GivenPattern& given : patterns) names.push_back(parts_of(given, all, source));
  for (std::size_t i = 0; i < declared; ++i) {
    const bool is_used = std::any_of(names.begin(), names.end(),
                                     [&](const auto& each) { return is_among(all[i].name, each); });
    if (is_used) continue;
    std::vector<std::string> undeclared;
    for (std::size_t j = declared; j < all.size(); ++j) undeclared.push_back(all[j].name);
    const std::string near = near_miss(all[i].name, undeclared);
    for (const YamlEntry& entry : reader.find("parts")->entries)
      if (entry.key == all[i].name)
        source.fail(entry.line,
                    fmt::format("`parts`: `{}` is in no path pattern{}", entry.key,
                                near.empty() ? "; remove it, or use it there"
                                             : fmt::format("; they have {{{}}}", near)));
  }
  // Those of every pattern first: PartValues end there.
  const auto others = std::stable_partition(all.begin(), all.end(), [&](const Part& part) {
    return std::all_of(names.begin(), names.end(),
                       [&](const auto& each) { return is_among(part.name, each); });
  });
  parts_.assign(all.begin(), others);
  if (parts_.empty())
    source.fail(patterns.back().line,
                patterns.size() == 1 ? "`volume` has no part, such as {pid}"
                                     : "`mask` has no part in common with `volume`, such as {pid}");
  for (const GivenPattern& given : patterns) {
    auto& pattern = given.key == "mask" ? mask_ : volume_;
    pattern = source.reading(given.line, given.key, [&] { return PathPattern(given.text, all); });
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (pattern->can_leave_out(i)) parts_[i].can_be_empty = true;
  }
}

void Recipe::read_names(const MapReader& reader, const RecipeSource& source) {
  auto read = [&](const std::string& key) -> std::optional<Pattern> {
    const YamlValue* value = reader.find(key);
    if (!value) return {};
    const std::string& text = source.text(*value, key);
    Pattern pattern = source.reading(value->line, key, [&] { return Pattern(text, parts_); });
    if (key != "folder" && pattern.parts().empty())
      source.fail(value->line,
                  fmt::format("`{}` has no part, such as {{{}}}", key, parts_[0].name));
    if (key != "folder" && text.find('/') != std::string::npos)
      source.fail(value->line,
                  fmt::format("`{}` has a slash, which cannot be in a file name", key));
    return pattern;
  };
  id_ = read("id");
  id_line_ = reader.find(id_ ? "id" : "volume")->line;
  folder_ = read("folder");
  if (folder_ &&
      (folder_->text().starts_with('/') || ("/" + folder_->text()).find("/.") != std::string::npos))
    source.fail(reader.find("folder")->line,
                "`folder` is not a path below the dataset; no name in it can begin with a dot");
  patient_ = read("patient");
  if (!patient_ && part_index("pid"))
    patient_.emplace(part_index("site") ? "{site}_{pid}" : "{pid}", parts_);
}

LabelGroups Recipe::groups_of(const LabelNames& labels) const {
  return nicohort::groups_of(groups_, labels, RecipeSource{source_});
}

std::optional<std::size_t> Recipe::part_index(std::string_view part) const {
  return index_of(parts_, part);
}

std::optional<PartValues> Recipe::match(const PathPattern& pattern, const std::string& path) const {
  auto values = pattern.match(path);
  if (values) values->resize(parts_.size());
  return values;
}

std::optional<ImageKey> Recipe::parse_image_path(const std::string& path) const {
  auto values = mask_ ? match(*mask_, path) : std::nullopt;
  const bool is_mask = values.has_value();
  if (!values) values = match(*volume_, path);
  if (!values || !name_fault(*values).empty()) return {};
  return ImageKey{std::move(*values), is_mask};
}

std::string Recipe::misfit(const std::string& path) const {
  auto values = mask_ ? match(*mask_, path) : std::nullopt;
  if (!values) values = match(*volume_, path);
  std::string fault = values ? name_fault(*values) : "";
  if (!fault.empty()) return fault;
  const PathPattern* nearest = &*volume_;
  PathPattern::Misfit misfit = volume_->misfit(path);
  if (mask_)
    if (PathPattern::Misfit of_mask = mask_->misfit(path); of_mask.fitting > misfit.fitting) {
      nearest = &*mask_;
      misfit = std::move(of_mask);
    }
  return fmt::format("does not match {}: {}",
                     mask_ ? fmt::format("the pattern `{}`, nor that of {}", nearest->text(),
                                         nearest == &*volume_ ? "masks" : "volumes")
                           : image_patterns(),
                     misfit.what);
}

std::string Recipe::image_patterns() const {
  if (!mask_) return fmt::format("the pattern `{}`", volume_->text());
  return fmt::format("the patterns `{}` and `{}`", volume_->text(), mask_->text());
}

std::string Recipe::with_part(const std::string& path, std::size_t part,
                              const std::string& value) const {
  const bool is_mask = mask_ && mask_->match(path);
  return (is_mask ? *mask_ : *volume_).with_part(path, part, value);
}

bool Recipe::has_name(const std::string& name) const {
  for (const Part& part : parts_)
    for (const auto& [short_form, in_archive] : part.values)
      if (name == short_form || name == in_archive) return true;
  return volume_->has_folder(name) || (mask_ && mask_->has_folder(name));
}

bool Recipe::ignores(const std::string& path) const {
  return std::any_of(ignored_.begin(), ignored_.end(), [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0;
  });
}

std::string Recipe::sample_id(const PartValues& values) const {
  if (id_) return id_->fill(values);
  std::string id;
  for (const std::string& value : values)
    if (!value.empty()) id += (id.empty() ? "" : "_") + value;
  return id;
}

void Recipe::fail_id(const std::string& what) const {
  RecipeSource{source_}.fail(id_line_, what);
}

std::string Recipe::folder(const PartValues& values) const {
  if (!folder_) return "";
  std::string folder;
  const std::string filled = folder_->fill(values);
  for (std::size_t begin = 0; begin < filled.size();) {
    const std::size_t end = std::min(filled.find('/', begin), filled.size());
    if (end > begin) folder += (folder.empty() ? "" : "/") + filled.substr(begin, end - begin);
    begin = end + 1;
  }
  return folder;
}

std::string Recipe::patient(const PartValues& values) const {
  return patient_ ? patient_->fill(values) : sample_id(values);
}

std::vector<std::string> Recipe::patient_values(const PartValues& values) const {
  if (!patient_) return {sample_id(values)};
  std::vector<std::string> texts;
  for (std::size_t part : patient_->parts()) texts.push_back(values[part]);
  return texts;
}

bool Recipe::is_without_mask(const ValueOf& value_of) const {
  return !mask_ || (no_mask_ && no_mask_->is_fulfilled(value_of));
}

bool Recipe::is_wanted(const PartValues& values) const {
  return where_of_parts_.is_fulfilled(
      [&](const std::string& part) { return values[*part_index(part)]; });
}

std::string Recipe::name_fault(const PartValues& values) const {
  const std::string id = sample_id(values);
  if (const std::string fault = file_name_fault(id); !fault.empty())
    return fmt::format("would be the sample `{}`, a name that {}", printable(id), fault);
  // Its record would be another file of the dataset.
  if (id == "dataset" || id == "unfinished")
    return fmt::format("would be the sample `{}`, a name that nicohort uses for itself", id);
  const std::filesystem::path above = folder(values);
  for (const auto& name : above)
    if (const std::string fault = file_name_fault(name.string()); !fault.empty())
      return fmt::format("would be in the folder `{}`, a name that {}", printable(name.string()),
                         fault);
  return "";
}

const BuiltInRecipe& built_in_recipe(std::string_view name) {
  if (const BuiltInRecipe* found = find_built_in(name)) return *found;
  throw UsageError(fmt::format("recipe {}: is no built-in recipe; {}", name,
                               did_you_mean(name, names_of_built_in())));
}

Recipe load_recipe(const std::filesystem::path& recipe) {
  if (const auto* built_in = find_built_in(recipe.empty() ? default_recipe : recipe.string()))
    return Recipe(std::string(built_in->text), fmt::format("{} (built in)", built_in->name));
  std::error_code error;
  if (!std::filesystem::exists(recipe, error) && !recipe.has_parent_path() &&
      !recipe.has_extension())
    throw UsageError(fmt::format("recipe {}: is neither a file nor a built-in recipe; {}",
                                 recipe.string(),
                                 did_you_mean(recipe.string(), names_of_built_in())));
  return Recipe(read_small_text(recipe), recipe.string());
}

}  // namespace nicohort
