#include "run/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/problem.hpp"
#include "cohort/built_in_recipe.hpp"
#include "cohort/yaml.hpp"

namespace nicohort {
namespace {

// Reads the values of one map and says where a mistake is: `pipeline.denoise.kernel_size`.
class Reader {
 public:
  Reader(const YAML::Node& node, std::string source, std::string path,
         const std::set<std::string>& known)
      : node_(node), source_(std::move(source)), path_(std::move(path)) {
    if (node_ && !node_.IsMap()) fail("", "is not a map of keys");
    if (!node_) return;
    for (const auto& entry : node_)
      if (!known.contains(entry.first.Scalar())) fail(entry.first.Scalar(), "is not a known key");
  }

  YAML::Node operator[](const std::string& key) const {
    return node_ ? node_[key] : YAML::Node(YAML::NodeType::Undefined);
  }

  // Whether the key has a value; null is none.
  bool has(const std::string& key) const {
    const YAML::Node given = (*this)[key];
    return given && !given.IsNull();
  }

  template <class T>
  void read(const std::string& key, T& value) const {
    if (!has(key)) return;
    try {
      value = (*this)[key].as<T>();
    } catch (const YAML::Exception&) {
      fail(key, "has a value of the wrong kind");
    }
  }

  void read(const std::string& key, std::optional<double>& number) const {
    if (has(key)) read(key, number.emplace());
  }

  void read(const std::string& key, std::optional<Window>& window) const {
    if (!has(key)) return;
    std::vector<double> bounds;
    read(key, bounds);
    if (bounds.size() != 2 || !(bounds[0] <= bounds[1]))
      fail(key, "is not [lowest, highest] or null");
    window = Window{bounds[0], bounds[1]};
  }

  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw UsageError(fmt::format("recipe {}: {}{}{} {}; docs/recipes.md explains the keys", source_,
                                 path_, key.empty() ? "" : ".", key, what));
  }

 private:
  YAML::Node node_;
  std::string source_, path_;
};

DenoiseParameters read_denoise(const Reader& reader) {
  if (!reader.has("kernel_size")) reader.fail("kernel_size", "is missing: [x, y] in voxels");
  if (!reader.has("region_area_thresh"))
    reader.fail("region_area_thresh", "is missing: a number of mm²");
  DenoiseParameters denoise;
  std::vector<int> kernel;
  reader.read("kernel_size", kernel);
  if (kernel.size() != 2 || std::min(kernel[0], kernel[1]) < 1)
    reader.fail("kernel_size", "is not two whole numbers above 0");
  denoise.kernel_x = kernel[0];
  denoise.kernel_y = kernel[1];
  reader.read("filter_halfedge", denoise.filter_halfedge);
  if (denoise.filter_halfedge < 0) reader.fail("filter_halfedge", "is negative");
  reader.read("region_area_thresh", denoise.region_area_thresh);
  std::string empty_label = "neighbourhood";
  reader.read("empty_label", empty_label);
  if (empty_label != "neighbourhood" && empty_label != "background")
    reader.fail("empty_label", "is neither neighbourhood nor background");
  denoise.empty_label =
      empty_label == "background" ? EmptyLabel::background : EmptyLabel::neighbourhood;
  return denoise;
}

SplitPlan read_split(const YAML::Node& node, const std::string& source, std::size_t index) {
  Reader reader(node, source, fmt::format("pipeline.splits[{}]", index),
                {"name", "sites", "test_ratio", "val_ratio", "random_seed", "stratify_by",
                 "subsets", "exclude_rejected"});
  SplitPlan plan;
  reader.read("name", plan.name);
  reader.read("sites", plan.sites);
  reader.read("test_ratio", plan.ratios.test);
  reader.read("val_ratio", plan.ratios.val);
  reader.read("random_seed", plan.random_seed);
  reader.read("stratify_by", plan.stratify_by);
  reader.read("subsets", plan.subsets);
  reader.read("exclude_rejected", plan.exclude_rejected);
  if (plan.name.empty()) reader.fail("name", "is missing");
  if (plan.sites.empty()) reader.fail("sites", "is missing: a list of sites");
  for (const auto& subsets : plan.subsets)
    if (subsets.empty()) reader.fail("subsets", "has an empty list");
  return plan;
}

}  // namespace

Pipeline parse_pipeline(std::string_view recipe_yaml, const std::string& source) {
  YAML::Node root = parse_yaml(recipe_yaml, "recipe " + source);
  Reader reader(
      root.IsMap() ? root["pipeline"] : YAML::Node(), source, "pipeline",
      {"threshold", "label_map", "small_regions", "denoise", "small_regions_after", "splits"});
  Pipeline pipeline;
  reader.read("threshold", pipeline.threshold);
  reader.read("small_regions", pipeline.small_regions);
  reader.read("small_regions_after", pipeline.small_regions_after);
  if (reader.has("denoise")) {
    Reader denoise(
        reader["denoise"], source, "pipeline.denoise",
        {"threshold", "kernel_size", "filter_halfedge", "region_area_thresh", "empty_label"});
    pipeline.denoise = read_denoise(denoise);
    denoise.read("threshold", pipeline.denoise_threshold);
  }
  if (reader.has("label_map"))
    pipeline.labels = label_names_of(reader["label_map"], source + ", pipeline.label_map");
  YAML::Node splits = reader["splits"];
  if (reader.has("splits") && !splits.IsSequence()) reader.fail("splits", "is not a list");
  for (std::size_t i = 0; reader.has("splits") && i < splits.size(); ++i)
    pipeline.splits.push_back(read_split(splits[i], source, i));
  return pipeline;
}

Pipeline load_pipeline(const std::filesystem::path& recipe) {
  if (recipe.empty()) return parse_pipeline(built_in_recipe, built_in_recipe_name);
  return parse_pipeline(read_small_text(recipe), recipe.string());
}

}  // namespace nicohort
