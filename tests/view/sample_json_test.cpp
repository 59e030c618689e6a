#include "view/sample_json.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/info.hpp"
#include "dataset/record.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

using namespace testing;
using nlohmann::json;

Table region_rows(const std::string& id, double label, double voxels) {
  return {{"ID", "label", "voxels", "volume_mm3", "x", "y", "z", "x_mm", "y_mm", "z_mm"},
          {{id, label, voxels, 12.5, 1.0, 2.0, 3.5, -4.0, 5.0, 6.0}}};
}

class SampleJson : public ::testing::Test {
 protected:
  SampleJson() {
    for (const std::string id : {"TJ_1_pre", "TJ_2 #_pre", "TJ_3_pre"}) {
      const std::string files = "grouped/TJ/pre/" + id + "/" + id;
      root.write(files + "_volume.nii.gz", "v");
      root.write(files + "_mask.nii.gz", "m");
      root.write(files + "_mask_01_ROI.nii.gz", "1");
      root.write(files + "_info.yaml",
                 info_text({id, {{"site", "TJ"}, {"phase", "pre"}, {"pid", "1"}}, "TJ/pre", {}}));
    }
    root.write("grouped/TJ/pre/TJ_9_pre/TJ_9_pre_mask.nii.gz", "no volume: nothing to look at");
    root.write("archive/t/TJ_1.nii.gz", "m");
    root.write("archive/t/TJ_2.nii", "m");
    root.write("secret.nii.gz", "m");
    root.write("descriptor/label_map.yaml", "short_form_index_map: {0: Bg, 1: Other}\n");
    put_record("TJ_1_pre", "t/TJ_1.nii.gz");
    put_record("TJ_2 #_pre", "t/TJ_2.nii");
    put_record("TJ_3_pre", "../secret.nii.gz");
    write_table(root / "descriptor/small_connected_region_300_manifest.xlsx",
                {{"Small", {}}, {"Regions", region_rows("TJ_2 #_pre", 1, 7)}});
    write_table(root / "descriptor/small_connected_region_300_after_modification_manifest.xlsx",
                {{"Small", {}}, {"Regions", region_rows("TJ_2 #_pre", 0, 8)}});
  }

  void put_record(const std::string& id, const std::string& mask) {
    SampleRecord record;
    record.id = id;
    record.folder = "TJ/pre/" + id;
    record.inputs = {{"t/volume.nii.gz", ""}, {mask, "", true}};
    record.labels = {{1, "ROI"}};
    record.groups = {{"tumour", {1, 2}}};
    root.write("grouped/.nicohort/" + id + ".json", record_text(record));
  }

  json answer(const std::string& id, std::optional<Verdict> verdict = {}) {
    const SampleIndex index = read_sample_index(root.path(), find_index_sources(root.path()));
    return sample_json(root.path(), {root.path() / archive_folder}, index, index.find(id).value(),
                       verdict);
  }

  TemporaryFolder root;
};

TEST_F(SampleJson, says_everything_of_a_sample) {
  const Verdict verdict{"fix", "c", "r", "2026-01-02T03:04:05Z"};
  const std::string files = "/files/grouped/TJ/pre/TJ_2%20%23_pre/TJ_2%20%23_pre";
  const auto region = [](int label, const char* name, double voxels, const char* when) {
    return json{{"label", label}, {"name", name}, {"voxels", voxels}, {"volume_mm3", 12.5},
                {"x", 1.0},       {"y", 2.0},     {"z", 3.5},         {"x_mm", -4.0},
                {"y_mm", 5.0},    {"z_mm", 6.0},  {"when", when}};
  };
  EXPECT_EQ(
      answer("TJ_2 #_pre", verdict),
      json({{"id", "TJ_2 #_pre"},
            {"unit", "HU"},
            {"window", {-160.0, 240.0}},
            {"volumes", json::array({{{"channel", nullptr}, {"url", files + "_volume.nii.gz"}}})},
            {"masks",
             {{"before", "/files/drawn/TJ_2%20%23_pre.nii.gz"},
              {"after", files + "_mask.nii.gz"},
              {"labels",
               json::array(
                   {{{"label", 1}, {"name", "ROI"}, {"url", files + "_mask_01_ROI.nii.gz"}}})}}},
            {"labels",
             json::array({{{"label", 0}, {"name", "Bg"}}, {{"label", 1}, {"name", "ROI"}}})},
            {"groups", json::array({{{"name", "tumour"}, {"labels", {1, 2}}}})},
            {"regions", json::array({region(1, "ROI", 7, "before"), region(0, "Bg", 8, "after")})},
            {"previous", "TJ_1_pre"},
            {"next", "TJ_3_pre"},
            {"verdict",
             {{"verdict", "fix"},
              {"comment", "c"},
              {"reviewer", "r"},
              {"time", "2026-01-02T03:04:05Z"}}}}));
}

