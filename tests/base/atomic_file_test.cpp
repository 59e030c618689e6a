#include "base/atomic_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/disk.hpp"
#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

TEST(Spec2SafetyAtomicFile, has_its_name_only_after_commit) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "a.txt");
  file.write("half");
  EXPECT_FALSE(fs::exists(folder / "a.txt"));
  EXPECT_THAT(folder.files(), SizeIs(1)) << "it is beside the final name";
  file.write(" and half");
  file.commit();
  EXPECT_EQ(bytes_of(folder / "a.txt"), "half and half");
  EXPECT_THAT(folder.files(), ElementsAre("a.txt"));
}

TEST(Spec2SafetyAtomicFile, without_commit_the_old_file_stays_and_nothing_else) {
  const TemporaryFolder folder;
  folder.write("a.txt", "old");
  {
    AtomicFile file(folder / "a.txt");
    file.write("new");
  }
  EXPECT_EQ(bytes_of(folder / "a.txt"), "old");
  EXPECT_THAT(folder.files(), ElementsAre("a.txt"));
}

TEST(Spec2SafetyAtomicFile, replaces_the_old_file_whole) {
  const TemporaryFolder folder;
  folder.write("a.txt", "a long old content");
  write_file(folder / "a.txt", "new");
  EXPECT_EQ(bytes_of(folder / "a.txt"), "new");
  EXPECT_THAT(folder.files(), ElementsAre("a.txt"));
}

TEST(Spec2SafetyAtomicFile, a_reader_keeps_the_file_that_it_opened) {
  const TemporaryFolder folder;
  std::ifstream reader(folder.write("a.txt", "old"));
  write_file(folder / "a.txt", "new");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old");
}

// Otherwise a power cut may leave an empty file under the name, or take back the name.
TEST(Spec2SafetyAtomicFile, is_flushed_before_it_has_its_name_and_the_folder_afterwards) {
  const TemporaryFolder folder;
  std::vector<std::string> calls;
  {
    const TestDisk disk([&](const TestDisk::Call& call, int) {
      const bool is_folder = call.path.filename() == folder.path().filename();
      calls.push_back(call.name + (is_folder ? " folder" : ""));
      return 0;
    });
    write_file(folder / "a.txt", "text");
  }
  EXPECT_THAT(calls, ElementsAre("create", "write", "fsync", "rename", "close", "fsync folder"));
}

mode_t mode_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(Spec2SafetyAtomicFile, keeps_the_permissions_of_the_file_that_it_replaces) {
  const TemporaryFolder folder;
  for (const mode_t mode : {0640, 0664, 0400}) {
    ::chmod(folder.write("a.txt", "old").c_str(), mode);
    write_file(folder / "a.txt", "new");
    EXPECT_EQ(mode_of(folder / "a.txt"), mode);
    fs::remove(folder / "a.txt");
  }
}

TEST(Spec2SafetyAtomicFile, what_is_for_the_owner_only_is_so_also_where_the_older_file_was_not) {
  const TemporaryFolder folder;
  ::chmod(folder.write("a.txt", "old").c_str(), 0644);
  for (const char* name : {"a.txt", "b.txt"}) {
    write_file(folder / name, "secret", Access::owner_only);
    EXPECT_EQ(mode_of(folder / name), 0600);
  }
}

TEST(Spec2SafetyAtomicFile, writes_through_no_symbolic_link_and_leaves_it_there) {
  const TemporaryFolder folder, other;
  const fs::path target = other.write("b.txt", "of somebody else");
  fs::create_symlink(target, folder / "a.txt");
  EXPECT_THAT(message_of<BadInput>([&] { write_file(folder / "a.txt", "new"); }),
              HasSubstr("is a symbolic link to " + target.string()));
  EXPECT_EQ(bytes_of(target), "of somebody else");
  EXPECT_TRUE(fs::is_symlink(folder / "a.txt"));
}

TEST(Spec2SafetyAtomicFile, makes_the_folders_it_needs) {
  const TemporaryFolder folder;
  write_file(folder / "x/y/z/a.txt", "text");
  EXPECT_EQ(bytes_of(folder / "x/y/z/a.txt"), "text");
}

TEST(Spec2SafetyAtomicFile, takes_the_longest_name_that_a_folder_can_hold) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file(folder / name, "text");
  EXPECT_EQ(bytes_of(folder / name), "text");
  EXPECT_THAT(folder.files(), ElementsAre(name));
}

// As when the machine loses power: the process ends with the file half written.
TEST(Spec2SafetyAtomicFile, after_a_crash_the_old_file_is_there_and_the_next_run_cleans_up) {
  const TemporaryFolder folder;
  folder.write("a.txt", "old");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    AtomicFile file(folder / "a.txt");
    file.write(std::string(1000, 'x'));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(bytes_of(folder / "a.txt"), "old");
  ASSERT_THAT(folder.files(), SizeIs(2)) << "the crash should have left its temporary file";
  write_file(folder / "a.txt", "new");
  EXPECT_EQ(bytes_of(folder / "a.txt"), "new");
  EXPECT_THAT(folder.files(), ElementsAre("a.txt"));
}

