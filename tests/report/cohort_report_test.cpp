#include "report/cohort_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nicohort {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::StartsWith;

std::string data_js(const CohortReport& report) {
  std::string script;
  write_data_js(report, [&](std::string_view text) { script += text; });
  return script;
}

nlohmann::json parsed(std::string script) {
  const std::string head = "window.nicohort = ", tail = ";\n";
  EXPECT_THAT(script, StartsWith(head));
  EXPECT_THAT(script, EndsWith(tail));
  return nlohmann::json::parse(
      script.substr(head.size(), script.size() - head.size() - tail.size()));
}

ReportedSample sample_with(const std::string& text) {
  ReportedSample sample;
  sample.info = {text,
                 {{"site", text}, {"phase", text}, {"pid", text}},
                 "",
                 {{text, text}, {"Age", 61.0}, {"empty", Cell()}}};
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
  report.problems = {{text, {text, ProblemKind::split, text}, text}};
  report.splits = {{text, text, {{text, text}}}};
  const std::string script = data_js(report);
  EXPECT_EQ(script.find('<'), std::string::npos);
  EXPECT_THAT(script, Each(::testing::AllOf(::testing::Ge('\n'), ::testing::Le('~')))) << "ASCII";
  const auto data = parsed(script);
  EXPECT_EQ(data["title"], text);
  EXPECT_EQ(data["samples"][0]["id"], text);
  EXPECT_EQ(data["samples"][0]["attributes"][text], text);
  EXPECT_EQ(data["problems"][0]["what"], text);
  EXPECT_EQ(data["problems"][0]["kind"], "split");
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
  EXPECT_EQ(sample["image"]["spacing"][0].dump(), "0.8");
  EXPECT_EQ(sample["image"]["orientation"], "RAS");
  EXPECT_EQ(sample["roi"]["voxels"], 15);
  EXPECT_NEAR(sample["roi"]["volume_mm3"], 15 * 0.8 * 0.8 * 5, 1e-4);
  EXPECT_EQ(sample["roi"]["by_label"][1]["label"], 2);
  EXPECT_TRUE(sample["roi"]["intensity"].is_null()) << "no voxel was drawn";
}

TEST(DataJs, what_there_is_not_is_null_or_empty) {
  CohortReport report;
  report.samples = {
      ReportedSample{{"TJ_1_pre", {{"site", "TJ"}, {"phase", "pre"}, {"pid", "1"}}, "", {}},
                     {},
                     false,
                     {},
                     {},
                     false}};
  report.problems = {{"run", {"somewhere", ProblemKind::other, "wrong"}, ""}};
  const auto data = parsed(data_js(report));
  const auto& sample = data["samples"][0];
  EXPECT_EQ(sample["written"], false);
  for (const char* key : {"image", "roi", "cleaning", "thumbnail"})
    EXPECT_TRUE(sample[key].is_null());
  EXPECT_TRUE(sample["patient"].is_null());
  EXPECT_TRUE(data["unit"].is_null());
  for (const char* key : {"window", "small_regions_before", "small_regions_after"})
    EXPECT_TRUE(data["thresholds"][key].is_null());
  EXPECT_TRUE(data["problems"][0]["sample"].is_null());
  EXPECT_EQ(data["splits"], nlohmann::json::array());
}

TEST(DataJs, a_mask_of_which_nothing_is_on_record_has_no_cleaning) {
  CohortReport report;
  report.samples = {sample_with("TJ_1_pre")};
  const auto sample = parsed(data_js(report))["samples"][0];
  EXPECT_TRUE(sample["cleaning"].is_null());
}

TEST(DataJs, has_all_parts_in_the_recipe_s_order) {
  CohortReport report;
  report.intensity.unit = "SUV";
  report.parts = {{"subset", {{"train", "test"}}}, {"pid", {}}, {"ses", {}}};
  report.samples = {sample_with("a")};
  report.samples[0].info.parts = {{"pid", "12"}, {"subset", "train"}};
  report.samples[0].patient = "P12";
  const std::string script = data_js(report);
  const auto data = parsed(script);
  EXPECT_EQ(data["unit"], "SUV");
  EXPECT_EQ(data["parts"][0], (nlohmann::json{{"name", "subset"}, {"choices", {"train", "test"}}}));
  EXPECT_EQ(data["parts"][1], (nlohmann::json{{"name", "pid"}, {"choices", nullptr}}));
  EXPECT_EQ(data["samples"][0]["patient"], "P12");
  EXPECT_THAT(script, ::testing::HasSubstr(R"("parts":{"subset":"train","pid":"12","ses":""})"));
}