TEST_F(SampleJson, the_first_and_the_last_have_one_neighbour) {
  const json first = answer("TJ_1_pre"), last = answer("TJ_3_pre");
  EXPECT_EQ(first["previous"], nullptr);
  EXPECT_EQ(first["next"], "TJ_2 #_pre");
  EXPECT_EQ(last["previous"], "TJ_2 #_pre");
  EXPECT_EQ(last["next"], nullptr);
  EXPECT_EQ(first["verdict"], nullptr);
}

TEST_F(SampleJson, the_mask_as_drawn_comes_from_the_archive_and_nowhere_else) {
  EXPECT_EQ(answer("TJ_1_pre")["masks"]["before"], "/files/drawn/TJ_1_pre.nii.gz");
  EXPECT_EQ(answer("TJ_3_pre")["masks"]["before"], nullptr);
  std::filesystem::remove(root / "archive/t/TJ_1.nii.gz");
  EXPECT_EQ(answer("TJ_1_pre")["masks"]["before"], nullptr);
}

TEST_F(SampleJson, a_sample_is_found_by_its_whole_identifier) {
  const SampleIndex index = read_sample_index(root.path(), find_index_sources(root.path()));
  EXPECT_EQ(index.samples.size(), 3);
  for (const char* id : {"", "TJ_1", "TJ_1_pre ", "TJ_9_pre", "zz", "../TJ_1_pre"})
    EXPECT_EQ(index.find(id), std::nullopt) << id;
}

TEST_F(SampleJson, without_tables_and_records_the_images_are_there_all_the_same) {
  std::filesystem::remove_all(root / "descriptor");
  std::filesystem::remove_all(root / "grouped/.nicohort");
  const json sample = answer("TJ_1_pre");
  EXPECT_EQ(sample["volumes"][0]["url"], "/files/grouped/TJ/pre/TJ_1_pre/TJ_1_pre_volume.nii.gz");
  EXPECT_EQ(sample["groups"], json::array());
  EXPECT_EQ(sample["masks"]["before"], nullptr);
  EXPECT_EQ(sample["regions"], json::array());
}

TEST_F(SampleJson, every_channel_that_is_there_is_a_volume) {
  SampleRecord record = read_record(root / "grouped", "TJ_3_pre").value();
  record.volume.emplace();
  record.volume->channels = {{"T1", ""}, {"T2", ""}, {"gone", ""}};
  root.write("grouped/.nicohort/TJ_3_pre.json", record_text(record));
  for (const char* channel : {"T1", "T2"})
    root.write(fmt::format("grouped/TJ/pre/TJ_3_pre/TJ_3_pre_volume_{}.nii.gz", channel), "v");
  const std::string begin = "/files/grouped/TJ/pre/TJ_3_pre/TJ_3_pre_volume_";
  EXPECT_EQ(answer("TJ_3_pre")["volumes"],
            json::array({{{"channel", "T1"}, {"url", begin + "T1.nii.gz"}},
                         {{"channel", "T2"}, {"url", begin + "T2.nii.gz"}}}));
}

TEST_F(SampleJson, a_region_table_that_is_none_is_refused) {
  const auto file = root / "descriptor/small_connected_region_300_manifest.xlsx";
  for (double label : {-1.0, 256.0, 1e300}) {
    write_table(file, {{"Small", {}}, {"Regions", region_rows("TJ_1_pre", label, 1)}});
    EXPECT_THROW(answer("TJ_1_pre"), BadInput) << label;
  }
  Table table = region_rows("TJ_1_pre", 1, 1);
  table.rows[0][4] = "text";
  write_table(file, {{"Small", {}}, {"Regions", table}});
  EXPECT_THROW(answer("TJ_1_pre"), BadInput);
}

TEST_F(SampleJson, the_newest_region_table_counts_and_changes_are_seen) {
  using namespace std::chrono_literals;
  const auto old = find_index_sources(root.path());
  const auto newer = root / "descriptor/small_connected_region_100_manifest.xlsx";
  write_table(newer, {{"Small", {}}, {"Regions", region_rows("TJ_1_pre", 1, 3)}});
  std::filesystem::last_write_time(newer, std::filesystem::file_time_type::clock::now() + 1h);
  const auto now = find_index_sources(root.path());
  EXPECT_EQ(now.regions_before, newer);
  EXPECT_EQ(now.regions_after, old.regions_after);
  EXPECT_NE(now.state, old.state);
  EXPECT_EQ(find_index_sources(root.path()).state, now.state);
}

}  // namespace
}  // namespace nicohort
