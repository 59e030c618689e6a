#include "cohort/recipe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "cohort/built_in_recipe.hpp"
#include "cohort/yaml.hpp"

namespace nicohort {
namespace {

constexpr std::string_view image_ending = ".nii.gz";

// Splits "{site}_{pid}" into literal, placeholder, literal, placeholder, ..., literal.
std::vector<std::string> split_placeholders(std::string_view pattern) {
  std::vector<std::string> parts;
  for (;;) {
    std::size_t open = pattern.find('{'), close = pattern.find('}', open);
    if (open == std::string::npos || close == std::string::npos) break;
    parts.emplace_back(pattern.substr(0, open));
    parts.emplace_back(pattern.substr(open + 1, close - open - 1));
    pattern.remove_prefix(close + 1);
  }
  parts.emplace_back(pattern);
  return parts;
}

std::string one_of(const std::vector<std::string>& names) {
  std::string expression;
  for (const std::string& name : names)
    expression += (expression.empty() ? "" : "|") + re2::RE2::QuoteMeta(name);
  return expression;
}

}  // namespace

std::size_t Recipe::Names::index_of(const std::string& short_form) const {
  return std::find(short_forms.begin(), short_forms.end(), short_form) - short_forms.begin();
}

Recipe::Recipe(std::string_view text, const std::string& source) {
  auto fail = [&](const std::string& what) {
    throw UsageError(fmt::format("recipe {}: {}; docs/recipes.md explains the keys", source, what));
  };
  YAML::Node root = parse_yaml(text, "recipe " + source);
  if (!root.IsMap()) fail("is not a map of keys");
  static constexpr std::string_view known[] = {"name", "sites",    "phases", "types",   "image",
                                               "pid",  "metadata", "id",     "pipeline"};
  for (const auto& entry : root)
    if (std::find(std::begin(known), std::end(known), entry.first.Scalar()) == std::end(known))
      fail(fmt::format("has an unknown key `{}`", entry.first.Scalar()));
  auto text_of = [&](const YAML::Node& node, const char* key, const char* otherwise) {
    YAML::Node value = node[key];
    if (!value && otherwise != nullptr) return std::string(otherwise);
    if (!value || !value.IsScalar() || value.Scalar().empty())
      fail(fmt::format("needs `{}`, a text", key));
    return value.Scalar();
  };
  auto names_of = [&](const char* key) {
    YAML::Node map = root[key];
    if (!map || !map.IsMap() || map.size() == 0)
      fail(fmt::format("needs `{}`, a map of short form: name in the archive", key));
    Names names;
    for (const auto& entry : map) {
      if (!entry.second.IsScalar()) fail(fmt::format("`{}` has a value that is not a text", key));
      const std::string& short_form = entry.first.Scalar();
      if (names.index_of(short_form) < names.short_forms.size())
        fail(fmt::format("`{}` has `{}` more than once; each needs a name of its own", key,
                         short_form));
      names.short_forms.push_back(short_form);
      names.in_archive.push_back(entry.second.Scalar());
    }
    return names;
  };
  sites_ = names_of("sites");
  phases_ = names_of("phases");
  types_ = names_of("types");
  for (std::string_view type : {volume_type, mask_type})
    if (types_.index_of(std::string(type)) == types_.short_forms.size())
      fail(fmt::format("`types` needs `{}`", type));
  image_pattern_ = text_of(root, "image", nullptr);
  pid_pattern_ = text_of(root, "pid", "[^_/]+");
  id_pattern_ = text_of(root, "id", "{site}_{pid}_{phase}");
  YAML::Node metadata = root["metadata"];
  if (metadata && !metadata.IsMap()) fail("`metadata` is not a map");
  if (metadata) {
    metadata_pattern_ = text_of(metadata, "file", nullptr);
    metadata_key_ = text_of(metadata, "key", nullptr);
    metadata_sheet_ = text_of(metadata, "sheet", "");
  }
  for (std::string_view needed : {"{site}", "{pid}", "{phase}"})
    if (id_pattern_.find(needed) == std::string::npos)
      fail(fmt::format("`id` needs {}: two samples must not share one", needed));
  if (id_pattern_.find('/') != std::string::npos)
    fail("`id` has a slash, which no file name can have");
  compile_image_pattern(source);
}

void Recipe::compile_image_pattern(const std::string& source) {
  auto fail = [&](const std::string& what) {
    throw UsageError(fmt::format("recipe {}: `image` {}", source, what));
  };
  std::string_view pattern = image_pattern_;
  if (!pattern.ends_with(image_ending)) fail("must end in .nii.gz");
  pattern.remove_suffix(image_ending.size());
  std::string expression;
  auto parts = split_placeholders(pattern);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (i % 2 == 0) {
      expression += re2::RE2::QuoteMeta(part);
      continue;
    }
    std::string alternatives = part == "site"        ? one_of(sites_.short_forms)
                               : part == "site_dir"  ? one_of(sites_.in_archive)
                               : part == "phase"     ? one_of(phases_.short_forms)
                               : part == "phase_dir" ? one_of(phases_.in_archive)
                               : part == "type"      ? one_of(types_.short_forms)
                               : part == "type_dir"  ? one_of(types_.in_archive)
                               : part == "pid"       ? pid_pattern_
                                                     : "";
    if (alternatives.empty()) fail(fmt::format("has an unknown placeholder {{{}}}", part));
    expression += fmt::format("(?P<g{}>{})", captured_.size(), alternatives);
    captured_.push_back(part);
  }
  auto has = [&](std::string_view name) {
    return std::find(captured_.begin(), captured_.end(), name) != captured_.end();
  };
  for (std::string name : {"site", "phase", "type"})
    if (!has(name) && !has(name + "_dir")) fail(fmt::format("needs {{{0}}} or {{{0}_dir}}", name));
  if (!has("pid")) fail("needs {pid}");
  expression += R"((?i:\.nii(?:\.gz)?))";
  image_expression_ = std::make_shared<re2::RE2>(expression, re2::RE2::Quiet);
  if (!image_expression_->ok())
    throw UsageError(fmt::format("recipe {}: `pid` is not a regular expression: {}", source,
                                 image_expression_->error()));
}

