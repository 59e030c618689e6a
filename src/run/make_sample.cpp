#include "run/make_sample.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "archive/missing_images.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/drawn_mask.hpp"
#include "deflate/codecs.hpp"
#include "image/image_file.hpp"
#include "run/finish_mask.hpp"
#include "step/confirm.hpp"
#include "step/contrast.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"
#include "step/foreground.hpp"
#include "step/nonzero_box.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

void require_mask_gone(const Making& making, const ArchiveSample& sample,
                       const std::optional<SampleRecord>& before) {
  const std::optional<InputFile> mask =
      unusable_mask(making.archive, making.recipe, sample, before);
  if (!mask) return;
  if (mask->label != 0)
    throw BadInput(sample.info.id, ProblemKind::incomplete,
                   "has mask files in the archive, but they cannot be used together: correct "
                   "those that cannot be read, or remove all of them");
  throw BadInput(mask->path, ProblemKind::incomplete,
                 "is in the archive, but cannot be used: correct the file, or remove it");
}

void require_whole_volume(const ArchiveSample& sample, const Channels& channels) {
  if (sample.has_volume()) return;
  if (sample.images().size() == sample.masks.size())
    throw BadInput(sample.masks.front().path, ProblemKind::incomplete,
                   "is a mask without a volume: add its volume");
  std::vector<bool> has_file;
  for (const std::string& path : sample.volumes) has_file.push_back(!path.empty());
  throw BadInput(sample.info.id, ProblemKind::incomplete, lacking_channels(has_file, channels));
}

// The voxels of a channel that are written in another order than they are read in.
class TurnedChannel {
 public:
  void keep(const ImageReader::Piece& piece, bool as_stored) {
    values_.insert(values_.end(), piece.values.begin(), piece.values.end());
    if (as_stored) stored_.insert(stored_.end(), piece.stored.begin(), piece.stored.end());
  }

  // size: as they were read. use: gets the values in the order of writing.
  void write(const Size3& size, const Turn& turn, const TakeValues& use, ImageWriter& writer) {
    const TurnedVoxels from = turned_voxels(size, turn);
    const Size3 to = turned(size, turn);
    const std::size_t bytes = stored_.size() / values_.size();
    std::vector<float> values(to.x);
    std::vector<std::byte> stored(to.x * bytes);
    for (std::int64_t z = 0; z < to.z; ++z)
      for (std::int64_t y = 0; y < to.y; ++y) {
        for (std::int64_t x = 0; x < to.x; ++x) {
          const std::int64_t at = from.at(x, y, z);
          values[x] = values_[at];
          std::copy_n(stored_.begin() + at * bytes, bytes, stored.begin() + x * bytes);
        }
        hash_.update(values);
        use(values);
        if (stored_.empty())
          writer.write(std::span<const float>(values));
        else
          writer.write_stored(stored);
      }
  }
  std::string value_hash() const { return hash_.digest(); }  // in the order of writing

 private:
  std::vector<float> values_;
  std::vector<std::byte> stored_;
  ValueHash hash_;
};

// Called with the values of all channels, one after the other, in memory order, in pieces.
using TakeChannels = std::function<void(std::size_t channel, std::span<const float>)>;

// The volume of a sample on its way from the archive to the dataset, file by file.
class VolumeWriting {
 public:
  // Opens the first file, which gives the geometry.
  VolumeWriting(const Making& making, const ArchiveSample& sample, StagedSample& staged,
                Threads threads)
      : making_(making), sample_(sample), staged_(staged), threads_(threads), first_(open(0)) {}

  const Geometry& source() const { return first_.header().geometry; }
  DataType type() const {
    return making_.recipe.keeps_volume_type() ? first_.header().type : DataType::float32;
  }

  // Reads all files, each once, and writes the channels, with the geometry of the first file. use:
  // gets the values as they are written. Fills volume, inputs and problems of the record.
  void write(const TakeChannels& use, SampleRecord& record) {
    tell(0, doubt_of(first_.header()), record);
    write_file(0, first_, {}, use, record);
    for (std::size_t file = 1; file < sample_.volumes.size(); ++file) {
      ImageReader reader = open(file);
      const Geometry& geometry = reader.header().geometry;
      tell(file, doubt_of(reader.header(), &source()), record);
      const auto turn = turn_onto(source(), geometry);
      const auto warning = blaming(sample_.volumes[file], [&] {
        return confirm_geometry(source(), turn ? turned(geometry, *turn) : geometry,
                                Compared::channel);
      });
      tell(file, warning.value_or(""), record);
      write_file(file, reader, turn, use, record);
    }
  }

