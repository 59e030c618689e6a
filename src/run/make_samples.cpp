#include "run/make_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/say.hpp"
#include "report/thumbnail.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

class Maker {
 public:
  Maker(const SamplesToMake& to_make, Transaction& dataset, Cache& cache)
      : to_make_(to_make), dataset_(dataset), cache_(cache) {}

  SampleRecord make(std::size_t i, ProblemSink& problems);

 private:
  SampleRecord put_info(const ArchiveSample& sample, const PlannedSample& planned);
  SampleRecord make_anew(const ArchiveSample& sample, const PlannedSample& planned);
  SampleRecord put_unusable(const ArchiveSample& sample, const PlannedSample& planned,
                            const Problem& problem);
  void keep_outputs(const SampleRecord& record);

  const SamplesToMake& to_make_;
  Transaction& dataset_;
  Cache& cache_;
};

// What has just been written need not be read again to be known.
void Maker::keep_outputs(const SampleRecord& record) {
  for (const auto& [file, sha256] : record.files) {
    const fs::path path = record.sample_files().folder / file;
    cache_.put_written(dataset_key(path), state_of(to_make_.dataset / path), sha256);
  }
}

SampleRecord Maker::put_info(const ArchiveSample& sample, const PlannedSample& planned) {
  SampleRecord record = *planned.record;
  record.parts = sample.info.parts;
  StagedSample staged = dataset_.stage(sample.files.id, sample.files.folder);
  staged.add(sample.files.info().filename().string()).write(info_text(sample.info));
  for (const std::string& file : planned.edited) staged.preserve(file);
  tell(staged.commit(record), record.id);
  keep_outputs(record);
  return record;
}

SampleRecord Maker::make_anew(const ArchiveSample& sample, const PlannedSample& planned) {
  std::map<std::string, FileState> before;  // as they are before they are read
  for (const std::string& image : {sample.volume, sample.mask})
    if (!image.empty()) before[image] = state_of(to_make_.making.archive.locate(image));
  MadeSample made = make_sample(dataset_, to_make_.making, sample, planned.record, planned.edited);
  tell(made.committed, sample.info.id);
  for (const InputFile& input : made.record.inputs)
    cache_.put_sha256(archive_key(input.path), before[input.path], input.sha256);
  keep_outputs(made.record);
  if (made.picture) write_thumbnail(to_make_.report, made.record, *made.picture);
  return std::move(made.record);
}

SampleRecord Maker::put_unusable(const ArchiveSample& sample, const PlannedSample& planned,
                                 const Problem& problem) {
  SampleRecord record;
  record.id = sample.info.id;
  record.parts = sample.info.parts;
  record.problems = {problem};
  const bool has_earlier =
      planned.record && planned.record->is_written() &&
      std::any_of(planned.record->inputs.begin(), planned.record->inputs.end(),
                  [&](const InputFile& image) {
                    return image.path == sample.volume || image.path == sample.mask;
                  });
  if (!has_earlier)  // what was made before of the same images stays
    dataset_.stage(sample.info.id, {}).commit(record);
  return record;
}

SampleRecord Maker::make(std::size_t i, ProblemSink& problems) {
  const ArchiveSample& sample = to_make_.samples[i];
  const PlannedSample& planned = to_make_.plan.samples[i];
  SampleRecord record;
  try {
    record = planned.only_info ? put_info(sample, planned) : make_anew(sample, planned);
  } catch (const BadInput& bad) {
    record = put_unusable(sample, planned,
                          {bad.subject().empty() ? sample.info.id : bad.subject(), bad.what()});
  }
  for (const Problem& problem : record.all_problems()) problems.add(problem.subject, problem.what);
  return record;
}

}  // namespace

void tell(const Committed& committed, const std::string& id) {
  for (const fs::path& file : committed.preserved)
    say(fmt::format("{}: a file that was edited by hand was replaced; it is {} now.", id,
                    file.string()));
  for (const std::string& sentence : committed.left) say(sentence);
}

std::vector<SampleRecord> make_samples(const SamplesToMake& to_make, Transaction& dataset,
                                       Cache& cache, const Effort& effort, Report& report) {
  std::vector<SampleRecord> records(to_make.samples.size());
  std::vector<std::size_t> to_do;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < to_make.samples.size(); ++i) {
    if (!to_make.plan.samples[i].why.empty()) {
      to_do.push_back(i);
      ids.push_back(to_make.samples[i].info.id);
      continue;
    }
    records[i] = *to_make.plan.samples[i].record;
    for (const Problem& problem : records[i].all_problems()) report.add(problem);
  }
  Maker maker(to_make, dataset, cache);
  for_each_item("samples", ids, effort, report, [&](std::size_t i, ProblemSink& problems) {
    records[to_do[i]] = maker.make(to_do[i], problems);
  });
  say(fmt::format("{} processed, {} unchanged.", counted(to_do.size(), "sample"),
                  to_make.samples.size() - to_do.size()));
  return records;
}

}  // namespace nicohort
