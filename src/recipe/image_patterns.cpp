#include "recipe/image_patterns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/near_miss.hpp"

namespace nicohort {
namespace {

constexpr const char* label_placeholder = "label";

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

Parts read_parts(const MapReader& recipe, const RecipeSource& source) {
  Parts parts;
  const YamlValue* map = recipe.find("parts");
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
struct GivenVolume {
  std::vector<GivenPattern> patterns;
  Channels channels;
};
struct GivenMask {
  GivenPattern pattern;
  std::optional<Overlap> overlap;
};

void add_channel(const std::string& given, int line, std::vector<std::string>& names,
                 const RecipeSource& source) {
  const std::string name = file_name_form(given);
  if (name.empty() || name.find(',') != std::string::npos)
    source.fail(line, fmt::format("`volume` has a channel `{}`, which cannot be in a file name; "
                                  "give it another name, without a comma",
                                  given));
  if (is_existence_name(name))
    source.fail(line,
                fmt::format("`volume` has a channel `{}`, but manifests use names that end in "
                            "`_existence` for other columns; rename it",
                            name));
  if (is_among(name, names))
    source.fail(line,
                fmt::format("`volume` has two channels `{}`; give one of them another name", name));
  names.push_back(name);
}

GivenVolume read_volume(const YamlValue& value, const RecipeSource& source) {
  if (!value.is_map()) return {{{"volume", source.text(value, "volume"), value.line}}, {}};
  GivenVolume volume;
  std::vector<std::string>& names = volume.channels.names;
  if (!value.find("file") && !value.find("choose") && !value.find("channels")) {
    source.require_distinct_keys(value, "volume");
    for (const YamlEntry& entry : value.entries) {
      add_channel(entry.key, entry.line, names, source);
      volume.patterns.push_back({entry.key, source.text(entry.value, entry.key), entry.line});
    }
    if (volume.patterns.empty())
      source.fail(value.line, "`volume` has no channel, such as T1: \"{pid}_T1.nii.gz\"");
    return volume;
  }
  const MapReader reader(value, source, "volume", {"file", "choose", "channels"});
  const YamlValue& file = reader.need("file", "the path of an image below the archive");
  volume.patterns = {{"file", source.text(file, "file"), file.line}};
  if (const YamlValue* channels = reader.find("channels")) {
    for (const std::string& name : source.texts(*channels, "channels"))
      add_channel(name, channels->line, names, source);
    if (names.empty())
      source.fail(channels->line, "`channels` is empty; name those of the 4-D images, in order");
    volume.channels.in_one_file = true;
  }
  return volume;
}

GivenMask read_mask_pattern(const YamlValue& value, const RecipeSource& source) {
  const auto has_label = [&](const GivenPattern& given) {
    const auto placeholders =
        source.reading(given.line, given.key, [&] { return placeholders_of(given.text); });
    return is_among(label_placeholder, placeholders);
  };
  if (!value.is_map()) {
    GivenMask mask{{"mask", source.text(value, "mask"), value.line}, {}};
    if (has_label(mask.pattern))
      source.fail(value.line,
                  "`mask` has {label}; where each label has a mask file of its own, write `mask: "
                  "{file: \"…/{label}.nii.gz\", overlap: error}`");
    return mask;
  }
  const MapReader reader(value, source, "mask", {"file", "overlap"});
  const YamlValue& file = reader.need("file", "the path of an image below the archive");
  GivenMask mask{{"file", source.text(file, "file"), file.line}, Overlap::error};
  if (!has_label(mask.pattern))
    source.fail(file.line,
                "`file` of `mask` has no {label}, the name of the label that the file is of");
  if (const YamlValue* overlap = reader.find("overlap")) {
    mask.overlap = overlap_named(source.text(*overlap, "overlap"));
    if (!mask.overlap)
      source.fail(overlap->line, fmt::format("`overlap` is `{}`; it should be last, first or error",
                                             overlap->text));
  }
  return mask;
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

// used: the names of each pattern's parts. declared: how many of the parts `parts` has.
void require_used(const Parts& parts, std::size_t declared,
                  const std::vector<std::vector<std::string>>& used, const MapReader& recipe,
                  const RecipeSource& source) {
  std::vector<std::string> undeclared;
  for (std::size_t i = declared; i < parts.size(); ++i) undeclared.push_back(parts[i].name);
  for (std::size_t i = 0; i < declared; ++i) {
    const std::string& name = parts[i].name;
    if (std::any_of(used.begin(), used.end(),
                    [&](const auto& names) { return is_among(name, names); }))
      continue;
    const std::string near = near_miss(name, undeclared);
    for (const YamlEntry& entry : recipe.find("parts")->entries)
      if (entry.key == name)
        source.fail(entry.line,
                    fmt::format("`parts`: `{}` is in no path pattern{}", name,
                                near.empty() ? "; remove it, or use it there"
                                             : fmt::format("; they have {{{}}}", near)));
  }
}

}  // namespace

std::vector<std::string> Channels::all() const {
  return names.empty() ? std::vector<std::string>{""} : names;
}

std::vector<std::string> Channels::in_file(std::size_t file) const {
  return names.empty() || in_one_file ? all() : std::vector{names[file]};
}

std::string Channels::text(std::size_t file) const {
  return fmt::format("{}", fmt::join(in_file(file), ","));
}

std::optional<std::size_t> Channels::file_with(const std::string& wanted) const {
  for (std::size_t file = 0; file < files(); ++file)
    if (text(file) == wanted) return file;
  return {};
}

std::string channel_text(const ImageKey& image, const Channels& channels) {
  return image.is_mask ? "" : channels.text(image.channel);
}

ImagePatterns::ImagePatterns(const MapReader& recipe, const RecipeSource& source) {
  const GivenVolume volume = read_volume(
      recipe.need("volume", "the path of an image below the archive, such as \"{pid}.nii.gz\""),
      source);
  channels_ = volume.channels;
  std::optional<GivenMask> mask;
  if (const YamlValue* value = recipe.find("mask")) {
    mask = read_mask_pattern(*value, source);
    overlap_ = mask->overlap;
  }
  Parts all = read_parts(recipe, source);
  const std::size_t declared = all.size();
  std::vector<std::vector<std::string>> names;
  for (const GivenPattern& given : volume.patterns) names.push_back(parts_of(given, all, source));
  if (mask) {
    if (overlap_) all.push_back({label_placeholder, {}, "[^/]+"});
    names.push_back(parts_of(mask->pattern, all, source));
  }
  require_used(all, declared, names, recipe, source);
  // Those of every pattern first: PartValues end there.
  const auto others = std::stable_partition(all.begin(), all.end(), [&](const Part& part) {
    return std::all_of(names.begin(), names.end(),
                       [&](const auto& each) { return is_among(part.name, each); });
  });
  parts_.assign(all.begin(), others);
  if (parts_.empty()) {
    const GivenPattern& last = mask ? mask->pattern : volume.patterns.back();
    source.fail(last.line, names.size() == 1
                               ? "`volume` has no part, such as {pid}"
                               : fmt::format("`{}` has no part in common with the other patterns, "
                                             "such as {{pid}}",
                                             last.key));
  }
  const auto pattern_of = [&](const GivenPattern& given) {
    PathPattern pattern =
        source.reading(given.line, given.key, [&] { return PathPattern(given.text, all); });
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (pattern.can_leave_out(i)) parts_[i].can_be_empty = true;
    return pattern;
  };
  for (const GivenPattern& given : volume.patterns) volumes_.push_back(pattern_of(given));
  if (mask) mask_ = pattern_of(mask->pattern);
  if (overlap_) label_ = index_of(all, label_placeholder);
}

std::optional<ImageKey> ImagePatterns::find(const std::string& path,
                                            const LabelNames& labels) const {
  std::optional<ImageKey> mask;
  if (auto values = mask_ ? mask_->match(path) : std::nullopt) {
    std::string label = label_ ? (*values)[*label_] : "";
    values->resize(parts_.size());
    mask = ImageKey{std::move(*values), true, 0, std::move(label)};
    if (!label_ || label_named(labels, mask->label)) return mask;
  }
  for (std::size_t i = 0; i < volumes_.size(); ++i)
    if (auto values = volumes_[i].match(path)) {
      values->resize(parts_.size());
      return ImageKey{std::move(*values), false, i};
    }
  return mask;
}

std::vector<const PathPattern*> ImagePatterns::all() const {
  std::vector<const PathPattern*> patterns;
  for (const PathPattern& volume : volumes_) patterns.push_back(&volume);
  if (mask_) patterns.push_back(&*mask_);
  return patterns;
}

std::string ImagePatterns::misfit(const std::string& path) const {
  const PathPattern* nearest = nullptr;
  PathPattern::Misfit misfit;
  for (const PathPattern* pattern : all())
    if (PathPattern::Misfit other = pattern->misfit(path);
        !nearest || other.fitting > misfit.fitting) {
      nearest = pattern;
      misfit = std::move(other);
    }
  std::string others;
  if (all().size() > 2)
    others = ", nor another of the recipe's";
  else if (mask_)
    others = fmt::format(", nor that of {}", nearest == &*mask_ ? "volumes" : "masks");
  return fmt::format("does not match the pattern `{}`{}: {}", nearest->text(), others, misfit.what);
}

std::string ImagePatterns::text() const {
  std::vector<std::string> texts;
  for (const PathPattern* pattern : all()) texts.push_back("`" + pattern->text() + "`");
  if (texts.size() == 1) return "the pattern " + texts[0];
  const std::string last = texts.back();
  texts.pop_back();
  return fmt::format("the patterns {} and {}", fmt::join(texts, ", "), last);
}

std::vector<ImagePatterns::Described> ImagePatterns::described() const {
  std::vector<Described> all;
  for (std::size_t i = 0; i < volumes_.size(); ++i)
    all.push_back({volumes_.size() == 1 ? "volume" : fmt::format("volume ({})", channels_.names[i]),
                   volumes_[i].text(), false, i});
  if (mask_) all.push_back({"mask", mask_->text(), true, 0});
  return all;
}

std::string ImagePatterns::with_part(const std::string& path, const ImageKey& image,
                                     std::size_t part, const std::string& value) const {
  return (image.is_mask ? *mask_ : volumes_[image.channel]).with_part(path, part, value);
}

bool ImagePatterns::has_folder(const std::string& name) const {
  const auto patterns = all();
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const PathPattern* pattern) { return pattern->has_folder(name); });
}

}  // namespace nicohort
