#include "recipe/recipe_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/near_miss.hpp"
#include "recipe/yaml_json.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// A list of regions behind one of these tells of a mask that was modified.
const std::set<std::string> modifying{"clean_slices", "fill_holes", "keep_largest", "remove_small"};
// Tables of the folder that lists of regions are written to.
const std::set<std::string> other_tables{"archive_manifest.xlsx", "dataset_manifest.xlsx",
                                         "review.xlsx", "label_map.yaml"};

const Parameter* find_parameter(const Parameters& parameters, const std::string& name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& each) { return each.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

// One step of a recipe, on its way from YAML to its parameters.
class StepReader {
 public:
  StepReader(const YamlEntry& entry, const RecipeSource& source)
      : entry_(entry), source_(source), step_(make_step(entry.key)) {
    if (!step_) refuse_name();
    parameters_ = step_->parameters();
    if (entry.value.is_map() && !is_main_a_map()) {
      source.require_distinct_keys(entry.value, entry.key);
      for (const YamlEntry& given : entry.value.entries) set(given.key, given.line, given.value);
    } else if (!entry.value.is_null()) {
      set(step_->main_parameter(), entry.line, entry.value);
    }
    for (const Parameter& parameter : parameters_)
      if (parameter.is_required && !given_.contains(parameter.name))
        source.fail(entry.line,
                    fmt::format("`{}` needs `{}`: {}", entry.key, parameter.name, parameter.help));
  }

  const StepPtr& step() const { return step_; }
  int line() const { return entry_.line; }

  // Where the step keeps this text, if it has such a parameter.
  std::string* text(const std::string& name) const {
    const Parameter* parameter = find_parameter(parameters_, name);
    std::string* const* place = parameter ? std::get_if<std::string*>(&parameter->place) : nullptr;
    return place ? *place : nullptr;
  }
  bool is_given(const std::string& name) const { return given_.contains(name); }
  // A scalar as it is written; empty if it is not given.
  std::string written(const std::string& name) const {
    const auto found = given_.find(name);
    return found == given_.end() ? "" : found->second->text;
  }

 private:
  // `relabel: {26: Bg}`
  bool is_main_a_map() const {
    const Parameter* main = find_parameter(parameters_, step_->main_parameter());
    return std::holds_alternative<std::map<int, std::string>*>(main->place);
  }

  [[noreturn]] void refuse_name() const {
    source_.fail(entry_.line, fmt::format("`{}` is not a step; {}", entry_.key,
                                          did_you_mean(entry_.key, step_names())));
  }

  void set(const std::string& name, int line, const YamlValue& value) {
    const Parameter* parameter = find_parameter(parameters_, name);
    if (!parameter) {
      std::vector<std::string> names;
      for (const Parameter& each : parameters_) names.push_back(each.name);
      source_.fail(line, fmt::format("`{}` is not a parameter of `{}`; {}", name, entry_.key,
                                     did_you_mean(name, names)));
    }
    if (value.is_null())
      source_.fail(line, fmt::format("`{}` of `{}` has no value; give it one or remove it", name,
                                     entry_.key));
    if (value.is_list() && value.items.empty())
      source_.fail(line, fmt::format("`{}` of `{}` is an empty list; name something in it, or "
                                     "remove it",
                                     name, entry_.key));
    try {
      set_parameter(*parameter, json_of(value));
    } catch (const UsageError& error) {
      source_.fail(line, fmt::format("`{}`: {}", entry_.key, error.what()));
    }
    given_.emplace(name, &value);
  }

  const YamlEntry& entry_;
  const RecipeSource& source_;
  StepPtr step_;
  Parameters parameters_;
  std::map<std::string, const YamlValue*> given_;
};

// The one step of an item of the list; beside it there can be `where`.
const YamlEntry& step_entry(const YamlValue& item, const RecipeSource& source) {
  const YamlEntry* step = nullptr;
  if (item.is_map()) {
    source.require_distinct_keys(item, "steps");
    for (const YamlEntry& entry : item.entries) {
      if (entry.key == "where") continue;
      if (step)
        source.fail(entry.line, fmt::format("`{}` and `{}` are one item of `steps`; begin each "
                                            "step with `- `",
                                            step->key, entry.key));
      step = &entry;
    }
  }
  if (!step)
    source.fail(item.line,
                "`steps` has an item that is not a map of one step, such as `threshold: [-140, "
                "1000]`");
  return *step;
}

// The number of `300 mm3` as it is written.
std::string amount_of(const std::string& size) {
  return size.substr(0, size.find_first_not_of("0123456789.eE+-"));
}

// Gives lists without a name theirs, and checks the names.
class ListNames {
 public:
  void name(const StepReader& reader, const RecipeSource& source) {
    if (reader.step()->name() != "list_small") {
      is_behind_modification_ |= modifying.contains(reader.step()->name());
      return;
    }
    std::string* const output = reader.text("output");
    if (!output) return;
    if (!reader.is_given("output"))
      *output = fmt::format("small_connected_region_{}{}_manifest.xlsx",
                            amount_of(reader.written("smaller_than")),
                            is_behind_modification_ ? "_after_modification" : "");
    const bool is_table = output->ends_with(".xlsx") || output->ends_with(".csv");
    if (!is_table || output->starts_with('.') || output->find_first_of("/\\") != std::string::npos)
      source.fail(reader.line(), fmt::format("`output` of `list_small` is `{}`; it should be a "
                                             "file's name that ends in .xlsx or .csv",
                                             *output));
    if (other_tables.contains(lower_case(*output)))
      source.fail(reader.line(),
                  fmt::format("`output` of `list_small` is `{}`, another table's name", *output));
    if (!names_.insert(*output).second)
      source.fail(reader.line(), fmt::format("two steps `list_small` write `{}`; give one of them "
                                             "another `output`",
                                             *output));
  }

 private:
  bool is_behind_modification_ = false;
  std::set<std::string> names_;
};

}  // namespace