  // A channel that was written.
  void read_again(std::size_t channel, const TakeValues& take) const {
    ImageReader(written_[channel]).read_values(take);
  }

 private:
  void tell(std::size_t file, const std::string& what, SampleRecord& record) const {
    if (!what.empty())
      record.problems.push_back({sample_.volumes[file], ProblemKind::geometry, what});
  }

  ImageReader open(std::size_t file) const {
    return making_.archive.open(sample_.volumes[file], [&](const auto& place) {
      return ImageReader(place, true, making_.recipe.channels().in_file(), threads_);
    });
  }

  void open_output(std::optional<ImageWriter>& writer, const std::string& channel,
                   const Header& header) {
    OutputFile& file = staged_.add(sample_.files.volume(channel).filename().string());
    written_.push_back(file.path());
    if (making_.recipe.keeps_volume_type())
      writer.emplace(file, source(), header, making_.compression, threads_);
    else
      writer.emplace(file, source(), DataType::float32, making_.compression, threads_);
  }

  // turn: of the voxels, which then are whole in memory.
  void write_file(std::size_t file, ImageReader& reader, const std::optional<Turn>& turn,
                  const TakeChannels& use, SampleRecord& record) {
    const std::vector<std::string> names = making_.recipe.channels().in_file(file);
    const std::size_t first = record.volume->channels.size();  // channel of this file
    std::optional<ImageWriter> writer;
    std::size_t writing = names.size();
    const Header& header = reader.header();
    std::vector<Contrast> contrasts(names.size(),
                                    Contrast(is_integer(header.type) && !header.is_scaled()));
    TurnedChannel whole;
    blaming(sample_.volumes[file], [&] {
      reader.read_channels([&](const ImageReader::Piece& piece) {
        if (piece.channel != writing) {
          if (writer) writer->finish();
          writing = piece.channel;
          open_output(writer, names[writing], header);
        }
        if (turn)
          whole.keep(piece, making_.recipe.keeps_volume_type());
        else if (making_.recipe.keeps_volume_type())
          writer->write_stored(piece.stored);
        else
          writer->write(piece.values);
        contrasts[piece.channel].feed(piece.values);
        if (!turn) use(first + piece.channel, piece.values);
      });
    });
    if (turn)
      whole.write(
          header.geometry.size, *turn, [&](std::span<const float> values) { use(first, values); },
          *writer);
    writer->finish();
    for (std::size_t channel = 0; channel < names.size(); ++channel) {
      const std::string flaw = contrasts[channel].flaw();
      record.volume->channels.push_back({names[channel],
                                         turn ? whole.value_hash() : reader.value_hash(channel),
                                         contrasts[channel].not_finite(), !flaw.empty()});
      if (!flaw.empty())
        record.problems.push_back(
            {sample_.volumes[file], ProblemKind::image_content,
             (names.size() == 1 ? "has " : "channel " + names[channel] + " has ") + flaw});
    }
    record.inputs.push_back({sample_.volumes[file], reader.sha256()});
    if (turn) record.inputs.back().turned_from = orientation_to(header.geometry.affine);
  }

  const Making& making_;
  const ArchiveSample& sample_;
  StagedSample& staged_;
  Threads threads_;
  ImageReader first_;
  std::vector<fs::path> written_ = {};  // of each channel
};

bool adds_voxels(const Steps& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const StepPtr& step) { return step->adds_voxels(); });
}

}  // namespace

std::optional<InputFile> unusable_mask(const ArchiveNames& archive, const Recipe& recipe,
                                       const ArchiveSample& sample,
                                       const std::optional<SampleRecord>& before) {
  if (!before || !before->is_written() || !sample.masks.empty()) return {};
  for (const InputFile& mask : before->drawn_masks()) {
    const auto key = recipe.parse_image_path(mask.path);
    if (key && key->is_mask && recipe.sample_id(key->parts) == sample.info.id &&
        archive.has(mask.path))
      return mask;
  }
  return {};
}

