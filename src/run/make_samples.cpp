#include "run/make_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "base/each_index.hpp"
#include "base/interrupt.hpp"
#include "base/listener.hpp"
#include "base/wording.hpp"
#include "dataset/outcome.hpp"
#include "report/thumbnail.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// All problems of a sample but those that were told when the archive was scanned.
std::vector<Problem> untold_of(std::vector<Problem> problems, const SamplesToMake& to_make) {
  std::erase_if(problems, [&](const Problem& problem) { return to_make.doubts.contains(problem); });
  return problems;
}

// Whether the recipe now finds no mask of the sample, or not all files of it.
bool has_lost_mask_file(const SampleRecord& before, const SampleRecord& now) {
  if (!before.mask) return false;
  return !now.mask ||
         (before.overlap && now.overlap && now.drawn_masks().size() < before.drawn_masks().size());
}

class Maker {
 public:
  // threads: for each sample.
  Maker(const SamplesToMake& to_make, Transaction& dataset, Cache& cache, Listener& listener,
        Threads threads)
      : to_make_(to_make),
        dataset_(dataset),
        cache_(cache),
        listener_(listener),
        threads_(threads) {}

  // Whether it is there now as the archive has it.
  bool make(std::size_t i, ProblemSink& problems);
  // Samples that were made without a mask file that they had before.
  std::size_t without_earlier_mask() const { return without_earlier_mask_; }

 private:
  bool is_made_by_another(const ArchiveSample& sample) const;
  SampleRecord put_info(const ArchiveSample& sample, SampleRecord record);
  SampleRecord make_anew(const ArchiveSample& sample, const std::optional<SampleRecord>& before,
                         ProblemSink& problems);
  SampleRecord put_unusable(const ArchiveSample& sample, const Problem& problem);

  const SamplesToMake& to_make_;
  Transaction& dataset_;
  Cache& cache_;
  Listener& listener_;
  Threads threads_;
  std::atomic<std::size_t> without_earlier_mask_ = 0;
};

SampleRecord Maker::put_info(const ArchiveSample& sample, SampleRecord record) {
  record.parts = sample.info.parts;
  StagedSample staged = dataset_.stage(sample.files.id, sample.files.folder);
  staged.add(sample.files.info().filename().string()).write(info_text(sample.info));
  tell(staged.commit(record), record.id, listener_);
  return record;
}

SampleRecord Maker::make_anew(const ArchiveSample& sample,
                              const std::optional<SampleRecord>& before, ProblemSink& problems) {
  std::map<std::string, FileState> states;  // as they are before they are read
  for (const std::string& image : sample.images())
    states[image] = state_of(to_make_.making.archive.locate(image));
  MadeSample made = make_sample(dataset_, to_make_.making, sample, before, threads_);
  tell(made.committed, sample.info.id, listener_);
  if (before && has_lost_mask_file(*before, made.record)) ++without_earlier_mask_;
  for (const InputFile& input : made.record.inputs)
    cache_.put_sha256(archive_key(input.path), states[input.path], input.sha256);
  try {
    if (made.picture)
      write_thumbnail(to_make_.report, made.record, *made.picture,
                      to_make_.making.recipe.intensity().window);
  } catch (const BadInput& bad) {  // the sample is there all the same
    problems.add(bad);
  }
  return std::move(made.record);
}

SampleRecord Maker::put_unusable(const ArchiveSample& sample, const Problem& problem) {
  SampleRecord record;
  record.id = sample.info.id;
  record.parts = sample.info.parts;
  // By which it is known to be unusable again; of what was just being changed nothing is known.
  if (problem.kind != ProblemKind::changed_file) record.inputs = sample.inputs();
  for (InputFile& input : record.inputs)
    input.sha256 = sha256_of_image(to_make_.making.archive, input.path, cache_);
  record.problems = {problem};
  tell(dataset_.stage(sample.info.id, {}).commit(record), record.id, listener_);
  return record;
}

