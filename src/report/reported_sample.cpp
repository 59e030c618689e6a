#include "report/reported_sample.hpp"

#include "base/below.hpp"
#include "dataset/drawn_mask.hpp"
#include "dataset/recorded_files.hpp"
#include "report/thumbnail.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

class Sample {
 public:
  Sample(const SampleSources& sources, const FoundSample& found, ProblemSink& problems)
      : archive_(sources.archive),
        dataset_(sources.dataset.root),
        sources_(sources),
        files_(found.files()),
        record_(readable_record(dataset_, found.id)),
        volume_(files_.volume(channels_of(record_, sources.dataset.recipe).front())),
        problems_(problems),
        has_mask_(nicohort::has_mask(dataset_, files_)) {
    if (record_ && !is_right(*record_)) record_.reset();
  }

  ReportedSample report() {
    ReportedSample sample;
    sample.info = read_info(dataset_, files_, info_keys(sources_.dataset.recipe));
    sample.patient = patient_of(sample.info, sources_.dataset.recipe);
    sample.expects_mask = expects_mask(sample.info);
    if (record_) {
      sample.geometry = record_->volume->geometry;
      if (record_->mask) sample.mask = statistics_of(*record_);
      sample.training = training_values(*record_);
    }
    if (!has_right_picture()) read(sample);
    sample.has_thumbnail = sample.is_written = true;
    return sample;
  }

 private:
  // Whether the record is of the volume and mask that are there.
  bool is_right(const SampleRecord& record) {
    return record.volume && record.mask.has_value() == has_mask_ &&
           is_as_recorded(dataset_, record, volume_, &sources_.cache) &&
           (!has_mask_ || is_as_recorded(dataset_, record, files_.mask(), &sources_.cache));
  }

  bool expects_mask(const SampleInfo& info) const {
    return !sources_.dataset.recipe.is_without_mask(
        [&](const std::string& column) { return info.column(column); });
  }

  // Of pictures.
  const std::optional<Window>& window() const { return sources_.dataset.recipe.intensity().window; }

  // Where the mask as drawn is; nothing if the archive is not there.
  std::vector<InputFile> drawn_inputs() const {
    std::error_code error;
    return record_ && has_mask_ && fs::is_directory(archive_, error) ? record_->drawn_masks()
                                                                     : std::vector<InputFile>();
  }

  bool has_right_picture() {
    if (!record_) return false;
    const auto is_there = [&](const std::string& fingerprint) {
      return nicohort::has_thumbnail(sources_.report, files_.id, fingerprint);
    };
    return is_there(thumbnail_fingerprint(*record_, window())) ||
           (drawn_inputs().empty() &&
            is_there(thumbnail_fingerprint_without_drawn(*record_, window())));
  }

  // The mask as drawn, if the archive still has it.
  std::optional<LabelMask> drawn_mask(const Geometry& volume) {
    const std::vector<InputFile> inputs = drawn_inputs();
    if (inputs.empty()) return {};
    try {
      DrawnMask drawn = read_drawn_mask(
          files_.id, inputs, record_->overlap, record_->labels, volume,
          [&](const InputFile& input, MaskValues values) {
            return blaming(input.path, [&] { return read_archived_mask(input, values); });
          });
      return std::move(drawn.labels);
    } catch (const BadInput& bad) {
      problems_.add(bad);
      return {};
    }
  }

  LoadedMask read_archived_mask(const InputFile& input, MaskValues values) {
    const fs::path file = archive_ / input.path;
    std::error_code error;
    if (!is_below(input.path) || !fs::exists(file, error))
      throw BadInput(ProblemKind::incomplete,
                     "is not in the archive, so the mask of the dataset is shown as the mask as "
                     "drawn; restore it, or make the report with run if it has a pseudonym");
    if (!sources_.follows_links) require_below(archive_, file, "archive");
    LoadedMask mask = read_mask(file, true, values);
    if (mask.sha256 != input.sha256)
      throw BadInput(
          ProblemKind::changed_file,
          "is not the file from which the sample was made, so the mask of the dataset is shown as "
          "the mask as drawn; make the sample again with run or confirm_pairs");
    return mask;
  }

  // Reads the volume: for the picture, and for what no record says.
  void read(ReportedSample& sample) {
    ImageReader volume = open_volume(dataset_, volume_);
    const Geometry geometry = volume.header().geometry;
    LabelMask mask(geometry.size);
    std::optional<LabelMask> drawn;
    if (has_mask_) {
      mask = load_mask(dataset_, files_.mask()).labels;
      if (!(mask.size() == geometry.size))
        throw BadInput(files_.mask().generic_string(), ProblemKind::geometry,
                       "differs in size from the volume; write the sample again with "
                       "confirm_pairs");
      drawn = drawn_mask(geometry);
    }
    const BinaryMask before = foreground(drawn ? *drawn : mask);
    Examiner examiner(geometry, before, window());
    blaming(volume_.generic_string(), [&] {
      volume.read_values([&](std::span<const float> values) { examiner.feed(values); });
    });
    write_thumbnail(sources_.report, files_.id, examiner.picture(before, foreground(mask)),
                    !record_ ? ""
                    : !has_mask_ || drawn
                        ? thumbnail_fingerprint(*record_, window())
                        : thumbnail_fingerprint_without_drawn(*record_, window()));
    if (record_) return;
    sample.geometry = geometry;
    if (!has_mask_) return;
    sample.mask.emplace();
    sample.mask->voxels = foreground_voxels(mask);
    sample.mask->intensity = examiner.intensity();
  }

  const fs::path &archive_, &dataset_;
  const SampleSources& sources_;
  const SampleFiles files_;
  std::optional<SampleRecord> record_;  // of these files
  const fs::path volume_;               // its first channel
  ProblemSink& problems_;
  const bool has_mask_;
};

}  // namespace

ReportedSample report_sample(const SampleSources& sources, const FoundSample& found,
                             ProblemSink& problems) {
  return Sample(sources, found, problems).report();
}

std::string patient_of(const SampleInfo& info, const Recipe& recipe) {
  PartValues values;
  bool is_known = false;
  for (const Part& part : recipe.parts()) {
    values.push_back(info.part(part.name));
    if (!values.back().empty()) is_known = true;
  }
  return is_known && recipe.has_patients() ? recipe.patient(values) : std::string();
}

ReportedSample unusable_sample(const FoundSample& found, const Dataset& dataset) {
  ReportedSample sample;
  sample.info.id = found.id;
  if (const auto record = readable_record(dataset.root, found.id))
    sample.info.parts = record->parts;
  sample.patient = patient_of(sample.info, dataset.recipe);
  return sample;
}

}  // namespace nicohort
