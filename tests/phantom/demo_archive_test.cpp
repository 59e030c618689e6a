// The demo archive as the routines will find it (SPEC 1, 3 and 4).
#include "phantom/demo_archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "image/image_file.hpp"
#include "phantom/faults.hpp"
#include "phantom/sample.hpp"
#include "table/table_file.hpp"
#include "temporary_folder.hpp"

namespace nicohort {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).generic_string()] = read_file(entry.path(), 1 << 26);
  return files;
}

std::vector<std::string> make(const fs::path& folder, int patients, bool faults, int jobs = 1,
                              std::uint64_t seed = 0) {
  return make_demo_archive({.folder = folder,
                            .patients = patients,
                            .size = {32, 32, 12},
                            .seed = seed,
                            .faults = faults,
                            .jobs = jobs},
                           {});
}

TEST(DemoArchive, SameOptionsGiveSameBytesWhateverTheJobs) {
  const TemporaryFolder a, b, c;
  make(a.path(), 4, true, 1);
  make(b.path(), 4, true, 3);
  make(c.path(), 4, false, 1, 1);
  const auto files = files_below(a.path());
  EXPECT_EQ(files, files_below(b.path()));
  for (const auto& [file, bytes] : files_below(c.path()))
    EXPECT_TRUE(!file.ends_with(".gz") || !files.contains(file) || files.at(file) != bytes) << file;
}

TEST(DemoArchive, GoodArchiveHasEveryPairAndReads) {
  const TemporaryFolder folder;
  std::vector<std::size_t> seen;
  const auto lines =
      make_demo_archive({.folder = folder.path(), .patients = 12, .size = {32, 32, 12}, .jobs = 2},
                        [&](std::size_t done, std::size_t total) {
                          EXPECT_EQ(total, 24u);
                          seen.push_back(done);
                        });
  EXPECT_TRUE(lines.empty());
  EXPECT_FALSE(fs::exists(folder.path() / "faults.csv"));
  ASSERT_EQ(seen.size(), 24u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);

  const fs::path archive = folder.path() / "archive";
  std::vector<double> shifts;
  std::set<std::string> types, orientations;
  std::map<Site, std::size_t> patients;
  for (const Site site : all_sites) {
    const Table table = read_table(archive / ("data_meta_" + site_dir(site) + ".xlsx"));
    patients[site] = table.rows.size();
    for (const auto& row : table.rows) {
      Patient patient;
      patient.site = site;
      patient.pid = to_text(row[0]);
      for (const Phase phase : {Phase::pre, Phase::post}) {
        const fs::path image = archive / archive_path(patient, phase, ImageKind::volume);
        const Header volume = read_header(image, true);
        const Header mask =
            read_header(archive / archive_path(patient, phase, ImageKind::mask), true);
        EXPECT_EQ(volume.geometry.size, (Size3{32, 32, 12}));
        EXPECT_EQ(mask.geometry.size, volume.geometry.size);
        const double shift = distance(mask.geometry.affine, volume.geometry.affine);
        if (shift != 0) shifts.push_back(shift);
        types.insert(std::string(name(volume.type)));
        orientations.insert(orientation_to(volume.geometry.affine));
        std::int64_t labelled = 0;
        ImageReader(archive / archive_path(patient, phase, ImageKind::mask))
            .read_labels([&](std::span<const std::uint8_t> labels) {
              for (const auto label : labels) labelled += label != 0;
            });
        EXPECT_GT(labelled, 0) << image;
        float lowest = 0, highest = 0;
        ImageReader(image).read_values([&](std::span<const float> values) {
          for (const float v : values) lowest = std::min(lowest, v), highest = std::max(highest, v);
        });
        EXPECT_GE(lowest, -1024);
        EXPECT_LT(lowest, -980);
        EXPECT_GT(highest, 180);
      }
    }
  }
  EXPECT_EQ(patients[Site::tongji], 8u);
  EXPECT_EQ(patients[Site::shiyan_taihe], 2u);
  EXPECT_EQ(patients[Site::xiangyang], 2u);
  EXPECT_THAT(shifts, testing::ElementsAre(testing::DoubleNear(0.1, 1e-4)));
  EXPECT_THAT(types, testing::ElementsAre("float64", "int16", "int32", "uint16"));
  EXPECT_THAT(orientations, testing::ElementsAre("LAS", "LPS", "Oblique(closest to LPS)", "RAS"));
  EXPECT_THAT(read_file(folder.path() / "descriptor" / "label_map.yaml", 4096),
              HasSubstr("short_form_index_map:\n  0: Bg\n  1: EsoROI\n"));
}

