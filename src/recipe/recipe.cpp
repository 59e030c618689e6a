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

const std::vector<std::string> recipe_keys{
    "name",   "volume",    "mask",        "parts", "id",       "patient", "folder",
    "ignore", "complete",  "no_mask",     "where", "metadata", "columns", "labels",
    "groups", "intensity", "volume_type", "steps", "splits"};

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
                                                      const std::vector<std::string>& derived,
                                                      const Parts& parts) {
  std::vector<std::string> names;
  for (const MetadataTable& table : tables) {
    if (table.columns.empty()) return {};
    for (const MetadataTable::Column& column : table.columns) {
      if (index_of(parts, column.name) || is_taken_name(column.name) ||
          is_among(column.name, derived))
        return {};  // gets another
      names.push_back(column.name);
    }
  }
  return names;
}

IntensityScale read_intensity(const YamlValue& map, const RecipeSource& source) {
  const MapReader reader(map, source, "intensity", {"unit", "window"});
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
  images_.emplace(reader, place);
  read_names(reader, place);
  ignored_ = reader.texts("ignore");
  for (const std::string& name : reader.texts("complete")) {
    const int line = reader.find("complete")->line;
    const auto part = part_index(name);
    if (!part)
      place.fail(line, fmt::format("`complete`: `{}` is not a part of every image; {}", name,
                                   did_you_mean(name, names_of(parts()))));
    if (!parts()[*part].has_values())
      place.fail(line, fmt::format("`complete`: `parts` has no map of the values of `{}`", name));
    complete_.push_back(*part);
  }
  read_columns(reader, place);
  if (const YamlValue* value = reader.find("labels")) labels_ = read_labels(*value, place);
  if (images_->overlap() && labels_.empty())
    place.fail(reader.find("mask")->line,
               "`mask` has a file for each label, but there are no `labels` to name them");
  if (const YamlValue* value = reader.find("intensity")) intensity_ = read_intensity(*value, place);
  if (const YamlValue* value = reader.find("volume_type")) {
    const std::string& type = place.text(*value, "volume_type");
    if (type != "float32" && type != "source")
      place.fail(value->line,
                 fmt::format("`volume_type` is `{}`; it should be float32 or source", type));
    keeps_volume_type_ = type == "source";
  }
  if (const YamlValue* value = reader.find("groups")) groups_ = read_groups(*value, place);
  if (!labels_.empty()) groups_of(labels_);
  if (const YamlValue* value = reader.find("steps"))
    steps_ = read_steps(*value, labels_, parts(), place);
  if (const YamlValue* value = reader.find("splits")) splits_ = read_splits(*value, parts(), place);
  std::vector<std::string> derived;
  for (const DerivedColumn& column : columns_) derived.push_back(column.name);
  if (const auto known = known_columns(metadata_, derived, parts()))
    require_columns(*known, derived);
}

void Recipe::read_columns(const MapReader& reader, const RecipeSource& source) {
  if (const YamlValue* value = reader.find("no_mask"))
    no_mask_ = read_condition(*value, "no_mask", parts(), source);
  if (const YamlValue* value = reader.find("where"))
    where_ = read_condition(*value, "where", parts(), source);
  where_of_parts_ = where_.of_parts();
  const YamlValue* volume = reader.find("volume");
  if (const YamlValue* choose = volume->find("choose")) {
    choose_line_ = choose->line;
    choose_ = source.reading(choose->line, "choose", [&] {
      return ColumnPattern(source.text(*choose, "choose"), parts());
    });
  }
  if (const YamlValue* value = reader.find("metadata"))
    metadata_ = read_metadata_tables(*value, parts(), source);
  if (const YamlValue* value = reader.find("columns"))
    columns_ = read_derived_columns(*value, parts(), source);
}

