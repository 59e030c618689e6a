#include "export/place.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/wording.hpp"
#include "base/written_files.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t copied_bytes = 1 << 20;  // at a time

class Descriptor {
 public:
  Descriptor(const fs::path& file, int flags) : number_(::open(file.c_str(), flags, 0666)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void copy_bytes(const fs::path& file, const fs::path& target) {
  const Descriptor source(file, O_RDONLY | O_CLOEXEC);
  if (source.number() < 0) throw_machine_error("read", file);
  AtomicFile copied(target);
  std::vector<std::byte> bytes(copied_bytes);
  for (;;) {
    const ssize_t count = ::read(source.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_machine_error("read", file);
    if (count == 0) break;
    copied.write(std::span(bytes).first(count));
  }
  copied.commit();
}

// Whether the new name was made; errno says why not.
bool make_link(LinkKind kind, const fs::path& file, const fs::path& name) {
  if (kind == LinkKind::hard) return ::link(file.c_str(), name.c_str()) == 0;
  if (kind == LinkKind::symbolic) return ::symlink(fs::canonical(file).c_str(), name.c_str()) == 0;
  const Descriptor source(file, O_RDONLY | O_CLOEXEC);
  if (source.number() < 0) return false;
  const Descriptor target(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  if (target.number() < 0) return false;
  return ::ioctl(target.number(), FICLONE, source.number()) == 0;
}

// Why links of this kind are not possible, where another kind may be; empty for other errors.
std::string refusal(int error) {
  switch (error) {
    case EXDEV:
      return "the export is on another disk than the dataset";
    case EPERM:
    case EACCES:
      return "the disk has no such links, or the file belongs to somebody else";
    case EMLINK:
      return "the file has as many of them as the disk allows";
    case EOPNOTSUPP:
    case ENOTTY:
    case EINVAL:
    case ENOSYS:
      return "the disk has no such links";
    default:
      return "";
  }
}

// Gives why such links are not possible; empty: there is one now.
std::string link_as(LinkKind kind, const fs::path& file, const fs::path& target) {
  const fs::path name = target.parent_path() / ("." + target.filename().string() + ".link");
  ::unlink(name.c_str());  // of a run that was killed
  if (!make_link(kind, file, name)) {
    const int error = errno;
    ::unlink(name.c_str());
    errno = error;
    if (std::string why = refusal(error); !why.empty())
      return fmt::format("{} ({})", why, std::strerror(error));
    throw_machine_error("link", target);
  }
  if (::rename(name.c_str(), target.c_str()) != 0) throw_machine_error("rename to", target);
  ::unlink(name.c_str());  // still there where both were names of one file
  return "";
}

}  // namespace

std::string name_of(LinkKind kind) {
  switch (kind) {
    case LinkKind::reflink:
      return "reflink";
    case LinkKind::hard:
      return "hard link";
    case LinkKind::symbolic:
      return "symbolic link";
    default:
      return "copy";
  }
}

bool is_link_to(LinkKind kind, const fs::path& file, const fs::path& target) {
  std::error_code error;
  const bool is_symbolic = fs::is_symlink(fs::symlink_status(target, error));
  if (is_symbolic != (kind == LinkKind::symbolic)) return false;
  const bool is_same = fs::equivalent(file, target, error);
  return is_same == (kind == LinkKind::symbolic || kind == LinkKind::hard);
}

LinkKind Placer::place(const fs::path& file, const fs::path& target) {
  LinkKind kind;
  {
    const std::lock_guard guard(mutex_);
    kind = first_;
  }
  while (kind != LinkKind::copy) {
    const std::string why = link_as(kind, file, target);
    if (why.empty()) break;
    if (kind == last_)
      throw UsageError(fmt::format(
          "{}: cannot be a {} of {}: {}; use --link auto, which makes another kind of links, or "
          "copies",
          target.string(), name_of(kind), file.string(), why));
    kind = static_cast<LinkKind>(static_cast<int>(kind) + 1);
  }
  if (kind == LinkKind::copy) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(target, error))) fs::remove(target, error);
    copy_bytes(file, target);
  }
  was_written(target);
  const std::lock_guard guard(mutex_);
  first_ = std::max(first_, kind);
  ++counts_[static_cast<std::size_t>(kind)];
  return kind;
}

std::string Placer::text() const {
  std::vector<std::string> texts;
  const std::lock_guard guard(mutex_);
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0)
      texts.push_back(i == static_cast<std::size_t>(LinkKind::copy) && counts_[i] > 1
                          ? fmt::format("{} copies", counts_[i])
                          : counted(counts_[i], name_of(static_cast<LinkKind>(i))));
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace nicohort