TEST(DataJs, the_fingerprint_is_of_all_samples_that_have_one_on_record) {
  CohortReport report;
  report.channels = {"T1", "T2"};
  report.samples = {sample_with("a"), sample_with("b"), sample_with("c")};
  EXPECT_TRUE(parsed(data_js(report))["fingerprint"].is_null());
  for (int i : {0, 2}) {
    report.samples[i].geometry.spacing[2] = 5 + i;
    report.samples[i].training =
        TrainingValues{{{0, 0, 0}, {2, 3, i}},
                       {KeptForeground(summary_of({1, 2, 3})), KeptForeground(summary_of({}))}};
  }
  const auto fingerprint = parsed(data_js(report))["fingerprint"];
  EXPECT_EQ(fingerprint["cases"], 2);
  EXPECT_EQ(fingerprint["spacing"][0],
            (nlohmann::json{{"median", 0.8}, {"min", 0.8}, {"max", 0.8}}));
  EXPECT_EQ(fingerprint["spacing"][2], (nlohmann::json{{"median", 6}, {"min", 5}, {"max", 7}}));
  EXPECT_EQ(fingerprint["size"][2], (nlohmann::json{{"median", 1}, {"min", 0}, {"max", 2}}));
  ASSERT_EQ(fingerprint["foreground"].size(), 1U) << "no sample has a value of T2";
  EXPECT_EQ(fingerprint["foreground"][0]["channel"], "T1");
  EXPECT_EQ(fingerprint["foreground"][0]["mean"], 2);
}

TEST(DataJs, the_axes_of_an_image_are_those_of_the_body) {
  CohortReport report;
  report.samples = {sample_with("TJ_1_pre")};
  // Sagittal slices one behind the other: the file's axes run to posterior, to inferior, to left.
  report.samples[0].geometry.affine << 0, 0, -5, 0, -0.8, 0, 0, 0, 0, -0.8, 0, 0, 0, 0, 0, 1;
  const auto image = parsed(data_js(report))["samples"][0]["image"];
  EXPECT_EQ(image["orientation"], "PIL");
  EXPECT_EQ(image["axes"], (std::vector{2, 0, 1}));
  EXPECT_EQ(image["size"], (std::vector{2, 3, 4})) << "as the file has them";
}

StepRecord step_record(const std::string& name, std::map<std::string, std::int64_t> counts,
                       std::vector<LabelRegions> regions = {}) {
  return {{name, "{}", 1}, {std::move(counts), {}, std::move(regions)}};
}

TEST(MaskStatistics, come_from_the_record) {
  SampleRecord record;
  record.mask = MaskSummary{{{1, 10}}, {}};
  record.mask->intensity.mean = 40;
  record.steps = {step_record("threshold", {{"removed", 5}}),
                  step_record("list_small", {}, {{0, {{}, {}, {}}}, {1, {{}}}, {2, {{}}}}),
                  step_record("clean_slices", {{"removed", 1}, {"filled", 2}, {"relabelled", 3}}),
                  step_record("threshold", {{"removed", 7}}),
                  step_record("list_small", {}, {{0, {{}}}, {1, {}}})};
  const MaskStatistics mask = statistics_of(record);
  EXPECT_EQ(mask.voxels, record.mask->voxels);
  EXPECT_EQ(mask.intensity.mean, 40);
  EXPECT_EQ(mask.cleaning->thresholded, 12);
  EXPECT_EQ(mask.cleaning->removed, 1);
  EXPECT_EQ(mask.cleaning->filled, 2);
  EXPECT_EQ(mask.cleaning->relabelled, 3);
  EXPECT_EQ(mask.small_regions_before, 2) << "the background's are not counted";
  EXPECT_EQ(mask.small_regions_after, 0);
}

TEST(MaskStatistics, a_group_has_the_voxels_of_its_labels) {
  SampleRecord record;
  record.mask = MaskSummary{{{1, 10}, {2, 5}, {4, 3}}, {}};
  record.groups = {{"tumour", {1, 4}}, {"oedema", {2, 3}}, {"none", {7}}};
  using Voxels = std::pair<std::string, std::int64_t>;
  EXPECT_EQ(statistics_of(record).groups,
            (std::vector{Voxels{"tumour", 13}, Voxels{"oedema", 5}, Voxels{"none", 0}}));
}

TEST(MaskStatistics, what_the_recipe_has_not_is_not_there) {
  SampleRecord record;
  record.mask.emplace();
  EXPECT_EQ(statistics_of(record).small_regions_before, std::nullopt);
  record.steps = {step_record("list_small", {}, {{1, {{}}}})};
  EXPECT_EQ(statistics_of(record).small_regions_before, 1);
  EXPECT_EQ(statistics_of(record).small_regions_after, std::nullopt);
  EXPECT_EQ(statistics_of(record).cleaning->removed, 0);
}

ReportedThresholds thresholds_of_recipe(const std::string& steps) {
  const std::string begin = "volume: \"{pid}.nii.gz\"\nlabels: {1: a}\nsteps:\n";
  return thresholds_of(all_steps(Recipe(begin + steps, "test").steps()));
}

TEST(Thresholds, are_those_of_the_recipe) {
  const auto shown = thresholds_of_recipe(
      "  - threshold: [-140, 1000]\n  - list_small: 300 mm3\n  - clean_slices: {kernel_size: [2, "
      "2], "
      "smaller_than: 10 mm2}\n  - list_small: 25 voxels\n");
  EXPECT_EQ(shown.window, (Window{-140, 1000}));
  EXPECT_EQ(shown.small_regions_before, "300 mm3");
  EXPECT_EQ(shown.small_regions_after, "25 voxels");
  const auto none = thresholds_of_recipe("  []\n");
  EXPECT_EQ(none.window, std::nullopt);
  EXPECT_EQ(none.small_regions_before, "");
  EXPECT_EQ(thresholds_of_recipe("  - threshold: [0, 1]\n  - threshold: [0, 2]\n").window,
            std::nullopt)
      << "no window that all have";
}

}  // namespace
}  // namespace nicohort