TEST(Spec2SafetyAtomicFile, two_writers_of_one_file_do_not_mix) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "a.txt");
  first.write("first");
  EXPECT_THAT(message_of<MachineError>([&] { AtomicFile second(folder / "a.txt"); }),
              HasSubstr("another nicohort process is writing it"));
  first.commit();
  EXPECT_EQ(bytes_of(folder / "a.txt"), "first");
  AtomicFile third(folder / "a.txt");
  third.write("third");
  third.commit();
  EXPECT_EQ(bytes_of(folder / "a.txt"), "third");
}

TEST(Spec2SafetyAtomicFile, of_many_may_be_written_at_once) {
  const TemporaryFolder folder;
  AtomicFile one(folder / "a.txt", Access::of_many);
  one.write("one");
  const pid_t child = ::fork();
  if (child == 0) {
    write_file(folder / "a.txt", "other", Access::of_many);
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(bytes_of(folder / "a.txt"), "other");
  one.commit();
  EXPECT_EQ(bytes_of(folder / "a.txt"), "one");
  EXPECT_THAT(folder.files(), ElementsAre("a.txt"));
}

// A disk that does what it is asked to and says that it has not, as NFS may.
class ForgetfulDisk : public Disk {
 public:
  ForgetfulDisk() { replace_disk(this); }
  ~ForgetfulDisk() override { replace_disk(nullptr); }
  int rename(const fs::path& from, const fs::path& to) override {
    Disk::rename(from, to);
    errno = ENOENT;
    return -1;
  }
};

TEST(Spec2SafetyAtomicFile, a_rename_that_was_done_and_is_said_not_to_be_is_done) {
  const TemporaryFolder folder;
  folder.write("a.txt", "old");
  const ForgetfulDisk disk;
  write_file(folder / "a.txt", "new");
  EXPECT_EQ(bytes_of(folder / "a.txt"), "new");
  EXPECT_THAT(folder.files(), ElementsAre("a.txt"));
}

TEST(Spec2SafetyAtomicFile, files_of_one_folder_do_not_meet) {
  const TemporaryFolder folder;
  AtomicFile a(folder / "a.txt"), b(folder / "b.txt");
  a.write("a");
  b.write("b");
  b.commit();
  a.commit();
  EXPECT_EQ(bytes_of(folder / "a.txt") + bytes_of(folder / "b.txt"), "ab");
}

TEST(Spec2ExitStatusAtomicFile, a_folder_that_cannot_be_made_is_the_machines_failure) {
  const TemporaryFolder folder;
  folder.write("a", "a file, not a folder");
  EXPECT_THAT(message_of<MachineError>([&] { AtomicFile(folder / "a/b.txt"); }), HasSubstr("/a"));
}

TEST(Spec2ExitStatusAtomicFile, a_folder_of_that_name_is_the_machines_failure) {
  const TemporaryFolder folder;
  folder.write("a.txt/inside", "");
  EXPECT_THROW(write_file(folder / "a.txt", "text"), MachineError);
  EXPECT_THAT(folder.files(), ElementsAre("a.txt/inside"));
}

TEST(RemoveLeftovers, takes_what_nobody_writes_any_more) {
  const TemporaryFolder folder;
  folder.write("a.txt", "a file");
  folder.write(".nicohort-notes", "a file of the user's");
  folder.write("notes.tmp", "another");
  folder.write(".nicohort-0123456789abcdef.tmp", "left");
  folder.write("x/.nicohort-0123456789abcdef.tmp", "left below");
  remove_leftovers(folder.path(), false);
  EXPECT_THAT(folder.files(), ElementsAre(".nicohort-notes", "a.txt", "notes.tmp",
                                          "x/.nicohort-0123456789abcdef.tmp"));
  remove_leftovers(folder.path(), true);
  EXPECT_THAT(folder.files(), ElementsAre(".nicohort-notes", "a.txt", "notes.tmp"));
}

TEST(RemoveLeftovers, leaves_what_somebody_writes) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "a.txt");
  file.write("whole");
  remove_leftovers(folder.path(), true);
  file.commit();
  EXPECT_EQ(bytes_of(folder / "a.txt"), "whole");
}

TEST(RemoveLeftovers, follows_no_link_and_needs_no_folder) {
  const TemporaryFolder folder, other;
  const fs::path target = other.write(".nicohort-1.tmp", "elsewhere");
  fs::create_symlink(target, folder / ".nicohort-2.tmp");
  fs::create_directory_symlink(other.path(), folder / "link");
  remove_leftovers(folder.path(), true);
  EXPECT_EQ(bytes_of(target), "elsewhere");
  EXPECT_NO_THROW(remove_leftovers(folder / "none", true));
}

TEST(ReadFile, gives_all_bytes_up_to_the_limit) {
  const TemporaryFolder folder;
  const std::string text(40000, 't');
  const fs::path file = folder.write("a.txt", text);
  EXPECT_EQ(read_file(file, text.size()), text);
  EXPECT_THROW(read_file(file, text.size() - 1), BadInput);
  EXPECT_THAT(read_file(folder.write("empty", ""), 0), IsEmpty());
}

TEST(ReadFile, blames_what_cannot_be_read) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<BadInput>([&] { read_file(folder / "none", 10); }),
              HasSubstr("No such file"));
  EXPECT_THROW(read_file(folder.path(), 10), BadInput);
}

}  // namespace
}  // namespace nicohort
