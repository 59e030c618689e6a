#include "export/write_export.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/listener.hpp"
#include "base/sha256.hpp"
#include "base/wording.hpp"
#include "dataset/own_folders.hpp"
#include "export/export_folder.hpp"
#include "export/write_images.hpp"
#include "export/written_export.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

Sha256Bytes sha256_of_text(const ExportText& text) {
  Sha256 hash;
  text.put([&](std::string_view piece) { hash.update(std::as_bytes(std::span(piece))); });
  return sha256_bytes(hash.finish()).value();
}

bool has_sha256(const fs::path& file, const Sha256Bytes& sha256) {
  std::error_code error;
  return fs::is_regular_file(file, error) && sha256_of_file(file) == hex_of(sha256);
}

void write_text(const ExportText& text, const fs::path& target) {
  AtomicFile file(target);
  SmallPieces pieces(file);
  text.put([&](std::string_view piece) { pieces.write(piece); });
  pieces.finish();
  file.commit();
}

// How many images there are of each kind, and how many of them are made.
struct ImageCounts {
  std::size_t all = 0, to_make = 0;
  std::size_t relabelled = 0, joined = 0;  // of those to make
};

class ExportWriter {
 public:
  ExportWriter(const ExportPlan& plan, const ExportCohort& cohort, LinkKinds links,
               const Context& context);

  void operator()();

 private:
  std::vector<ExportImage> images_of(std::size_t sample) const {
    return plan_.images_of ? plan_.images_of(sample) : std::vector<ExportImage>();
  }
  void find_images();
  void find_texts();
  void find_removed();
  void put_list() const { put_written_export(plan_, cohort_, made_, files_); }
  void make_images();
  void tell();

  const ExportPlan& plan_;
  const ExportCohort& cohort_;
  const ExportImages images_;
  Placer placer_;
  const Context& context_;
  const std::string made_;
  bool was_made_so_ = false;    // the export that is there was made in the same way
  bool is_of_samples_ = false;  // and is of the same samples
  bool has_new_files_ = false;
  std::map<std::string, WrittenFile> files_;  // of the export that is there, and of this one
  ImageCounts counts_;
  std::vector<std::size_t> samples_to_make_;  // of which some image is made
  std::vector<const ExportText*> to_write_;
  std::vector<std::string> to_remove_;
  std::size_t damaged_ = 0;  // of these, files that were there and are no longer as they were
};

ExportWriter::ExportWriter(const ExportPlan& plan, const ExportCohort& cohort, LinkKinds links,
                           const Context& context)
    : plan_(plan),
      cohort_(cohort),
      images_(plan, cohort.root),
      placer_(links.first, links.last),
      context_(context),
      made_(fmt::format("{}-{}", name_of(links.first), name_of(links.last))) {
  WrittenExport before = read_written_export(plan);
  require_no_others(plan, before);
  require_same_dataset(plan, before, cohort);
  warn_of_moved_samples(before, cohort, context.listener);
  was_made_so_ = before.made == made_;
  is_of_samples_ = is_of_samples(before, cohort);
  files_ = std::move(before.files);
}

void ExportWriter::find_images() {
  for (std::size_t i = 0; i < cohort_.samples.size(); ++i) {
    bool is_complete = true;
    for (const ExportImage& image : images_of(i)) {
      WrittenFile& file = files_[image.target];
      file.is_wanted = true;
      ++counts_.all;
      const bool was_made =
          was_made_so_ && file.is_finished && file.made_of == images_.made_of(image);
      if (was_made && images_.is_there(image, file)) continue;
      damaged_ += was_made && images_.is_damaged(image, file);
      file.is_finished = is_complete = false;
      ++counts_.to_make;
      if (!images_.is_as_it_is(image)) ++(image.is_mask ? counts_.relabelled : counts_.joined);
    }
    if (!is_complete) samples_to_make_.push_back(i);
  }
}

void ExportWriter::find_texts() {
  for (const ExportText& text : plan_.texts) {
    const Sha256Bytes sha256 = sha256_of_text(text);
    WrittenFile& file = files_[text.target.generic_string()];
    const bool was_made = file.is_finished && file.made_of == sha256;
    has_new_files_ |= !was_made;
    file = {.made_of = sha256, .is_finished = true, .is_wanted = true};
    if (has_sha256(plan_.folder / text.target, sha256)) continue;
    to_write_.push_back(&text);
    damaged_ += was_made;
  }
}