void Recipe::require_columns(const std::vector<std::string>& of_metadata,
                             const std::vector<std::string>& derived) const {
  std::vector<std::string> there = names_of(parts());
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
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const DerivedColumn& column = columns_[i];
    require(column.from, column.name, column.line);
    for (const DerivedColumn::Value& value : column.values)
      for (const ColumnPattern& pattern : value.patterns)
        for (const std::string& name : pattern.columns()) require(name, column.name, column.line);
    there.push_back(derived[i]);
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

std::set<std::string> Recipe::used_columns() const {
  std::set<std::string> used;
  auto use = [&](const std::string& column) {
    if (!part_index(column)) used.insert(column);
  };
  auto use_all = [&](const Condition& condition) {
    for (const Condition::Wish& wish : condition.wishes) use(wish.column);
  };
  use_all(where_);
  if (no_mask_) use_all(*no_mask_);
  for (const auto& [step, where] : steps_) use_all(where);
  if (choose_)
    for (const std::string& column : choose_->columns()) use(column);
  for (const DerivedColumn& derived : columns_)
    for (const std::string& column : derived.sources()) use(column);
  return used;
}

std::vector<GivenValues> Recipe::given_values() const {
  std::vector<GivenValues> all;
  const auto add = [&](const Condition& condition, const char* key) {
    for (const Condition::Wish& wish : condition.wishes)
      all.push_back({wish.column, key, wish.values, wish.line});
  };
  add(where_, "where");
  if (no_mask_) add(*no_mask_, "no_mask");
  for (const RecipeStep& step : steps_) add(step.where, "where");
  for (const SplitPlan& plan : splits_)
    for (const SplitRule& rule : plan.rules) {
      add(rule.where, "where");
      GivenValues of_column{rule.by, "values", {}, plan.line};
      for (const auto& [value, side] : rule.renamed) of_column.values.push_back(value);
      if (!of_column.values.empty()) all.push_back(std::move(of_column));
    }
  for (const DerivedColumn& column : columns_) {
    GivenValues given{column.from, column.name, {}, column.line};
    for (const DerivedColumn::Value& value : column.values)
      for (const ColumnPattern& pattern : value.patterns) {
        given.values.push_back(pattern.text());
        for (const std::size_t part : pattern.parts())
          all.push_back({parts()[part].name, column.name, {pattern.text()}, column.line});
      }
    all.push_back(std::move(given));
  }
  return all;
}

void Recipe::read_names(const MapReader& reader, const RecipeSource& source) {
  auto read = [&](const std::string& key) -> std::optional<Pattern> {
    const YamlValue* value = reader.find(key);
    if (!value) return {};
    const std::string& text = source.text(*value, key);
    Pattern pattern = source.reading(value->line, key, [&] { return Pattern(text, parts()); });
    if (key != "folder" && pattern.parts().empty())
      source.fail(value->line,
                  fmt::format("`{}` has no part, such as {{{}}}", key, parts()[0].name));
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
    patient_.emplace(part_index("site") ? "{site}_{pid}" : "{pid}", parts());
}

LabelGroups Recipe::groups_of(const LabelNames& labels) const {
  return nicohort::groups_of(groups_, labels, RecipeSource{source_});
}

std::optional<std::size_t> Recipe::part_index(std::string_view part) const {
  return index_of(parts(), part);
}

std::optional<ImageKey> Recipe::parse_image_path(const std::string& path) const {
  auto key = images_->find(path, labels_);
  if (key && !name_fault(key->parts).empty()) key.reset();
  return key;
}

std::string Recipe::misfit(const std::string& path) const {
  const auto key = images_->find(path, labels_);
  return key ? name_fault(key->parts) : images_->misfit(path);
}

bool Recipe::has_name(const std::string& name) const {
  for (const Part& part : parts())
    for (const auto& [short_form, in_archive] : part.values)
      if (name == short_form || name == in_archive) return true;
  return images_->has_folder(name);
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

void Recipe::fail_id(const PartValues& one, const PartValues& other) const {
  RecipeSource{source_}.fail(
      id_line_, fmt::format("the samples `{}` and `{}` would both have the identifier `{}`; give "
                            "the recipe an `id` with all parts in which samples differ",
                            fmt::join(one, " "), fmt::join(other, " "), sample_id(one)));
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
  return !images_->has_mask() || (no_mask_ && no_mask_->is_fulfilled(value_of));
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

void require_labels_of_mask_files(const Recipe& recipe, const LabelNames& labels,
                                  const std::filesystem::path& file) {
  if (recipe.images().overlap() && labels != recipe.labels())
    throw UsageError(fmt::format(
        "{}: differs from the labels of the recipe {}, by which its mask files are numbered; "
        "remove it, or make both the same",
        file.string(), recipe.source()));
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