MadeSample make_sample(Transaction& dataset, const Making& making, const ArchiveSample& sample,
                       const std::optional<SampleRecord>& before, Threads threads) {
  const ArchiveNames& archive = making.archive;
  require_whole_volume(sample, making.recipe.channels());
  const SampleFiles& files = sample.files;
  StagedSample staged = dataset.stage(files.id, files.folder);
  // Before anything is read of a sample that is not all in the archive.
  for (const std::string& image : sample.images()) staged.watch(archive.locate(image));
  require_mask_gone(making, sample, before);

  MadeSample made;
  SampleRecord& record = made.record;
  record.id = files.id;
  record.folder = files.folder.generic_string();
  record.parts = sample.info.parts;
  record.compression = name_of(making.compression);
  record.codec = codec_of(making.compression);
  VolumeWriting volume(making, sample, staged, threads);
  const Geometry source = volume.source();
  DrawnMask drawn = read_drawn_mask(
      files.id, sample.masks, making.recipe.images().overlap(), making.recipe.labels(), source,
      [&](const InputFile& mask, MaskValues values) {
        return archive.open(mask.path,
                            [&](const auto& file) { return read_mask(file, true, values); });
      });
  record.problems = drawn.problems;
  // What a reader of the written volume gets: SPEC 3 derives spacing and codes anew.
  record.volume = VolumeSummary{parse_header(make_header(source, DataType::float32)).geometry,
                                {},
                                volume.type(),
                                making.recipe.keeps_volume_type()};
  const Geometry geometry = record.volume->geometry;

  const BinaryMask where = drawn.labels ? foreground(*drawn.labels) : BinaryMask(source.size);
  Examiner examiner(geometry, where, making.recipe.intensity().window);
  Values values([&](const TakeValues& take) {
    archive.open(sample.volumes.front(), [&](const auto& file) {
      ImageReader(file, false, making.recipe.channels().in_file()).read_values(take);
    });
  });
  const Steps steps = steps_of(making, sample);
  if (drawn.labels) values.expect(where, windows_of(steps));
  ForegroundSamples samples(where, adds_voxels(steps), making.recipe.channels().all().size());
  NonzeroBox box(source.size);
  volume.write(
      [&](std::size_t channel, std::span<const float> piece) {
        if (channel == 0) {
          examiner.feed(piece);
          values.feed(piece);
        }
        samples.feed(channel, piece);
        box.feed(piece);
      },
      record);
  record.volume->nonzero = box.box();
  BinaryMask shown = where;
  if (!drawn.inputs.empty()) record.overlap = making.recipe.images().overlap();
  record.inputs.insert(record.inputs.end(), drawn.inputs.begin(), drawn.inputs.end());
  if (drawn.labels) {
    MaskState state{std::move(*drawn.labels), geometry, making.labels, making.groups};
    record.mask = MaskSummary{{}, examiner.intensity(), foreground_voxels(state.mask)};
    do_steps(steps, state, values, record);
    add_masks(staged, files, state, making.compression);
    shown = foreground(state.mask);
    record.mask->foreground = samples.under(
        shown,
        [&](std::size_t channel, const TakeValues& take) { volume.read_again(channel, take); });
  }
  staged.add(files.info().filename().string()).write(info_text(sample.info));
  made.committed = staged.commit(record);
  if (making.takes_picture) made.picture = examiner.picture(where, shown);
  return made;
}

void put_naming(Transaction& dataset, const fs::path& folder, const Recipe& recipe,
                const std::string& naming) {
  dataset.put_own_file(OwnFolder(folder).recipe(), recipe.text());
  DatasetFile file = read_dataset_file(folder);
  file.naming = naming;
  dataset.put_own_file(OwnFolder(folder).dataset_file(), text_of(file));
}

Steps steps_of(const Making& making, const ArchiveSample& sample) {
  return steps_for(making.steps,
                   [&](const std::string& column) { return sample.info.column(column); });
}

Work work_of(const Making& making, const std::string& command) {
  Work work{command, true, works_of(all_steps(making.steps)), making.labels,
            name_of(making.compression)};
  work.groups = making.groups;
  work.keeps_volume_type = making.recipe.keeps_volume_type();
  return work;
}

}  // namespace nicohort