// Whether a sample that was changed while this process made it was made by another one, which puts
// its files into place before its record. Of people who edit files it is soon known that they do
// not make a record.
bool Maker::is_made_by_another(const ArchiveSample& sample) const {
  using Clock = std::chrono::steady_clock;
  const auto enough = Clock::now() + std::chrono::seconds(5);
  while (!to_make_.look(sample).plan.why.empty()) {
    if (Clock::now() > enough) return false;
    stop_if_interrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

// By another process it may be made already, or while this one is making it.
bool Maker::make(std::size_t i, ProblemSink& problems) {
  const ArchiveSample& sample = to_make_.samples[i];
  const auto [planned, before] =
      to_make_.look ? to_make_.look(sample)
                    : LookedAtSample{to_make_.plan.samples[i],
                                     readable_record(to_make_.dataset, sample.info.id)};
  if (planned.why.empty()) return true;
  std::vector<Problem> found;
  bool is_current = true;
  try {
    found =
        (planned.only_info ? put_info(sample, before.value()) : make_anew(sample, before, problems))
            .all_problems();
  } catch (const BadInput& bad) {
    Problem problem = problem_of(bad, sample.info.id);
    // What was changed meanwhile, or has files and no record, is not for this command to remove.
    std::error_code error;
    const auto has = [&](const fs::path& file) {
      return fs::exists(to_make_.dataset / file, error);
    };
    const auto channels = to_make_.making.recipe.channels().all();
    if (to_make_.look && problem.kind == ProblemKind::changed_file && is_made_by_another(sample))
      return true;
    const bool has_files =
        has(sample.files.mask()) ||
        std::any_of(channels.begin(), channels.end(),
                    [&](const std::string& channel) { return has(sample.files.volume(channel)); });
    if (!before && has_files) {
      problems.add(std::move(problem));
      return false;
    }
    const bool is_told =
        to_make_.told.contains(sample.has_volume() ? problem.subject : sample.info.id);
    const bool was_changed = before && problem.kind == ProblemKind::changed_file;
    const bool keeps = before && (was_changed ? before->is_written()
                                              : is_kept(*before, to_make_.making.archive,
                                                        to_make_.making.recipe, Lacking::volume));
    problem.what += outcome_text(keeps);
    if (was_changed || keeps) {
      if (is_told && keeps)
        tell_left({before->id, before->folder}, listener_);
      else
        problems.add(std::move(problem));
      return false;
    }
    found = put_unusable(sample, problem).all_problems();
    if (is_told) return false;
    is_current = false;
  }
  std::vector<Problem> untold = untold_of(std::move(found), to_make_);
  for (Problem& problem : untold) problems.add(std::move(problem));
  return is_current;
}

// Why samples were made again that the dataset had: the most frequent reason, if it is not one
// sample's among many, nor what the command line says.
void tell_made_again(const std::vector<PlannedSample>& samples,
                     const std::vector<std::uint8_t>& is_current, Listener& listener) {
  std::map<std::string, std::size_t> reasons;
  std::size_t all = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const PlannedSample& planned = samples[i];
    if (!planned.is_written || planned.why.empty() || planned.why == again_text || !is_current[i])
      continue;
    ++reasons[planned.why];
    ++all;
  }
  if (reasons.empty()) return;
  const auto most = std::max_element(
      reasons.begin(), reasons.end(),
      [](const auto& one, const auto& other) { return one.second < other.second; });
  if (most->second == 1 && all > 1) return;
  listener.summary(fmt::format(
      "{} {} made again: {}{}.", counted(most->second, "sample"),
      most->second == 1 ? "was" : "were", most->first,
      all == most->second ? "" : fmt::format("; {} for other reasons", all - most->second)));
}

}  // namespace

void tell(const Committed& committed, const std::string& id, Listener& listener) {
  for (const fs::path& file : committed.preserved)
    listener.summary(fmt::format(
        "{}: a file that you had edited was replaced; your version is now {}.", id, file.string()));
  for (const std::string& sentence : committed.left) listener.warning(sentence);
}

std::string others_text(std::size_t unchanged, std::size_t not_makeable) {
  return fmt::format(", {} unchanged{}", unchanged,
                     not_makeable == 0 ? "" : fmt::format(", {} cannot be made", not_makeable));
}

void tell_left(const OtherSample& sample, Listener& listener) {
  const Problem left = problem_of_left(sample);
  listener.warning(fmt::format("{}: {}", left.subject, left.what));
}

std::vector<bool> make_samples(const SamplesToMake& to_make, Transaction& dataset, Cache& cache,
                               const Context& context, Report& report) {
  std::vector<std::uint8_t> is_current(to_make.samples.size());  // threads write beside each other
  std::vector<std::size_t> to_do;
  std::vector<std::string> ids;
  std::vector<std::vector<Problem>> problems(is_current.size());  // in the samples' order
  for (std::size_t i = 0; i < to_make.samples.size(); ++i) {
    const PlannedSample& planned = to_make.plan.samples[i];
    if (!planned.why.empty()) {
      to_do.push_back(i);
      ids.push_back(to_make.samples[i].info.id);
      continue;
    }
    is_current[i] = true;
    problems[i] = untold_of(planned.problems, to_make);
    for (const Problem& problem : problems[i]) context.listener.problem(problem);
  }
  dataset.note_to_make(ids);
  const bool has_idle_cores = to_do.size() < calls_at_once(context.jobs);
  Maker maker(to_make, dataset, cache, context.listener,
              has_idle_cores ? Threads::more : Threads::one);
  Report made(context.listener);
  for_each_item("samples", ids, context, made, [&](std::size_t i, ProblemSink& sink) {
    try {
      is_current[to_do[i]] = maker.make(to_do[i], sink);
    } catch (const BadInput& bad) {
      sink.add(bad);
    }
    problems[to_do[i]] = std::move(sink.problems);
  });
  for (std::vector<Problem>& of_sample : problems) report.keep(std::move(of_sample));
  tell_made_again(to_make.plan.samples, is_current, context.listener);
  if (const std::size_t count = maker.without_earlier_mask(); count > 0)
    context.listener.warning(fmt::format(
        "{} a mask, or a part of it, that the dataset had: the recipe no longer finds the file in "
        "the archive. If this is not what you meant, put the file back, and run the same command "
        "again.",
        counted(count, "sample") + (count == 1 ? " has lost" : " have lost")));
  const std::size_t processed =
      std::count_if(to_do.begin(), to_do.end(), [&](std::size_t i) { return is_current[i] != 0; });
  context.listener.summary(
      fmt::format("{} processed{}.", counted(processed, "sample"),
                  others_text(to_make.samples.size() - to_do.size(), to_do.size() - processed)));
  return {is_current.begin(), is_current.end()};
}

}  // namespace nicohort