void ExportWriter::find_removed() {
  for (const auto& [name, file] : files_)
    if (!file.is_wanted) to_remove_.push_back(name);
}

void ExportWriter::make_images() {
  std::set<fs::path> folders;
  std::vector<std::string> ids;
  for (const std::size_t sample : samples_to_make_) {
    ids.push_back(cohort_.samples[sample].id);
    for (const ExportImage& image : images_of(sample))
      folders.insert((plan_.folder / image.target).parent_path());
  }
  for (const fs::path& folder : plan_.folders) make_folders(plan_.folder / folder);
  for (const fs::path& folder : folders) make_folders(folder);
  Report report(context_.listener);
  using Made = std::vector<std::pair<std::string, WrittenFile>>;
  fold_items<Made>(
      "samples", ids, context_, report,
      [&](std::size_t i, ProblemSink&) {
        Made made;
        for (const ExportImage& image : images_of(samples_to_make_[i]))
          if (!files_.at(image.target).is_finished)
            made.emplace_back(image.target, images_.put(image, placer_));
        return made;
      },
      [&](std::size_t, const std::optional<Made>& made) {
        if (made)
          for (const auto& [target, file] : *made) files_.at(target) = file;
      });
  for (const fs::path& folder : folders) flush_folder(folder);
  if (!report.problems().empty())
    throw UsageError(
        "the export was not finished; correct the problems above and run the same "
        "command again");
}

void ExportWriter::tell() {
  const std::size_t made = counts_.to_make;
  std::vector<std::string> ways;
  if (!placer_.text().empty()) ways.push_back(placer_.text());
  if (counts_.relabelled > 0) ways.push_back(counted(counts_.relabelled, "relabelled mask"));
  if (counts_.joined > 0) ways.push_back(counted(counts_.joined, "4-D image"));
  std::vector<std::string> parts{counted(counts_.all, "image")};
  if (made == 0)
    parts.front() += ", unchanged";
  else if (made < counts_.all)
    parts.front() +=
        fmt::format(", of which {} written: {}", made == 1 ? "1 was" : fmt::format("{} were", made),
                    fmt::join(ways, ", "));
  else
    parts.front() += fmt::format(": {}", fmt::join(ways, ", "));
  if (!to_remove_.empty()) parts.push_back(counted(to_remove_.size(), "file") + " removed");
  Listener& listener = context_.listener;
  if (counts_.all > 0)
    listener.summary(fmt::format("{}: {}.", plan_.folder.string(), fmt::join(parts, "; ")));
  if (damaged_ > 0)
    listener.summary(fmt::format("{} missing or had been changed in the export, and {} made again.",
                                 damaged_ == 1 ? "1 file was" : counted(damaged_, "file") + " were",
                                 damaged_ == 1 ? "was" : "were"));
  for (const std::string& sentence : plan_.told) listener.summary(sentence);
}

void ExportWriter::operator()() {
  find_images();
  find_texts();
  find_removed();
  if (counts_.to_make == 0 && to_write_.empty() && to_remove_.empty()) {
    if (!was_made_so_ || !is_of_samples_ || has_new_files_) put_list();
    context_.listener.summary(fmt::format("{} is up to date.", plan_.folder.string()));
    return;
  }
  const bool has_images_to_change = counts_.to_make > 0 || !to_remove_.empty();
  const ExportText& index = plan_.texts.back();
  if (has_images_to_change) {
    std::erase(to_write_, &index);
    to_write_.push_back(&index);
  }
  // What is to come is nicohort's own from now on, also if this is as far as it gets.
  for (const ExportText* text : to_write_)
    files_[text->target.generic_string()].is_finished = false;
  for (const std::string& file : to_remove_) files_[file].is_finished = false;
  make_folders(plan_.folder);
  put_list();
  if (has_images_to_change) {
    // Until the last image is there, there is no index, and nobody takes this for an export.
    std::vector<std::string> with_index = to_remove_;
    with_index.push_back(index.target.generic_string());
    remove_files(plan_.folder, with_index);
    make_images();
  }
  for (const ExportText* text : to_write_) {
    write_text(*text, plan_.folder / text->target);
    files_[text->target.generic_string()].is_finished = true;
  }
  for (const std::string& file : to_remove_) files_.erase(file);
  put_list();
  tell();
}

}  // namespace

void write_export(const ExportPlan& plan, const ExportCohort& cohort, LinkKinds links,
                  const Context& context) {
  ExportWriter(plan, cohort, links, context)();
}

}  // namespace nicohort
