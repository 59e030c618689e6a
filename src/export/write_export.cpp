#include "export/write_export.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/listener.hpp"
#include "base/sha256.hpp"
#include "dataset/own_folders.hpp"
#include "export/export_folder.hpp"
#include "export/write_images.hpp"
#include "export/written_export.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// The checksums of the samples' volumes and masks, by file below the dataset.
Checksums checksums_of(const ExportCohort& cohort) {
  Checksums checksums;
  for (const ExportSample& sample : cohort.samples) {
    std::vector<fs::path> images = sample.record.volumes();
    if (sample.has_mask()) images.push_back(sample.mask());
    for (const fs::path& image : images)
      checksums[image.generic_string()] = sample.record.files.at(image.filename().string());
  }
  return checksums;
}

bool has_text(const fs::path& file, const std::string& text) {
  std::error_code error;
  if (fs::file_size(file, error) != text.size() || error) return false;
  return read_file(file, text.size()) == text;
}

class ExportWriter {
 public:
  ExportWriter(const ExportPlan& plan, const ExportCohort& cohort, LinkKinds links,
               const Context& context)
      : plan_(plan),
        images_(plan, cohort.root, checksums_of(cohort)),
        placer_(links.first, links.last),
        context_(context),
        before_(read_written_export(plan)),
        now_(export_of(plan, cohort,
                       fmt::format("{}-{}", name_of(links.first), name_of(links.last)))) {
    require_no_others(plan, before_);
    require_same_dataset(plan, before_, now_);
    warn_of_moved_samples(before_, now_, context.listener);
  }

  void operator()();

 private:
  void find_images();
  void find_texts();
  void find_removed();
  void put_unfinished();
  void make_images();
  void tell();

  const ExportPlan& plan_;
  const ExportImages images_;
  Placer placer_;
  const Context& context_;
  const WrittenExport before_;
  WrittenExport now_;
  std::vector<const ExportImage*> to_make_;
  std::vector<const ExportText*> to_write_;
  std::vector<std::string> to_remove_;
  std::size_t damaged_ = 0;  // of these, files that were there and are no longer as they were
};

void ExportWriter::find_images() {
  for (const ExportImage& image : plan_.images) {
    const std::string name = image.target.generic_string();
    const auto known = before_.files.find(name);
    const bool was_made = before_.made == now_.made && known != before_.files.end() &&
                          known->second.made_of == images_.key_of(image);
    if (was_made && images_.is_there(image, known->second)) {
      now_.files[name] = known->second;
    } else {
      to_make_.push_back(&image);
      damaged_ += was_made && images_.is_damaged(image, known->second);
    }
  }
}

void ExportWriter::find_texts() {
  for (const ExportText& text : plan_.texts) {
    WrittenFile& file = now_.files[text.target.generic_string()];
    file.made_of = sha256_of(text.text);
    if (has_text(plan_.folder / text.target, text.text)) continue;
    to_write_.push_back(&text);
    const auto known = before_.files.find(text.target.generic_string());
    damaged_ += known != before_.files.end() && known->second.made_of == file.made_of;
  }
}

void ExportWriter::find_removed() {
  std::set<std::string> wanted;
  for (const ExportImage& image : plan_.images) wanted.insert(image.target.generic_string());
  for (const ExportText& text : plan_.texts) wanted.insert(text.target.generic_string());
  for (const auto& [file, known] : before_.files)
    if (!wanted.contains(file)) to_remove_.push_back(file);
}

// What is to come is nicohort's own from now on, also if this is as far as it gets.
void ExportWriter::put_unfinished() {
  WrittenExport unfinished = now_;
  for (const ExportImage* image : to_make_) unfinished.files[image->target.generic_string()] = {};
  for (const ExportText* text : to_write_) unfinished.files[text->target.generic_string()] = {};
  for (const std::string& file : to_remove_) unfinished.files[file] = {};
  make_folders(plan_.folder);
  put_written_export(plan_.folder, unfinished);
}

void ExportWriter::make_images() {
  std::set<fs::path> folders;
  std::vector<std::string> subjects;
  for (const ExportImage* image : to_make_) {
    folders.insert((plan_.folder / image->target).parent_path());
    subjects.push_back(image->target.generic_string());
  }
  for (const fs::path& folder : plan_.folders) make_folders(plan_.folder / folder);
  for (const fs::path& folder : folders) make_folders(folder);
  Report report(context_.listener);
  const auto made = map_items<WrittenFile>(
      "files", subjects, context_, report,
      [&](std::size_t i, ProblemSink&) { return images_.put(*to_make_[i], placer_); });
  for (const fs::path& folder : folders) flush_folder(folder);
  if (!report.problems().empty())
    throw UsageError(
        "the export was not finished; correct the problems above and run the same "
        "command again");
  for (std::size_t i = 0; i < made.size(); ++i) now_.files[subjects[i]] = *made[i];
}

void ExportWriter::tell() {
  std::vector<std::string> parts{counted(plan_.images.size(), "image")};
  const std::string ways = images_.ways_of(to_make_, placer_);
  if (to_make_.empty())
    parts.front() += ", unchanged";
  else if (to_make_.size() < plan_.images.size())
    parts.front() +=
        fmt::format(", of which {} written: {}",
                    to_make_.size() == 1 ? "1 was" : fmt::format("{} were", to_make_.size()), ways);
  else
    parts.front() += ": " + ways;
  if (!to_remove_.empty()) parts.push_back(counted(to_remove_.size(), "file") + " removed");
  Listener& listener = context_.listener;
  if (!plan_.images.empty())
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
  if (to_make_.empty() && to_write_.empty() && to_remove_.empty()) {
    if (now_ != before_) put_written_export(plan_.folder, now_);
    context_.listener.summary(fmt::format("{} is up to date.", plan_.folder.string()));
    return;
  }
  put_unfinished();
  if (!to_make_.empty() || !to_remove_.empty()) {
    // Until the last image is there, there is no index, and nobody takes this for an export.
    const ExportText& index = plan_.texts.back();
    std::erase(to_write_, &index);
    to_write_.push_back(&index);
    to_remove_.push_back(index.target.generic_string());
    remove_files(plan_.folder, to_remove_);
    to_remove_.pop_back();
    make_images();
  }
  for (const ExportText* text : to_write_) write_file(plan_.folder / text->target, text->text);
  put_written_export(plan_.folder, now_);
  tell();
}

}  // namespace

void write_export(const ExportPlan& plan, const ExportCohort& cohort, LinkKinds links,
                  const Context& context) {
  ExportWriter(plan, cohort, links, context)();
}

}  // namespace nicohort