std::vector<std::string_view> Recipe::captured_in(const std::string& path) const {
  std::vector<re2::StringPiece> groups(image_expression_->NumberOfCapturingGroups() + 1);
  if (!image_expression_->Match(path, 0, path.size(), re2::RE2::ANCHOR_BOTH, groups.data(),
                                static_cast<int>(groups.size())))
    return {};
  std::vector<std::string_view> parts;
  const auto& by_name = image_expression_->NamedCapturingGroups();
  for (std::size_t i = 0; i < captured_.size(); ++i) {
    const re2::StringPiece& group = groups[by_name.at(fmt::format("g{}", i))];
    parts.emplace_back(group.data(), group.size());
  }
  return parts;
}

std::optional<ImageKey> Recipe::parse_image_path(const std::string& path) const {
  const auto parts = captured_in(path);
  if (parts.empty()) return {};
  ImageKey key;
  // A thing that is said twice (as folder and in the name) must be said alike.
  auto say = [](std::string& field, const std::string& value) {
    if (!field.empty() && field != value) return false;
    field = value;
    return true;
  };
  for (std::size_t i = 0; i < captured_.size(); ++i) {
    const std::string& what = captured_[i];
    const std::string value(parts[i]);
    auto translate = [&](const Names& names) {
      auto at = std::find(names.in_archive.begin(), names.in_archive.end(), value);
      return names.short_forms[at - names.in_archive.begin()];
    };
    bool agrees = what == "site"        ? say(key.site, value)
                  : what == "site_dir"  ? say(key.site, translate(sites_))
                  : what == "phase"     ? say(key.phase, value)
                  : what == "phase_dir" ? say(key.phase, translate(phases_))
                  : what == "type"      ? say(key.type, value)
                  : what == "type_dir"  ? say(key.type, translate(types_))
                                        : say(key.pid, value);
    if (!agrees) return {};
  }
  return key;
}

std::string Recipe::with_pid(const std::string& path, const std::string& pid) const {
  const auto parts = captured_in(path);
  std::string text;
  std::size_t copied = 0;  // bytes of path
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (captured_[i] != "pid") continue;
    const std::size_t begin = parts[i].data() - path.data();
    text += path.substr(copied, begin - copied) + pid;
    copied = begin + parts[i].size();
  }
  return text + path.substr(copied);
}

bool Recipe::has_name(const std::string& name) const {
  auto has = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const Names* names : {&sites_, &phases_, &types_})
    if (has(names->short_forms) || has(names->in_archive)) return true;
  return false;
}

std::string Recipe::fill(std::string_view pattern, const ImageKey& key) const {
  auto in_archive = [](const Names& names, const std::string& short_form) {
    std::size_t i = names.index_of(short_form);
    return i < names.in_archive.size() ? names.in_archive[i] : short_form;
  };
  std::string text;
  auto parts = split_placeholders(pattern);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    text += i % 2 == 0            ? part
            : part == "site"      ? key.site
            : part == "site_dir"  ? in_archive(sites_, key.site)
            : part == "phase"     ? key.phase
            : part == "phase_dir" ? in_archive(phases_, key.phase)
            : part == "pid"       ? key.pid
                                  : "{" + part + "}";
  }
  return text;
}

std::string Recipe::metadata_path(const std::string& site) const {
  return metadata_pattern_.empty() ? "" : fill(metadata_pattern_, {site, "", "", ""});
}

std::string Recipe::sample_id(const std::string& site, const std::string& pid,
                              const std::string& phase) const {
  return fill(id_pattern_, {site, phase, pid, ""});
}

Recipe load_recipe(const std::filesystem::path& path) {
  if (path.empty()) return Recipe(built_in_recipe, built_in_recipe_name);
  return Recipe(read_small_text(path), path.string());
}

}  // namespace nicohort
