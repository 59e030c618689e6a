#include "dataset/record.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/atomic_file.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/own_json.hpp"
#include "recipe/image_patterns.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;

void to_json(json& value, const ProblemKind& kind) {
  value = name_of(kind);
}

void from_json(const json& value, ProblemKind& kind) {
  const auto named = problem_kind_named(value.get<std::string>());
  if (!named) throw BadInput(ProblemKind::unreadable_file, "has an unknown kind of problem");
  kind = *named;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Problem, subject, kind, what)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StepProblem, kind, what)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MeasuredRegion, voxels, volume, centre, centre_mm)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LabelRegions, label, regions)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(IntensitySummary, voxels, not_finite, mean, sd, min, max, p5,
                                   p25, median, p75, p95)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LabelGroup, name, labels)

namespace {

constexpr std::size_t record_bytes = 64 << 20;
const std::set<std::string_view> fractional{"spacing", "affine", "volume", "centre", "centre_mm",
                                            "mean",    "sd",     "min",    "max",    "p5",
                                            "p25",     "median", "p75",    "p95",    "quantiles"};

json json_of(const StepRecord& step) {
  const auto& [work, findings] = step;
  json value{{"name", work.name},
             {"parameters", json::parse(work.parameters)},
             {"version", work.version},
             {"counts", findings.counts}};
  if (work.is_spared) value["spared"] = true;
  if (!findings.problems.empty()) value["problems"] = findings.problems;
  if (!findings.regions.empty()) value["regions"] = findings.regions;
  return value;
}

StepRecord step_from(const json& value) {
  StepRecord step;
  step.work = {value.at("name"), value.at("parameters").dump(), value.at("version"),
               value.value("spared", false)};
  step.findings.counts = value.at("counts").get<std::map<std::string, std::int64_t>>();
  if (value.contains("problems"))
    step.findings.problems = value["problems"].get<std::vector<StepProblem>>();
  if (value.contains("regions"))
    step.findings.regions = value["regions"].get<std::vector<LabelRegions>>();
  return step;
}

json json_of(const InputFile& input) {
  json value{{"path", input.path}, {"sha256", input.sha256}};
  value["type"] = input.is_mask ? mask_type : volume_type;
  if (input.label != 0) value["label"] = input.label;
  if (!input.turned_from.empty()) value["turned_from"] = input.turned_from;
  return value;
}

InputFile input_from(const json& value) {
  return {value.at("path"), value.at("sha256"), value.at("type") == mask_type,
          value.value("label", std::uint8_t{0}), value.value("turned_from", "")};
}

json json_of(const ChannelSummary& channel) {
  json value{{"name", channel.name}, {"value_hash", channel.value_hash}};
  if (channel.not_finite > 0) value["not_finite"] = channel.not_finite;
  if (channel.is_blank) value["is_blank"] = true;
  return value;
}

ChannelSummary channel_from(const json& value) {
  return {value.at("name"), value.at("value_hash"), value.value("not_finite", std::int64_t{0}),
          value.value("is_blank", false)};
}

json json_of(const VolumeSummary& volume) {
  const Geometry& g = volume.geometry;
  json value{{"size", {g.size.x, g.size.y, g.size.z}},
             {"spacing", g.spacing},
             {"affine", std::vector<double>(g.affine.data(), g.affine.data() + 16)},
             {"qform_code", g.qform_code},
             {"sform_code", g.sform_code},
             {"channels", json::array()},
             {"datatype", static_cast<int>(volume.type)},
             {"has_source_type", volume.has_source_type}};
  for (const ChannelSummary& channel : volume.channels)
    value["channels"].push_back(json_of(channel));
  if (volume.nonzero) value["nonzero"] = {volume.nonzero->begin, volume.nonzero->end};
  return value;
}

VolumeSummary volume_from(const json& value) {
  VolumeSummary volume;
  Geometry& g = volume.geometry;
  const auto size = value.at("size").get<std::array<std::int64_t, 3>>();
  g.size = {size[0], size[1], size[2]};
  g.spacing = value.at("spacing");
  const auto affine = value.at("affine").get<std::array<double, 16>>();
  g.affine = Eigen::Map<const Affine>(affine.data());
  g.qform_code = value.at("qform_code");
  g.sform_code = value.at("sform_code");
  for (const json& channel : value.at("channels")) volume.channels.push_back(channel_from(channel));
  volume.type = static_cast<DataType>(value.at("datatype").get<int>());
  volume.has_source_type = value.at("has_source_type");
  if (value.contains("nonzero")) volume.nonzero = {value["nonzero"].at(0), value["nonzero"].at(1)};
  if (name(volume.type).empty())
    throw BadInput(ProblemKind::unreadable_file, "has a volume of an unknown type");
  if (volume.channels.empty())
    throw BadInput(ProblemKind::unreadable_file, "has a volume without a channel");
  return volume;
}

json json_of(const ForegroundSummary& foreground) {
  json value{{"voxels", foreground.voxels}, {"mean", foreground.mean}, {"sd", foreground.sd}};
  for (json& quantiles = value["quantiles"] = json::array(); double quantile : foreground.quantiles)
    if (quantile == std::trunc(quantile) && std::abs(quantile) < 1e15)
      quantiles.push_back(static_cast<std::int64_t>(quantile));  // without `.0`
    else
      quantiles.push_back(quantile);
  return value;
}

ForegroundSummary foreground_from(const json& value) {
  ForegroundSummary foreground{value.at("voxels"), value.at("mean"), value.at("sd"),
                               value.at("quantiles").get<std::vector<double>>()};
  if (foreground.quantiles.size() != (foreground.voxels > 0 ? quantile_ranks().size() : 0))
    throw BadInput(ProblemKind::unreadable_file, "has another number of quantiles");
  return foreground;
}

json json_of(const MaskSummary& mask) {
  json value{{"voxels", mask.voxels}, {"intensity", mask.intensity}, {"original", mask.original}};
  for (const ForegroundSummary& channel : mask.foreground)
    value["foreground"].push_back(json_of(channel));
  return value;
}

MaskSummary mask_from(const json& value) {
  MaskSummary mask{value.at("voxels").get<decltype(mask.voxels)>(), value.at("intensity"),
                   value.at("original").get<decltype(mask.original)>()};
  if (value.contains("foreground"))
    for (const json& channel : value["foreground"])
      mask.foreground.push_back(foreground_from(channel));
  return mask;
}

json json_of(const LabelNames& labels) {
  json value = json::object();
  for (const auto& [label, name] : labels) value[std::to_string(label)] = name;
  return value;
}

LabelNames labels_from(const json& value) {
  LabelNames labels;
  for (const auto& [label, name] : value.items()) {
    const int number = std::stoi(label);
    if (number < 0 || number > 255)
      throw BadInput(ProblemKind::unreadable_file, "has a label out of range");
    labels[static_cast<std::uint8_t>(number)] = name;
  }
  return labels;
}

json json_of(const SampleRecord& record) {
  json value{{"id", record.id},
             {"folder", record.folder},
             {"parts", record.parts},
             {"inputs", json::array()},
             {"compression", record.compression},
             {"codec", record.codec},
             {"problems", record.problems},
             {"steps", json::array()},
             {"labels", json_of(record.labels)},
             {"mask_problems", record.mask_problems},
             {"files", record.files}};
  for (const InputFile& input : record.inputs) value["inputs"].push_back(json_of(input));
  if (record.overlap) value["overlap"] = name_of(*record.overlap);
  if (!record.groups.empty()) value["groups"] = record.groups;
  for (const StepRecord& step : record.steps) value["steps"].push_back(json_of(step));
  if (record.volume) value["volume"] = json_of(*record.volume);
  if (record.mask) value["mask"] = json_of(*record.mask);
  return value;
}

SampleRecord record_from(const json& value) {
  SampleRecord record;
  record.id = value.at("id");
  record.folder = value.at("folder");
  record.parts = value.at("parts").get<decltype(record.parts)>();
  for (const json& input : value.at("inputs")) record.inputs.push_back(input_from(input));
  if (value.contains("overlap")) {
    record.overlap = overlap_named(value["overlap"].get<std::string>());
    if (!record.overlap)
      throw BadInput(ProblemKind::unreadable_file, "has an unknown rule for overlapping masks");
  }
  record.compression = value.at("compression");
  record.codec = value.at("codec");
  record.problems = value.at("problems").get<std::vector<Problem>>();
  for (const json& step : value.at("steps")) record.steps.push_back(step_from(step));
  record.labels = labels_from(value.at("labels"));
  if (value.contains("groups")) record.groups = value["groups"].get<LabelGroups>();
  record.mask_problems = value.at("mask_problems").get<std::vector<Problem>>();
  record.files = value.at("files").get<std::map<std::string, std::string>>();
  if (value.contains("volume")) record.volume = volume_from(value["volume"]);
  if (value.contains("mask")) record.mask = mask_from(value["mask"]);
  return record;
}

// Whether the files can be this sample's and no other's: all in one folder below the dataset that
// has its name, and named after it.
bool names_own_files(const SampleRecord& record) {
  if (record.id.empty() || record.id.find('/') != std::string::npos) return false;
  if (!record.is_written()) return record.files.empty();
  const fs::path folder(record.folder);
  if (folder.is_absolute() || folder.filename() != record.id ||
      std::any_of(folder.begin(), folder.end(),
                  [](const fs::path& name) { return name.native().starts_with('.'); }))
    return false;
  return std::all_of(record.files.begin(), record.files.end(), [&](const auto& file) {
    return file.first.starts_with(record.id + "_") && file.first.find('/') == std::string::npos;
  });
}

}  // namespace

