// An image comes out of several threads as it comes out of one, errors too.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <random>

#include "base/interrupt.hpp"
#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/test_disk.hpp"
#include "image/image_file.hpp"

namespace nicohort {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr std::size_t piece = 64 * 1024;  // voxels of float32 in a piece
const std::vector<Threads> both = {Threads::one, Threads::more};

Geometry geometry_of(std::int64_t slices) {
  Geometry geometry;
  geometry.size = {256, 256, slices};  // a piece each
  return geometry;
}

std::vector<float> noise(std::int64_t slices) {
  std::mt19937 random(1);
  std::vector<float> values(slices * piece);
  for (float& value : values) value = float(std::int16_t(random()));
  return values;
}

void save_noise(const fs::path& file, std::int64_t slices, Threads threads,
                DataType type = DataType::float32) {
  AtomicFile output(file);
  ImageWriter writer(output, geometry_of(slices), type, Compression::balanced, threads);
  const std::vector<float> values = noise(slices);
  if (type == DataType::float32)
    for (std::int64_t z = 0; z < slices; ++z)
      writer.write(std::span(values).subspan(z * piece, piece));
  else
    writer.write_stored(std::as_bytes(std::span(values)).first(slices * piece * bytes_of(type)));
  writer.finish();
  output.commit();
}

// What is read before an error, and the error.
std::pair<std::vector<float>, std::string> what_is_read(const fs::path& file, Threads threads) {
  std::vector<float> values;
  const std::string error = message_of<BadInput>([&] {
    ImageReader reader(file, true, 1, threads);
    reader.read_values([&](std::span<const float> some) {
      values.insert(values.end(), some.begin(), some.end());
    });
    values.push_back(float(reader.sha256().size()));
    values.push_back(float(std::hash<std::string>()(reader.sha256() + reader.value_hash())));
  });
  return {std::move(values), error};
}

TEST(Spec2DeterminismThreads, do_not_change_what_is_written) {
  const testing::TemporaryFolder folder;
  for (const DataType type : {DataType::float32, DataType::int16, DataType::uint8}) {
    save_noise(folder / "one.nii.gz", 9, Threads::one, type);
    save_noise(folder / "more.nii.gz", 9, Threads::more, type);
    EXPECT_TRUE(bytes_of(folder / "one.nii.gz") == bytes_of(folder / "more.nii.gz"));
  }
}

TEST(Spec2DeterminismThreads, do_not_change_what_is_read) {
  const testing::TemporaryFolder folder;
  for (const DataType type : {DataType::float32, DataType::int16}) {
    save_noise(folder / "a.nii.gz", 9, Threads::one, type);
    const auto [values, error] = what_is_read(folder / "a.nii.gz", Threads::more);
    EXPECT_TRUE(values == what_is_read(folder / "a.nii.gz", Threads::one).first);
    EXPECT_EQ(values.size(), 9 * piece + 2);
    EXPECT_EQ(error, "");
  }
}

TEST(Spec3DamageThreads, is_found_at_the_same_place) {
  const testing::TemporaryFolder folder;
  save_noise(folder / "a.nii.gz", 9, Threads::one);
  const std::string whole = bytes_of(folder / "a.nii.gz");
  std::string damaged = whole, checksum = whole;
  for (std::size_t i = 0; i < 100; ++i) damaged[whole.size() / 2 + i] = char(i * 37);
  checksum[whole.size() - 8] ^= 1;
  for (const std::string& bytes : {damaged, checksum, whole.substr(0, whole.size() / 2),
                                   whole.substr(0, whole.size() - 1), whole + "behind"}) {
    const fs::path file = folder.write("damaged.nii.gz", bytes);
    const auto one = what_is_read(file, Threads::one), more = what_is_read(file, Threads::more);
    EXPECT_NE(one.second, "");
    EXPECT_EQ(one.second, more.second);
    EXPECT_TRUE(one.first == more.first) << one.second;
    EXPECT_GE(one.first.size(), piece) << one.second;
  }
}

TEST(MachineErrorThreads, a_disk_that_fills_up_is_told_as_it_is_by_one) {
  const testing::TemporaryFolder folder;
  int calls = 0;
  {
    const TestDisk counting([&](const TestDisk::Call& call, int) {
      calls += call.name == "write";
      return 0;
    });
    save_noise(folder / "a.nii.gz", 9, Threads::one);
  }
  ASSERT_GE(calls, 9);
  for (const int failing : {1, calls / 2, calls}) {
    std::vector<std::string> told;
    for (const Threads threads : both) {
      int call_number = 0;
      const TestDisk full([&](const TestDisk::Call& call, int) {
        return call.name == "write" && ++call_number >= failing ? ENOSPC : 0;
      });
      told.push_back(
          message_of<MachineError>([&] { save_noise(folder / "b.nii.gz", 9, threads); }));
      EXPECT_FALSE(fs::exists(folder / "b.nii.gz"));
    }
    EXPECT_THAT(told.front(), ::testing::HasSubstr("No space left on device"));
    EXPECT_EQ(told.front(), told.back());
  }
}

// How a process ends that reads or writes an image and gets a signal after the first piece.
int status_after_signal(const fs::path& file, bool reads) {
  const pid_t child = ::fork();
  if (child == 0) {
    catch_interrupts();
    bool is_over = false;
    try {
      const std::vector<float> values(piece, 1.5F);
      if (reads) {
        ImageReader(file, true, 1, Threads::more).read_values([&](std::span<const float>) {
          if (!std::exchange(is_over, true)) ::raise(SIGTERM);
        });
      } else {
        AtomicFile output(file.string() + ".new");
        ImageWriter writer(output, geometry_of(9), DataType::float32, Compression::balanced,
                           Threads::more);
        for (int z = 0; z < 9; ++z) {
          if (z == 1) ::raise(SIGTERM);
          writer.write(values);
        }
        writer.finish();
      }
    } catch (const Interrupted& stop) {
      ::_exit(stop.signal());
    }
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(InterruptThreads, reading_ahead_and_writing_behind_stop) {
  const testing::TemporaryFolder folder;
  save_noise(folder / "a.nii.gz", 30, Threads::one);
  EXPECT_EQ(status_after_signal(folder / "a.nii.gz", true), SIGTERM);
  EXPECT_EQ(status_after_signal(folder / "a.nii.gz", false), SIGTERM);
}

}  // namespace
}  // namespace nicohort