TEST(DemoArchive, RefusesWhatItCannotMake) {
  const TemporaryFolder folder;
  EXPECT_THROW(make(folder.path(), 2, false), UsageError);
  EXPECT_THROW(make_demo_archive({.folder = folder.path(), .size = {160, 160, 2}}, {}), UsageError);
  EXPECT_TRUE(fs::is_empty(folder.path()));
  make(folder.path(), 3, false);
  EXPECT_THROW(make(folder.path(), 3, false), UsageError);
}

// One archive with faults, for all the tests to look at.
class Faults : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    lines_ = make(folder_->path(), 3, true, 2);
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static const fs::path& path() { return folder_->path(); }

  static inline std::vector<std::string> lines_;

 private:
  static inline std::unique_ptr<TemporaryFolder> folder_;
};

TEST_F(Faults, EveryListedFileExistsAndTheListIsReturned) {
  const auto& lines = lines_;
  const Table list = read_table(path() / "faults.csv");
  ASSERT_EQ(list.columns, (std::vector<std::string>{"file", "fault"}));
  ASSERT_EQ(list.rows.size(), lines.size());
  ASSERT_GE(lines.size(), 35u);
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string file = to_text(list.rows[i][0]), what = to_text(list.rows[i][1]);
    EXPECT_EQ(lines[i], file + ": " + what);
    EXPECT_TRUE(fs::is_regular_file(path() / file)) << file;
    kinds.insert(what);
  }
  EXPECT_EQ(kinds.size(), lines.size()) << "one of each";
}

// Whether a file of the archive fails to give its values; masks must be labels.
bool unreadable(const fs::path& file) {
  try {
    ImageReader reader(file);
    if (file.parent_path().filename() == "masks")
      reader.read_labels([](auto) {});
    else
      reader.read_values([](auto) {});
    return false;
  } catch (const BadInput&) {
    return true;
  }
}

TEST_F(Faults, DamagedFilesCannotBeReadAndAllOthersCan) {
  const fs::path archive = path() / "archive";
  // Faults that only show beside other files: the listed file itself is in order.
  const std::set<std::string> readable = {
      "mask has a slice fewer than the volume",
      "mask lies 5 voxels beside the volume",
      "mask value 7, which the label map does not have",
      "name does not fit the pattern",
      "name begins with another site's letters",
      "same sample twice: .nii beside .nii.gz",
      "patient has no post-therapy sample",
      "volume without mask",
      "mask without volume",
      "images without metadata",
  };
  std::set<fs::path> damaged;
  std::size_t found = 0;
  for (const PlannedFault& fault : plan_faults(0, 1, {32, 32, 12})) {
    if (fault.what.empty() || fault.file.ends_with(".xlsx")) continue;
    if (readable.contains(fault.what))
      ++found;
    else
      damaged.insert(archive / fault.file);
  }
  EXPECT_EQ(found, readable.size());
  EXPECT_GE(damaged.size(), 23u);
  for (const auto& entry : fs::recursive_directory_iterator(archive)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".xlsx") continue;
    EXPECT_EQ(unreadable(entry.path()), damaged.contains(entry.path())) << entry.path();
  }
}

TEST_F(Faults, SheetsHaveTheirs) {
  for (const PlannedFault& fault : plan_faults(0, 1, {32, 32, 12})) {
    const std::string sheet = "data_meta_" + site_dir(fault.patient.site) + ".xlsx";
    const Table table = read_table(path() / "archive" / sheet);
    std::ptrdiff_t rows = 0;
    for (const auto& row : table.rows) rows += to_text(row[0]) == fault.patient.pid;
    const bool image = fs::exists(path() / "archive" /
                                  archive_path(fault.patient, Phase::post, ImageKind::volume));
    const bool lacks =
        fault.what == "images without metadata" || fault.what == "key lost its leading zeros";
    EXPECT_EQ(rows, lacks ? 0 : fault.what == "key twice in the sheet" ? 2 : 1) << fault.what;
    EXPECT_EQ(image, fault.what != "metadata without images" &&
                         fault.what != "patient has no post-therapy sample")
        << fault.what;
    if (fault.what == "key lost its leading zeros") {
      const std::string rest = fault.patient.pid.substr(fault.patient.pid.find_first_not_of('0'));
      EXPECT_NE(rest, fault.patient.pid);
      EXPECT_TRUE(std::any_of(table.rows.begin(), table.rows.end(),
                              [&](const auto& row) { return to_text(row[0]) == rest; }));
    }
  }
}

}  // namespace
}  // namespace nicohort