std::vector<fs::path> SampleRecord::volumes() const {
  std::vector<fs::path> paths;
  if (volume)
    for (const ChannelSummary& channel : volume->channels)
      paths.push_back(sample_files().volume(channel.name));
  return paths;
}

std::vector<InputFile> SampleRecord::drawn_masks() const {
  std::vector<InputFile> masks;
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(masks),
               [](const InputFile& input) { return input.is_mask; });
  return masks;
}

std::vector<fs::path> SampleRecord::binary_masks() const {
  std::vector<fs::path> masks;
  for (const auto& [label, name] : labels) masks.push_back(sample_files().binary_mask(label, name));
  for (const LabelGroup& group : groups) masks.push_back(sample_files().group_mask(group.name));
  return masks;
}

std::vector<Problem> SampleRecord::all_problems() const {
  std::vector<Problem> all = problems;
  for (const StepRecord& step : steps)
    for (const auto& [kind, what] : step.findings.problems) all.push_back({id, kind, what});
  all.insert(all.end(), mask_problems.begin(), mask_problems.end());
  return all;
}

std::vector<StepWork> works_of(const SampleRecord& record) {
  std::vector<StepWork> works;
  for (const StepRecord& step : record.steps) works.push_back(step.work);
  return works;
}

std::string record_text(const SampleRecord& record) {
  return json_of(record).dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

SampleRecord parse_record(const std::string& text, const std::string& id) {
  try {
    SampleRecord record = record_from(parse_own_json(text, fractional));
    if (record.id == id && names_own_files(record)) return record;
  } catch (const json::exception&) {  // told below
  } catch (const std::logic_error&) {
  } catch (const BadInput&) {
  }
  throw BadInput(ProblemKind::unreadable_file,
                 "is not the record of this sample; remove it and make the sample again");
}

std::optional<SampleRecord> read_record(const fs::path& dataset, const std::string& id) {
  const fs::path file = OwnFolder(dataset).record(id);
  const auto text = read_own_file(dataset, file, record_bytes);
  if (!text) return {};
  return blaming(file.lexically_relative(dataset).generic_string(),
                 [&] { return parse_record(*text, id); });
}

std::optional<SampleRecord> readable_record(const fs::path& dataset, const std::string& id) {
  try {
    return read_record(dataset, id);
  } catch (const BadInput&) {
    return {};
  }
}

std::string sha256_of_record(const fs::path& dataset, const std::string& id) {
  try {
    const auto text = read_own_file(dataset, OwnFolder(dataset).record(id), record_bytes);
    return text ? sha256_of(*text) : "";
  } catch (const BadInput&) {
    return "";
  }
}

std::vector<std::string> record_ids(const fs::path& dataset) {
  std::vector<std::string> ids;
  const fs::path folder = OwnFolder(dataset).path();
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_record_name(name)) ids.push_back(entry->path().stem().string());
  }
  // A list that is cut short would pass for all there is.
  if (error && error != std::errc::no_such_file_or_directory)
    throw MachineError("cannot list " + folder.string() + ": " + error.message() +
                       "; check its permissions, and run the same command again");
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace nicohort