Steps all_steps(const RecipeSteps& steps) {
  Steps all;
  for (const auto& [step, where] : steps) all.push_back(step);
  return all;
}

Steps steps_for(const RecipeSteps& steps, const ValueOf& value_of) {
  Steps of_sample;
  for (const auto& [step, where] : steps)
    of_sample.push_back(where.is_fulfilled(value_of) ? step : spared(step));
  return of_sample;
}

RecipeSteps read_steps(const YamlValue& list, const LabelNames& labels, const Parts& parts,
                       const RecipeSource& source) {
  if (!list.is_list())
    source.fail(list.line, "`steps` is not a list of steps, such as `- threshold: [-140, 1000]`");
  RecipeSteps steps;
  ListNames lists;
  std::vector<StepWork> works;
  for (const YamlValue& item : list.items) {
    const StepReader reader(step_entry(item, source), source);
    lists.name(reader, source);
    if (const std::string what = unknown_label(*reader.step(), labels);
        !labels.empty() && !what.empty())
      source.fail(reader.line(), what);
    const YamlValue* where = item.find("where");
    const StepWork work = reader.step()->work();
    if (!where && (is_in_effect(work, works) || (!works.empty() && works.back() == work)))
      source.fail(reader.line(),
                  fmt::format("`{}` occurs a second time, which {}; remove it", work.name,
                              is_in_effect(work, works) ? "changes nothing"
                                                        : "would be taken for the same step"));
    // One that some samples are spared is not in effect for all.
    works.push_back(where ? spared(reader.step())->work() : work);
    steps.push_back(
        {reader.step(), where ? read_condition(*where, "where", parts, source) : Condition()});
  }
  return steps;
}

RecipeStep read_step(const std::string& yaml, const Parts& parts) {
  YamlValue step = parse_yaml(yaml, "step");
  if (step.is_scalar()) {
    const YamlEntry named{step.text, step.line, {}};
    step = {YamlValue::Kind::map, step.line, "", false, {}, {named}};
  }
  const YamlValue list{YamlValue::Kind::list, step.line, "", false, {step}, {}};
  return read_steps(list, {}, parts, {"on the command line"}).front();
}

}  // namespace nicohort
