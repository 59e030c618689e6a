#include "dataset/cache.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "base/sha256.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

const FileState old_state{10, 1'000'000'000, 2'000'000'000, 7};

const std::string sha_of_a = sha256_of("a"), sha_of_b = sha256_of("b");

long lines_of(const fs::path& file) {
  const std::string text = bytes_of(file);
  return std::count(text.begin(), text.end(), '\n');
}

std::vector<fs::path> cache_files(const TemporaryFolder& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / ".nicohort/cache"))
    files.push_back(entry.path());
  return files;
}

TEST(Cache, knows_a_file_again_as_long_as_its_state_is_the_same) {
  const TemporaryFolder folder;
  Header header;
  header.geometry.size = {3, 4, 5};
  header.geometry.affine(0, 3) = 0.1;
  header.type = DataType::int16;
  header.slope = std::numeric_limits<double>::quiet_NaN();
  {
    Cache cache(folder.path());
    cache.put_sha256("grouped/a", old_state, sha_of_a);
    cache.put_header("grouped/a", old_state, std::make_shared<const Header>(header));
    cache.put_note("run", "text");
    cache.save();
  }
  const Cache cache(folder.path());
  EXPECT_EQ(cache.sha256("grouped/a", old_state), sha_of_a);
  EXPECT_EQ(cache.note("run"), "text");
  const auto again = cache.header("grouped/a", old_state);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->geometry.affine, header.geometry.affine);
  EXPECT_EQ(again->file_bytes(), header.file_bytes());
  EXPECT_NE(again->slope, again->slope) << "not a number";
  for (FileState other : {FileState{11, 1'000'000'000, 2'000'000'000, 7},
                          FileState{10, 1'000'000'001, 2'000'000'000, 7},
                          FileState{10, 1'000'000'000, 2'000'000'001, 7},
                          FileState{10, 1'000'000'000, 2'000'000'000, 8}}) {
    EXPECT_FALSE(cache.sha256("grouped/a", other));
    EXPECT_FALSE(cache.header("grouped/a", other));
  }
}

TEST(Cache, does_not_believe_what_may_have_changed_in_the_same_tick) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("a", "text");
  {
    Cache cache(folder.path());
    cache.put_sha256("a", state_of(file), sha_of_a);
    EXPECT_FALSE(cache.sha256("a", state_of(file))) << "it is too young";
    cache.put_written("a", state_of(file), sha_of_a);
    EXPECT_TRUE(cache.sha256("a", state_of(file)));
    cache.save();
  }
  // As old as the cache itself.
  fs::last_write_time(cache_files(folder)[0], fs::last_write_time(file));
  EXPECT_FALSE(Cache(folder.path()).sha256("a", state_of(file)));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  Cache cache(folder.path());
  cache.put_sha256("a", state_of(file), sha_of_a);
  cache.save();
  EXPECT_TRUE(Cache(folder.path()).sha256("a", state_of(file)));
}

TEST(Cache, keeps_what_two_processes_know) {
  const TemporaryFolder folder;
  {
    Cache one(folder.path()), other(folder.path());
    one.put_sha256("a", old_state, sha_of_a);
    other.put_sha256("b", old_state, sha_of_b);
    one.save();
    other.save();
  }
  EXPECT_THAT(cache_files(folder), SizeIs(2));
  Cache cache(folder.path());
  cache.save();
  EXPECT_THAT(cache_files(folder), SizeIs(1));
  EXPECT_EQ(Cache(folder.path()).sha256("a", old_state), sha_of_a);
  EXPECT_EQ(Cache(folder.path()).sha256("b", old_state), sha_of_b);
}

// As shards do: the first reads all headers, each reads some files.
TEST(Cache, keeps_the_news_of_many_beside_each_other_and_knows_all_of_them) {
  const TemporaryFolder folder;
  Header header;
  header.type = DataType::int16;
  header.channels = 3;
  Cache first(folder.path());
  for (const char* key : {"a", "b"})
    first.put_header(key, old_state, std::make_shared<const Header>(header));
  first.save_news();
  const auto of_first = cache_files(folder);
  Cache second(folder.path());
  EXPECT_EQ(second.header("a", old_state)->channels, 3);
  second.put_sha256("a", old_state, sha_of_a);
  second.save_news();
  for (const fs::path& file : cache_files(folder))
    EXPECT_EQ(lines_of(file), file == of_first.front() ? 2 : 1) << "what it found out itself";
  first.put_sha256("b", old_state, sha_of_b);
  first.save_news();  // later than the second, which knows more of `a`
  EXPECT_THAT(cache_files(folder), SizeIs(2)) << "each has one";
  Cache all(folder.path());
  for (const char* key : {"a", "b"}) {
    EXPECT_EQ(all.sha256(key, old_state), sha256_of(key));
    EXPECT_TRUE(all.header(key, old_state));
  }
  all.save();
  EXPECT_THAT(cache_files(folder), SizeIs(1));
}

TEST(Cache, passes_over_what_is_damaged_and_what_cannot_be_written) {
  const TemporaryFolder folder;
  folder.write(".nicohort/cache/x.jsonl", "nonsense\n{\"key\":1}\n\n" + std::string(100'000, 'x') +
                                              "\n{\"note\":\"run\",\"text\":\"t\"}\n" +
                                              std::string(100'000, 'x'));
  EXPECT_EQ(Cache(folder.path()).note("run"), "t");
  const TemporaryFolder other;
  other.write(".nicohort/cache", "a file");
  EXPECT_NO_THROW(Cache(other.path()).save());
  const TemporaryFolder linked;
  fs::create_directories(linked / ".nicohort");
  fs::create_directory_symlink(folder / ".nicohort/cache", linked / ".nicohort/cache");
  Cache cache(linked.path());
  EXPECT_THAT(cache.note("run"), IsEmpty()) << "links are not followed";
  cache.save();
  EXPECT_THAT(cache_files(folder), SizeIs(1));
}

}  // namespace
}  // namespace nicohort
