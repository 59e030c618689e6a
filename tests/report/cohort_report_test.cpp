#include "report/cohort_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nicohort {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::StartsWith;

nlohmann::json parsed(std::string script) {
  const std::string head = "window.nicohort = ", tail = ";\n";
  EXPECT_THAT(script, StartsWith(head));
  EXPECT_THAT(script, EndsWith(tail));
  return nlohmann::json::parse(
      script.substr(head.size(), script.size() - head.size() - tail.size()));
}

ReportedSample sample_with(const std::string& text) {
  ReportedSample sample;
  sample.info = {text, text, text, text, {{text, text}, {"Age", 61.0}, {"empty", Cell()}}};
  sample.is_written = sample.has_thumbnail = true;
  sample.geometry.size = {2, 3, 4};
  sample.geometry.spacing = {0.8F, 0.8F, 5};
  sample.mask.emplace();
  sample.mask->voxels = {{1, 10}, {2, 5}};
  return sample;
}

TEST(DataJs, text_of_any_kind_stays_text) {
  const std::string text = "</script><!-- \"'\\ \u2028 食管";
  CohortReport report;
  report.title = text;
  report.samples = {sample_with(text)};
  report.problems = {{text, {text, text}, text}};
  report.splits = {{text, text, {{text, text}}}};
  const std::string script = data_js(report);
  EXPECT_EQ(script.find('<'), std::string::npos);
  EXPECT_THAT(script, Each(::testing::AllOf(::testing::Ge('\n'), ::testing::Le('~')))) << "ASCII";
  const auto data = parsed(script);
  EXPECT_EQ(data["title"], text);
  EXPECT_EQ(data["samples"][0]["id"], text);
  EXPECT_EQ(data["samples"][0]["attributes"][text], text);
  EXPECT_EQ(data["problems"][0]["what"], text);
  EXPECT_EQ(data["splits"][0]["rows"][text], text);
}

TEST(DataJs, bytes_that_are_not_utf8_are_shown_as_numbers) {
  CohortReport report;
  report.samples = {sample_with("TJ_\xff_pre")};
  const auto sample = parsed(data_js(report))["samples"][0];
  EXPECT_EQ(sample["id"], "TJ_\\xff_pre");
  EXPECT_EQ(sample["thumbnail"], "thumbnails/TJ_\\xff_pre.png");
}

TEST(DataJs, a_sample_with_a_mask) {
  CohortReport report;
  report.samples = {sample_with("TJ_1_pre")};
  const auto sample = parsed(data_js(report))["samples"][0];
  EXPECT_EQ(sample["attributes"]["Age"], 61);
  EXPECT_TRUE(sample["attributes"]["empty"].is_null());
  EXPECT_EQ(sample["spacing"][0].dump(), "0.8");
  EXPECT_EQ(sample["orientation"], "RAS");
  EXPECT_EQ(sample["roi"]["voxels"], 15);
  EXPECT_NEAR(sample["roi"]["volume_mm3"], 15 * 0.8 * 0.8 * 5, 1e-4);
  EXPECT_EQ(sample["roi"]["by_label"][1]["label"], 2);
  EXPECT_TRUE(sample["roi"]["intensity"].is_null()) << "no voxel was drawn";
}

TEST(DataJs, what_there_is_not_is_null_or_empty) {
  CohortReport report;
  report.samples = {ReportedSample{{"TJ_1_pre", "TJ", "pre", "1", {}}, false, {}, {}, false}};
  report.parameters.window.reset();
  report.problems = {{"run", {"somewhere", "wrong"}, ""}};
  const auto data = parsed(data_js(report));
  const auto& sample = data["samples"][0];
  EXPECT_EQ(sample["written"], false);
  for (const char* key : {"roi", "cleaning", "thumbnail"}) EXPECT_TRUE(sample[key].is_null());
  EXPECT_EQ(sample["orientation"], "");
  EXPECT_TRUE(data["thresholds"]["window"].is_null());
  EXPECT_TRUE(data["problems"][0]["sample"].is_null());
  EXPECT_EQ(data["splits"], nlohmann::json::array());
}

}  // namespace
}  // namespace nicohort
