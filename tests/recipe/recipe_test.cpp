#include "recipe/recipe.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "recipe/built_in_recipes.hpp"

namespace nicohort {
namespace {

using ::testing::AllOf;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using ::testing::Pair;
using ::testing::StartsWith;
using testing::TemporaryFolder;

Recipe recipe_of(const std::string& yaml) {
  return Recipe(yaml, "r.yaml");
}

bool is_without_mask(const Recipe& recipe, const PartValues& values) {
  return recipe.is_without_mask(
      [&](const std::string& part) { return values[*recipe.part_index(part)]; });
}

TEST(Spec5Recipe, built_in_is_eso_2025_10_31) {
  const Recipe recipe = load_recipe();
  EXPECT_EQ(recipe.name(), "ESO-2025.10.31");
  EXPECT_THAT(names_of(recipe.parts()), ElementsAre("site", "phase", "pid"));
  EXPECT_THAT(recipe.parts()[0].short_forms(), ElementsAre("TJ", "SYTH", "XY"));
  EXPECT_EQ(recipe.parse_image_path("tongji/pre-therapy/images/TJ_0012.nii.gz"),
            (ImageKey{{"TJ", "pre", "0012"}, false}));
  const PartValues values{"SYTH", "post", "189003440"};
  EXPECT_EQ(recipe.parse_image_path("shiyan-taihe/post-therapy/masks/SYTH_189003440.nii"),
            (ImageKey{values, true}));
  EXPECT_EQ(recipe.sample_id(values), "SYTH_189003440_post");
  EXPECT_EQ(recipe.folder(values), "SYTH/post");
  EXPECT_EQ(recipe.patient(values), "SYTH_189003440");
  EXPECT_THAT(recipe.patient_values(values), ElementsAre("SYTH", "189003440"));
  EXPECT_THAT(recipe.complete(), ElementsAre(1));
  EXPECT_FALSE(is_without_mask(recipe, values));
  EXPECT_TRUE(recipe.is_wanted(values));
  ASSERT_EQ(recipe.metadata().size(), 1);
  const MetadataTable& table = recipe.metadata()[0];
  EXPECT_EQ(table.file.fill(values), "data_meta_shiyan-taihe.xlsx");
  EXPECT_EQ(table.keys[0].column, "PID");
  EXPECT_THAT(table.key_of(values), ElementsAre("189003440"));
  EXPECT_EQ(table.sheet, "");
  EXPECT_THAT(
      table.known_files(recipe.parts()),
      ElementsAre(PartValues{"TJ", "", ""}, PartValues{"SYTH", "", ""}, PartValues{"XY", "", ""}));
  EXPECT_EQ(recipe.intensity().unit, "HU");
  EXPECT_EQ(recipe.intensity().window, (Window{-160, 240}));
  EXPECT_THAT(recipe.labels(), ElementsAre(Pair(0, "Bg"), Pair(1, "EsoROI")));
  std::vector<std::string> works;
  for (const StepWork& work : works_of(all_steps(recipe.steps())))
    works.push_back(work.name + " " + work.parameters);
  EXPECT_THAT(works,
              ElementsAre(R"(threshold {"window":[-140.0,1000.0]})",
                          R"(list_small {"of":[],"smaller_than":"300 mm3"})",
                          R"(clean_slices {"empty_label":"neighbourhood","filter_halfedge":3,)"
                          R"("kernel_size":[2,2],"smaller_than":"10 mm2","what":"regions"})",
                          R"(list_small {"of":[],"smaller_than":"300 mm3"})"));
  ASSERT_EQ(recipe.splits().size(), 3);
  EXPECT_EQ(recipe.splits()[0].name, "split01_TJ");
  ASSERT_EQ(recipe.splits()[0].rules.size(), 1);
  const SplitRule& split = recipe.splits()[0].rules[0];
  EXPECT_EQ(split.where, (Condition{{{"site", {"TJ"}}}}));
  EXPECT_EQ(split.test_ratio, 0.4);
  EXPECT_EQ(split.val_ratio, 0.2);
  EXPECT_THAT(recipe.splits()[0].subsets,
              ElementsAre(ElementsAre("train", "val"), ElementsAre("train"), ElementsAre("val"),
                          ElementsAre("test")));
  EXPECT_EQ(recipe.splits()[1].rules[0].test_ratio, 1);
  EXPECT_EQ(recipe.splits()[1].rules[0].val_ratio, 0);
}

TEST(Spec5Recipe, paths_that_do_not_fit) {
  const Recipe recipe = load_recipe();
  for (const char* path :
       {"tongji/pre-therapy/images/TJ_.nii.gz", "tongji/pre-therapy/images/TJ_1_2.nii.gz",
        "tongji/pre-therapy/images/0012.nii.gz", "tongji/pre-therapy/images/XY_0012.nii.gz",
        "tongji/pre/images/TJ_0012.nii.gz", "tongji/images/TJ_0012.nii.gz",
        "wuhan/pre-therapy/images/TJ_0012.nii.gz", "x/tongji/pre-therapy/images/TJ_0012.nii.gz",
        "tongji/pre-therapy/images/x/TJ_0012.nii.gz",
        "tongji/pre-therapy/images/TJ_0012.nii.gz.bak", "tongji/pre-therapy/labels/TJ_0012.nii.gz",
        ""}) {
    EXPECT_FALSE(recipe.parse_image_path(path)) << path;
    EXPECT_THAT(recipe.misfit(path), HasSubstr("does not match the pattern `{site_dir}/"));
  }
}

TEST(Spec5Recipe, a_path_that_does_not_fit_is_told_up_to_where_it_does) {
  const Recipe recipe = load_recipe();
  const auto told = [&](const std::string& path) { return recipe.misfit(path); };
  EXPECT_EQ(
      told("imagesTr/la_003.nii.gz"),
      "does not match the pattern `{site_dir}/{phase_dir}/images/{site}_{pid}.nii.gz`, nor that "
      "of masks: the path begins with `imagesTr/la_003.nii.gz` where `{site_dir}` should "
      "stand (tongji, shiyan-taihe, xiangyang)");
  EXPECT_THAT(told("tongji/pre/images/TJ_0012.nii.gz"),
              HasSubstr(": the path goes on with `pre/images/TJ_0012.nii.gz` where `{phase_dir}` "
                        "should stand (pre-therapy, post-therapy)"));
  // The nearer pattern.
  EXPECT_THAT(
      told("tongji/pre-therapy/masks/TJ_.nii.gz"),
      HasSubstr("the pattern `{site_dir}/{phase_dir}/masks/{site}_{pid}.nii.gz`, nor that of "
                "volumes: the path goes on with `.nii.gz` where "));
  EXPECT_THAT(told("tongji/pre-therapy/images/XY_0012.nii.gz"),
              HasSubstr(": `site` has two values in the path, `TJ` and `XY`"));
  EXPECT_THAT(told("tongji/pre-therapy/images/TJ_0012.nii.gz.bak"),
              HasSubstr(": the path goes on with `.nii.gz.bak` where `.nii.gz` should stand"));
  EXPECT_THAT(told("tongji"), HasSubstr(": the path ends where `/` should stand"));
  EXPECT_THAT(told(""), HasSubstr(": the path ends where `{site_dir}` should stand"));
}

// The archive of other hospitals: phase above site, four phases, names with a prefix, one more
// folder, no wish for steps.
const std::string second_layout = R"yaml(name: LIVER-7
volume: "{phase_dir}/{site_dir}/{pid}/scan-{pid}_ct.nii.gz"
mask: "{phase_dir}/{site_dir}/{pid}/scan-{pid}_seg.nii.gz"
parts:
  site: {N: "north (1)", S: south}
  phase: {t0: baseline, t1: "week 6", t2: "week 12", t3: surgery}
  pid: "[A-Z]{2}[0-9]{4}"
metadata: {file: "tables/{site}.xlsx", key: {Patient ID: "{pid}"}, sheet: clinical}
id: "{phase}-{site}-{pid}"
labels: {2: left lung/upper, 17: no}
)yaml";

TEST(Spec5Recipe, another_archive_needs_no_new_code) {
  const Recipe recipe = recipe_of(second_layout);
  EXPECT_EQ(recipe.text(), second_layout);
  EXPECT_EQ(recipe.parse_image_path("week 12/north (1)/AB0012/scan-AB0012_seg.nii.gz"),
            (ImageKey{{"N", "t2", "AB0012"}, true}));
  EXPECT_FALSE(recipe.parse_image_path("week 12/south/AB12/scan-AB12_seg.nii.gz"));
  EXPECT_FALSE(recipe.parse_image_path("week 12/south/AB0012/scan-AB0013_seg.nii.gz"))
      << "two patients in one path";
  const PartValues values{"N", "t2", "AB0012"};
  EXPECT_EQ(recipe.sample_id(values), "t2-N-AB0012");
  EXPECT_EQ(recipe.folder(values), "");
  EXPECT_FALSE(recipe.has_folder());
  EXPECT_EQ(recipe.patient(values), "N_AB0012");
  EXPECT_EQ(recipe.metadata()[0].file.fill(values), "tables/N.xlsx");
  EXPECT_EQ(recipe.metadata()[0].sheet, "clinical");
  EXPECT_THAT(recipe.labels(), ElementsAre(Pair(2, "left_lung_upper"), Pair(17, "no")));
}

// With values that neither a default has nor the built-in recipe.
TEST(Spec5Recipe, every_key_is_read) {
  const Recipe recipe = recipe_of(R"yaml(name: all keys
volume: "{site_dir}/{pid}.nii.gz"
mask: "{site_dir}/{pid}_m.nii.gz"
parts: {site: {N: north, S: south}, pid: "[0-9]"}
id: "{pid}-{site}"
folder: "of/{site}"
patient: "p{pid}"
ignore: "*.txt"
complete: site
no_mask: {pid: "7"}
where: {site: S}
metadata: {file: "{site}.csv", key: {Case: "{pid}"}, sheet: cases}
labels: {3: liver}
intensity: {unit: mGy, window: [1, 2]}
steps:
  - clean_slices: {kernel_size: [3, 4], smaller_than: 5 voxels, filter_halfedge: 6, empty_label: background}
  - list_small: {smaller_than: 8 mm3, output: eight.csv}
splits:
  - {name: one, where: {site: N}, test_ratio: 0.5, val_ratio: 0.3, random_seed: 9, stratify_by: age,
     exclude_rejected: true, subsets: [[test, val]]}
)yaml");
  EXPECT_EQ(recipe.name(), "all keys");
  const PartValues north{"N", "7"}, south{"S", "8"};
  EXPECT_EQ(recipe.parse_image_path("north/7.nii.gz"), (ImageKey{north, false}));
  EXPECT_EQ(recipe.parse_image_path("south/8_m.nii.gz"), (ImageKey{south, true}));
  EXPECT_EQ(recipe.parse_image_path("south/ab.nii.gz"), std::nullopt);
  EXPECT_EQ(recipe.sample_id(north), "7-N");
  EXPECT_EQ(recipe.folder(north), "of/N");
  EXPECT_EQ(recipe.patient(north), "p7");
  EXPECT_TRUE(recipe.ignores("a.txt"));
  EXPECT_THAT(recipe.complete(), ElementsAre(0));
  EXPECT_TRUE(is_without_mask(recipe, north));
  EXPECT_FALSE(is_without_mask(recipe, south));
  EXPECT_FALSE(recipe.is_wanted(north));
  EXPECT_TRUE(recipe.is_wanted(south));
  ASSERT_EQ(recipe.metadata().size(), 1);
  EXPECT_EQ(recipe.metadata()[0].file.fill(north), "N.csv");
  EXPECT_EQ(recipe.metadata()[0].keys[0].column, "Case");
  EXPECT_THAT(recipe.metadata()[0].key_of(north), ElementsAre("7"));
  EXPECT_EQ(recipe.metadata()[0].sheet, "cases");
  EXPECT_THAT(recipe.labels(), ElementsAre(Pair(3, "liver")));
  EXPECT_EQ(recipe.intensity(), (IntensityScale{"mGy", Window{1, 2}}));
  ASSERT_EQ(recipe.steps().size(), 2);
  EXPECT_EQ(recipe.steps()[0].step->work().parameters,
            R"({"empty_label":"background","filter_halfedge":6,"kernel_size":[3,4],)"
            R"("smaller_than":"5 voxels","what":"regions"})");
  EXPECT_EQ(recipe.steps()[1].step->work().parameters, R"({"of":[],"smaller_than":"8 mm3"})");
  SplitRule rule;
  rule.where = Condition{{{"site", {"N"}}}};
  rule.test_ratio = 0.5;
  rule.val_ratio = 0.3;
  rule.random_seed = 9;
  rule.stratify_by = {"age"};
  rule.exclude_rejected = true;
  EXPECT_THAT(recipe.splits(), ElementsAre(SplitPlan{"one", {rule}, {{"test", "val"}}}));
}

TEST(Spec5Recipe, what_it_does_not_name_is_not_done) {
  const Recipe recipe = recipe_of("volume: \"{pid}.nii.gz\"");
  EXPECT_THAT(recipe.steps(), IsEmpty());
  EXPECT_THAT(recipe.splits(), IsEmpty());
  EXPECT_THAT(recipe.labels(), IsEmpty());
  EXPECT_THAT(recipe.metadata(), IsEmpty());
  EXPECT_THAT(recipe.complete(), IsEmpty());
  EXPECT_EQ(recipe.intensity().unit, "");
  EXPECT_EQ(recipe.intensity().window, std::nullopt);
  EXPECT_TRUE(is_without_mask(recipe, {"1"})) << "nothing says where masks are";
  EXPECT_EQ(recipe.sample_id({"1"}), "1");
  EXPECT_EQ(recipe.patient({"1"}), "1");
}

TEST(Spec5Recipe, samples_are_known_by_the_parts_that_both_patterns_have) {
  const Recipe recipe = recipe_of(
      "volume: \"{day}/{pid}_{echo}_{x}.nii.gz\"\n"
      "mask: \"seg/{reader}/{x}/{pid}.nii.gz\"\n"
      "parts: {pid: \"[0-9]+\", reader: {a: Ann, b: Bob}}\n");
  EXPECT_THAT(names_of(recipe.parts()), ElementsAre("pid", "x"))
      << "as declared, then as they appear";
}

TEST(Spec5Recipe, order_of_parts) {
  EXPECT_THAT(names_of(recipe_of("{volume: \"{a}/{b}/{c}.nii.gz\", parts: {c: x, a: y}}").parts()),
              ElementsAre("c", "a", "b"));
  EXPECT_THAT(names_of(recipe_of("{volume: \"{b}{a}.nii.gz\", mask: \"{a}{b}_m.nii.gz\"}").parts()),
              ElementsAre("b", "a"));
}

TEST(Spec5Recipe, a_part_of_one_pattern_is_still_read_and_must_agree) {
  const Recipe recipe =
      recipe_of("{volume: \"{day}/{pid}_{day}.nii.gz\", mask: \"m/{pid}.nii.gz\"}");
  EXPECT_EQ(recipe.parse_image_path("mon/1_mon.nii.gz"), (ImageKey{{"1"}, false}));
  EXPECT_EQ(recipe.parse_image_path("mon/1_tue.nii.gz"), std::nullopt);
}

TEST(Spec5Recipe, an_image_that_fits_both_patterns_is_a_mask) {
  const Recipe recipe = recipe_of("{volume: \"{pid}/{any}.nii.gz\", mask: \"{pid}/seg.nii.gz\"}");
  EXPECT_TRUE(recipe.parse_image_path("1/seg.nii.gz")->is_mask);
  EXPECT_FALSE(recipe.parse_image_path("1/ct.nii.gz")->is_mask);
}

TEST(Spec5Recipe, default_id_and_patient) {
  const Recipe visits = recipe_of("volume: \"{site}/{pid}[_{ses}].nii.gz\"");
  EXPECT_EQ(visits.sample_id({"A", "7", "2"}), "A_7_2");
  EXPECT_EQ(visits.sample_id({"A", "7", ""}), "A_7") << "parts that are empty leave no trace";
  EXPECT_EQ(visits.patient({"A", "7", "2"}), "A_7");
  EXPECT_TRUE(visits.has_patients());
  const Recipe scans = recipe_of("volume: \"{case}/{scan}.nii.gz\"");
  EXPECT_EQ(scans.patient({"3", "b"}), "3_b") << "the sample";
  EXPECT_THAT(scans.patient_values({"3", "b"}), ElementsAre("3_b"));
  EXPECT_FALSE(scans.has_patients());
  EXPECT_EQ(recipe_of("{volume: \"{site}/{scan}.nii.gz\"}").patient({"A", "1"}), "A_1");
}

TEST(Spec5Recipe, a_folder_skips_what_is_empty) {
  const Recipe recipe = recipe_of("{volume: \"{pid}[_{ses}].nii.gz\", folder: \"{ses}/x/{pid}\"}");
  EXPECT_EQ(recipe.folder({"1", "2"}), "2/x/1");
  EXPECT_EQ(recipe.folder({"1", ""}), "x/1");
}

TEST(Spec5Recipe, no_sample_gets_out_of_its_place) {
  const Recipe recipe = recipe_of(
      "{volume: \"{site}/{pid}.nii.gz\", parts: {pid: \".*\", site: \".*\"}, id: \"{pid}\", "
      "folder: \"{site}\"}");
  EXPECT_TRUE(recipe.parse_image_path("a/b.nii.gz"));
  for (const char* path :
       {"a/...nii.gz", "a/.nii.gz", "a/.b.nii.gz", "../b.nii.gz", ".nicohort/b.nii.gz",
        "a/b\x7f.nii.gz", "a/dataset.nii.gz", "a/unfinished.nii.gz", "a\x01/b.nii.gz"}) {
    EXPECT_FALSE(recipe.parse_image_path(path)) << path;
    EXPECT_THAT(recipe.misfit(path), StartsWith("would be ")) << path;
  }
}

TEST(Spec5Recipe, conditions) {
  const Recipe recipe = recipe_of(
      "volume: \"images{subset_dir}/{site}{pid}.nii.gz\"\n"
      "mask: \"labels{subset_dir}/{site}{pid}.nii.gz\"\n"
      "parts: {subset: {train: Tr, test: Ts}, site: \"[A-Z]\", pid: \"[0-9]+\"}\n"
      "no_mask: {subset: test}\n"
      "where: {site: [A, B], pid: [07, \"1\"]}\n");
  EXPECT_TRUE(is_without_mask(recipe, {"test", "A", "1"}));
  EXPECT_FALSE(is_without_mask(recipe, {"train", "A", "1"}));
  EXPECT_TRUE(recipe.is_wanted({"train", "B", "07"}));
  EXPECT_FALSE(recipe.is_wanted({"train", "C", "07"}));
  EXPECT_FALSE(recipe.is_wanted({"train", "B", "7"})) << "parts are text";
}

TEST(Spec5Recipe, globs) {
  const Recipe recipe = recipe_of(
      "{volume: \"{pid}.nii.gz\", ignore: [\"*_4d.nii.gz\", \"Masks/*\", \"a?[bc].txt\"]}");
  for (const char* path : {"x/y_4d.nii.gz", "Masks/a/b.nii", "aabb_4d.nii.gz", "axb.txt"})
    EXPECT_TRUE(recipe.ignores(path)) << path;
  for (const char* path : {"x/y_4d.nii", "xMasks/a", "axd.txt", ""})
    EXPECT_FALSE(recipe.ignores(path)) << path;
  EXPECT_TRUE(recipe_of("{volume: \"{pid}.nii.gz\", ignore: \"*\"}").ignores("x"));
}

TEST(Spec5Recipe, names_that_say_nothing_of_a_patient) {
  const Recipe recipe = load_recipe();
  for (const char* name : {"TJ", "tongji", "pre", "post-therapy", "images", "masks"})
    EXPECT_TRUE(recipe.has_name(name)) << name;
  for (const char* name : {"TJ_0012", "", "0012", "ct"})
    EXPECT_FALSE(recipe.has_name(name)) << name;
}

TEST(Spec5Recipe, the_same_path_with_a_pseudonym) {
  const Recipe recipe = load_recipe();
  EXPECT_EQ(
      recipe.images().with_part("tongji/pre-therapy/masks/TJ_0012.NII", {{}, true}, 2, "PABC"),
      "tongji/pre-therapy/masks/TJ_PABC.NII");
  EXPECT_EQ(recipe_of(second_layout)
                .images()
                .with_part("week 6/south/AB0012/scan-AB0012_ct.nii.gz", {}, 2, "CD3456"),
            "week 6/south/CD3456/scan-CD3456_ct.nii.gz");
}

TEST(Spec5Recipe, splits) {
  const Recipe recipe = recipe_of(
      "volume: \"{site}_{pid}.nii.gz\"\n"
      "metadata: {file: a.csv, key: {PID: \"{pid}\"}}\n"
      "splits:\n"
      "  - {name: a}\n"
      "  - {name: b, test_ratio: 0, val_ratio: 1, random_seed: 4294967295, stratify_by: pCR "
      "(0/1),\n"
      "     exclude_rejected: true, where: {site: [X, Y]}}\n");
  const SplitRule &a = recipe.splits()[0].rules[0], &b = recipe.splits()[1].rules[0];
  EXPECT_EQ(a.test_ratio, 0.4);
  EXPECT_EQ(a.val_ratio, 0.2);
  EXPECT_EQ(a.random_seed, 0);
  EXPECT_THAT(a.stratify_by, IsEmpty());
  EXPECT_FALSE(a.exclude_rejected);
  EXPECT_THAT(recipe.splits()[0].subsets, IsEmpty());
  const auto site_of_z = [](const std::string& part) { return part == "site" ? "Z" : "1"; };
  EXPECT_TRUE(a.where.is_fulfilled(site_of_z));
  EXPECT_EQ(b.test_ratio, 0);
  EXPECT_EQ(b.val_ratio, 1);
  EXPECT_EQ(b.random_seed, 4294967295);
  EXPECT_THAT(b.stratify_by, ElementsAre("pCR (0/1)"));
  EXPECT_TRUE(b.exclude_rejected);
  EXPECT_FALSE(b.where.is_fulfilled(site_of_z));
}

TEST(Spec5Recipe, splits_that_a_column_says) {
  const Recipe recipe = recipe_of(R"yaml(volume: "{site}_{pid}.nii.gz"
metadata: {file: a.csv, key: {PID: "{pid}"}}
splits:
  - {name: a, by: subset, values: {val: [Va, valid], test: Ts}, subsets: [[val], [holdout]]}
  - {name: b, by: subset, divide: train, val_ratio: 0.5, require_mask: true}
  - {name: c, by: subset, divide: {side: train, test_ratio: 0.1, stratify_by: [age, sex]}}
  - {name: d, folds: 5, keep_sides: true, subsets: [[0, 1], [4]]}
  - {name: e, leave_out: site}
  - name: f
    subsets: [[train]]
    parts:
      - {where: {site: A}, folds: 2}
      - {where: {site: B}, test_ratio: 0.5, random_seed: 7}
)yaml");
  auto rule = [&](std::size_t split, std::size_t i = 0) { return recipe.splits()[split].rules[i]; };
  EXPECT_EQ(rule(0).by, "subset");
  EXPECT_FALSE(rule(0).draws());
  EXPECT_THAT(rule(0).renamed,
              ElementsAre(Pair("Ts", "test"), Pair("Va", "val"), Pair("valid", "val")));
  EXPECT_EQ(rule(1).divide, "train");
  EXPECT_TRUE(rule(1).draws());
  EXPECT_TRUE(rule(1).require_mask);
  EXPECT_EQ(rule(1).test_ratio, 0) << "unless it is given";
  EXPECT_EQ(rule(1).val_ratio, 0.5);
  EXPECT_EQ(rule(2).divide, "train");
  EXPECT_EQ(rule(2).test_ratio, 0.1);
  EXPECT_EQ(rule(2).val_ratio, 0.2);
  EXPECT_THAT(rule(2).stratify_by, ElementsAre("age", "sex"));
  EXPECT_EQ(rule(3).folds, 5);
  EXPECT_EQ(rule(3).test_ratio, 0);
  EXPECT_TRUE(rule(3).keep_sides);
  EXPECT_EQ(rule(4).leave_out, "site");
  EXPECT_EQ(recipe.splits()[5].rules.size(), 2);
  EXPECT_EQ(rule(5, 0).folds, 2);
  EXPECT_EQ(rule(5, 1).random_seed, 7);
  for (const SplitPlan& plan : recipe.splits())
    EXPECT_EQ(rules_from(json_of(plan.rules)), plan.rules) << plan.name;
}

TEST(Spec5Recipe, several_tables_of_metadata) {
  const Recipe recipe = recipe_of(
      "volume: \"{site}_{pid}[_{ses}].nii.gz\"\n"
      "parts: {site: {A: a, B: b}}\n"
      "metadata:\n"
      "  - {file: all.csv, key: {participant: \"sub-{pid}\", visit: \"[v{ses}]\"}}\n"
      "  - {file: \"{pid}.XLSX\", key: {site: \"{site_dir}\"}}\n");
  ASSERT_EQ(recipe.metadata().size(), 2);
  EXPECT_THAT(recipe.metadata()[0].key_of({"A", "7", "2"}), ElementsAre("sub-7", "v2"));
  EXPECT_THAT(recipe.metadata()[0].key_of({"A", "7", ""}), ElementsAre("sub-7", ""));
  EXPECT_THAT(recipe.metadata()[0].known_files(recipe.parts()),
              ElementsAre(PartValues{"", "", ""}));
  EXPECT_THAT(recipe.metadata()[1].known_files(recipe.parts()), IsEmpty());
  EXPECT_THAT(recipe.metadata()[1].key_of({"A", "7", ""}), ElementsAre("a"));
}

// Layouts of public archives: a path of each, and what it is of.
struct Layout {
  std::string name, recipe, path;
  PartValues values;
  bool is_mask;
  std::string id, patient;
  friend std::ostream& operator<<(std::ostream& out, const Layout& layout) {
    return out << layout.name;
  }
};

class Spec5RecipeLayouts : public ::testing::TestWithParam<Layout> {};

INSTANTIATE_TEST_SUITE_P(
    public_archives, Spec5RecipeLayouts,
    ::testing::Values(
        Layout{"ACDC",
               "volume: \"{subset_dir}/patient{pid}/patient{pid}_frame{frame}.nii.gz\"\n"
               "mask: \"{subset_dir}/patient{pid}/patient{pid}_frame{frame}_gt.nii.gz\"\n"
               "parts: {subset: {train: training, test: testing}, pid: \"[0-9]{3}\", "
               "frame: \"[0-9]{2}\"}\n"
               "id: \"patient{pid}_frame{frame}\"\n",
               "training/patient007/patient007_frame07_gt.nii.gz",
               {"train", "007", "07"},
               true,
               "patient007_frame07",
               "007"},
        Layout{"AMOS",
               "{volume: \"images{subset_dir}/amos_{pid}.nii.gz\", "
               "mask: \"labels{subset_dir}/amos_{pid}.nii.gz\", "
               "parts: {subset: {train: Tr, val: Va, test: Ts}, pid: \"[0-9]{4}\"}, "
               "id: \"amos_{pid}\", no_mask: {subset: test}}",
               "imagesVa/amos_0012.nii.gz",
               {"val", "0012"},
               false,
               "amos_0012",
               "0012"},
        Layout{"BIDS",
               "volume: \"sub-{pid}[/ses-{ses}]/anat/sub-{pid}[_ses-{ses}]_T1w.nii.gz\"\n"
               "mask: \"derivatives/lesions/sub-{pid}[/ses-{ses}]/anat/"
               "sub-{pid}[_ses-{ses}]_space-T1w_label-lesion_dseg.nii.gz\"\n"
               "parts: {pid: \"[A-Za-z0-9]+\", ses: \"[A-Za-z0-9]+\"}\n"
               "id: \"sub-{pid}[_ses-{ses}]\"\n",
               "derivatives/lesions/sub-A1/anat/sub-A1_space-T1w_label-lesion_dseg.nii.gz",
               {"A1", ""},
               true,
               "sub-A1",
               "A1"},
        Layout{"NME",
               "volume: \"NME-Seg-2025.8.25-{collection}/images{subset_dir}/"
               "NME-Seg_{seq}.{pid}.nii.gz\"\n"
               "mask: \"NME-Seg-2025.8.25-{collection}/labels{subset_dir}/"
               "NME-Seg_{seq}.{pid}.nii.gz\"\n"
               "parts:\n  collection: \"[a-z0-9-]+\"\n"
               "  subset: {train: Tr, val: Vd, test: Ts}\n  seq: \"[^./]+\"\n  pid: \"[^./]+\"\n"
               "id: \"{seq}_{pid}\"\npatient: \"{seq}_{pid}\"\n",
               "NME-Seg-2025.8.25-test-inner-01/imagesTs/NME-Seg_a_b.07.nii.gz",
               {"test-inner-01", "test", "a_b", "07"},
               false,
               "a_b_07",
               "a_b_07"},
        Layout{"VerSe",
               "volume: \"{archive}/dataset-{x}{subset_dir}/rawdata/sub-{pid}/"
               "sub-{pid}[_split-verse{scan}][_dir-{dir}]_ct.nii.gz\"\n"
               "mask: \"{archive}/dataset-{x}{subset_dir}/derivatives/sub-{pid}/"
               "sub-{pid}[_split-verse{scan}][_dir-{dir}]_seg-vert_msk.nii.gz\"\n"
               "parts:\n  archive: \"VerSe[0-9]{2}\"\n  x: \"[a-z0-9]*?\"\n"
               "  subset: {train: training, val: validation, test: test}\n"
               "  pid: \"[a-z]+[0-9]{3}\"\n  scan: \"[0-9]{3}\"\n  dir: \"[a-z]+\"\n"
               "id: \"{pid}[-{scan}]\"\n",
               "VerSe20/dataset-01validation/derivatives/sub-gl003/"
               "sub-gl003_split-verse254_dir-ax_seg-vert_msk.nii.gz",
               {"VerSe20", "01", "val", "gl003", "254", "ax"},
               true,
               "gl003-254",
               "gl003"},
        Layout{"KiTS",
               "{volume: \"{pid}/imaging.nii.gz\", mask: \"{pid}/segmentation.nii.gz\", "
               "parts: {pid: \"case_[0-9]{5}\"}, no_mask: {pid: case_00210}}",
               "case_00003/segmentation.nii.gz",
               {"case_00003"},
               true,
               "case_00003",
               "case_00003"}),
    [](const auto& layout) { return layout.param.name; });

TEST_P(Spec5RecipeLayouts, are_read) {
  const Layout& layout = GetParam();
  const Recipe recipe = recipe_of(layout.recipe);
  const auto key = recipe.parse_image_path(layout.path);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, (ImageKey{layout.values, layout.is_mask}));
  EXPECT_EQ(recipe.sample_id(layout.values), layout.id);
  EXPECT_EQ(recipe.patient(layout.values), layout.patient);
}

// The collection of recipes that may lie beside the project.
const std::filesystem::path shared_recipes = NICOHORT_SHARED_RECIPES;

TEST(Spec5Recipe, shared_recipe_of_eso_means_the_same_as_the_built_in_one) {
  if (!std::filesystem::exists(shared_recipes)) GTEST_SKIP();
  const Recipe shared = load_recipe(shared_recipes / "eso.yaml"), built_in = load_recipe();
  EXPECT_EQ(shared.name(), built_in.name());
  EXPECT_EQ(shared.parts(), built_in.parts());
  EXPECT_EQ(shared.images().text(), built_in.images().text());
  EXPECT_EQ(shared.complete(), built_in.complete());
  EXPECT_EQ(shared.labels(), built_in.labels());
  EXPECT_EQ(works_of(all_steps(shared.steps())), works_of(all_steps(built_in.steps())));
  EXPECT_EQ(shared.intensity(), built_in.intensity());
  EXPECT_EQ(shared.splits(), built_in.splits());
  const PartValues values{"XY", "pre", "0012"};
  EXPECT_EQ(shared.sample_id(values), built_in.sample_id(values));
  EXPECT_EQ(shared.folder(values), built_in.folder(values));
  EXPECT_EQ(shared.patient_values(values), built_in.patient_values(values));
  EXPECT_EQ(shared.metadata()[0].file.text(), built_in.metadata()[0].file.text());
  EXPECT_EQ(shared.metadata()[0].key_of(values), built_in.metadata()[0].key_of(values));
}

TEST(Spec5Recipe, shared_recipes_are_read) {
  if (!std::filesystem::exists(shared_recipes)) GTEST_SKIP();
  for (const auto& entry : std::filesystem::directory_iterator(shared_recipes))
    EXPECT_NO_THROW(load_recipe(entry.path())) << entry.path();
}

TEST(Spec5Recipe, channels_with_a_file_each) {
  const Recipe recipe(
      "volume: {T1: \"{pid}/{pid}_t1.nii.gz\", T2 FLAIR: \"{pid}/{pid}_t2.nii.gz\"}\n"
      "mask: \"{pid}/{pid}_seg.nii.gz\"\n",
      "r.yaml");
  EXPECT_EQ(recipe.channels(), (Channels{{"T1", "T2_FLAIR"}, false}));
  EXPECT_EQ(recipe.channels().files(), 2u);
  EXPECT_EQ(recipe.channels().in_file(), 1);
  EXPECT_EQ(recipe.parse_image_path("7/7_t1.nii.gz"), (ImageKey{{"7"}, false, 0}));
  EXPECT_EQ(recipe.parse_image_path("7/7_t2.nii"), (ImageKey{{"7"}, false, 1}));
  EXPECT_EQ(recipe.parse_image_path("7/7_seg.nii.gz"), (ImageKey{{"7"}, true}));
  EXPECT_EQ(recipe.parse_image_path("7/8_t2.nii"), std::nullopt);
  EXPECT_EQ(channel_text({{"7"}, false, 1}, recipe.channels()), "T2_FLAIR");
  EXPECT_EQ(channel_text({{"7"}, true}, recipe.channels()), "");
  EXPECT_EQ(recipe.channels().file_with("T2_FLAIR"), 1u);
  EXPECT_EQ(recipe.channels().file_with("T2 FLAIR"), std::nullopt);
  EXPECT_EQ(recipe.images().with_part("7/7_t2.nii", {{}, false, 1}, 0, "P1"), "P1/P1_t2.nii");
  EXPECT_EQ(recipe.misfit("7/7_pd.nii.gz"),
            "does not match the pattern `{pid}/{pid}_t1.nii.gz`, nor another of the recipe's: the "
            "path goes on with `pd.nii.gz` where `t1` should stand");
}

TEST(Spec5Recipe, channels_of_one_file) {
  const Recipe recipe("volume: {file: \"{pid}.nii.gz\", channels: [FLAIR, T1w]}\n", "r.yaml");
  EXPECT_EQ(recipe.channels(), (Channels{{"FLAIR", "T1w"}, true}));
  EXPECT_EQ(recipe.channels().files(), 1u);
  EXPECT_EQ(recipe.channels().in_file(), 2);
  EXPECT_EQ(channel_text({{"7"}}, recipe.channels()), "FLAIR,T1w");
  EXPECT_EQ(recipe.channels().file_with("FLAIR,T1w"), 0u);
}

TEST(Spec5Recipe, a_mask_file_of_each_label) {
  const Recipe recipe(
      "volume: \"{pid}/ct.nii.gz\"\n"
      "mask: {file: \"{pid}/masks/{label}.nii.gz\", overlap: first}\nlabels: {1: liver}\n",
      "r.yaml");
  EXPECT_EQ(recipe.images().overlap(), Overlap::first);
  EXPECT_EQ(recipe.parse_image_path("7/masks/kidney left.nii.gz"),
            (ImageKey{{"7"}, true, 0, "kidney left"}));
  EXPECT_EQ(recipe.parse_image_path("7/ct.nii.gz"), (ImageKey{{"7"}}));
  EXPECT_EQ(names_of(recipe.parts()), std::vector<std::string>{"pid"});
  EXPECT_TRUE(recipe.channels().names.empty());
  const Recipe silent(
      "volume: \"{pid}/ct.nii.gz\"\nmask: {file: \"{pid}/{label}.nii.gz\"}\nlabels: {1: a}\n",
      "r.yaml");
  EXPECT_EQ(silent.images().overlap(), Overlap::error) << "a default never chooses a label";
}

TEST(Spec5Recipe, a_volume_may_lie_beside_the_mask_files_of_labels) {
  const Recipe recipe(
      "volume: {T1: \"{pid}/{pid}_T1.nii.gz\", T2: \"{pid}/{pid}_T2.nii.gz\"}\n"
      "mask: {file: \"{pid}/{pid}_{label}.nii.gz\"}\nlabels: {1: left lung}\n",
      "r.yaml");
  const auto of = [&](const std::string& name) { return recipe.parse_image_path("7/7_" + name); };
  EXPECT_EQ(of("T2.nii.gz"), (ImageKey{{"7"}, false, 1}));
  EXPECT_EQ(of("left_lung.nii.gz"), (ImageKey{{"7"}, true, 0, "left_lung"}));
  EXPECT_EQ(of("T3.nii.gz"), (ImageKey{{"7"}, true, 0, "T3"})) << "of a label that is not wanted";
  const Recipe any(
      "volume: \"{pid}/{any}.nii.gz\"\nmask: {file: \"{pid}/{label}.nii.gz\"}\n"
      "labels: {1: lung}\n",
      "r.yaml");
  EXPECT_EQ(any.parse_image_path("7/lung.nii"), (ImageKey{{"7"}, true, 0, "lung"}));
  EXPECT_EQ(any.parse_image_path("7/ct.nii"), (ImageKey{{"7"}}));
}

TEST(Spec5Recipe, examples_of_the_documentation_are_valid) {
  const std::filesystem::path source(NICOHORT_SOURCE);
  const std::string text = bytes_of(source / "README.md") + bytes_of(source / "docs/recipes.md");
  const std::string begin = "```yaml\n", end = "```\n";
  int examples = 0;
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    at += begin.size();
    const std::string example = text.substr(at, text.find(end, at) - at);
    EXPECT_NO_THROW(recipe_of(example)) << example;
    ++examples;
  }
  EXPECT_EQ(examples, 16);
}

// The rows of a table of the documentation that begin so, in the section of this heading.
std::vector<std::string> rows_of(const std::string& heading) {
  const std::string text = bytes_of(std::filesystem::path(NICOHORT_SOURCE) / "docs/recipes.md");
  std::istringstream section(text.substr(text.find("\n## " + heading + "\n") + 1));
  std::vector<std::string> rows;
  std::string line;
  std::getline(section, line);
  while (std::getline(section, line) && !line.starts_with("## "))
    if (line.starts_with("| ")) rows.push_back(line);
  return rows;
}

TEST(Spec5Recipe, steps_and_their_parameters_are_documented_as_they_are_declared) {
  std::vector<std::string> declared, documented;
  for (const std::string& name : step_names()) {
    const StepPtr step = make_step(name);
    for (const Parameter& parameter : step->parameters()) {
      const bool is_main = parameter.name == step->main_parameter();
      declared.push_back(name + (is_main ? " **`" : " `") + parameter.name +
                         (is_main ? "`** " : "` ") + parameter.option);
    }
  }
  std::string step;
  for (const std::string& row : rows_of("Steps")) {
    std::vector<std::string> cells;
    std::istringstream text(row.substr(2));
    for (std::string cell; std::getline(text, cell, '|');) {
      const auto begin = cell.find_first_not_of(' '), end = cell.find_last_not_of(' ');
      cells.push_back(begin == cell.npos ? "" : cell.substr(begin, end + 1 - begin));
    }
    if (cells[0] == "step") continue;  // the header
    std::string option = cells[2];
    std::erase(option, '`');
    if (!cells[0].empty()) step = cells[0].substr(1, cells[0].size() - 2);
    documented.push_back(step + " " + cells[1] + " " + option);
  }
  EXPECT_THAT(documented, ::testing::UnorderedElementsAreArray(declared));
}

TEST(Spec5Recipe, keys_of_splits_are_documented) {
  SplitRule rule;
  for (const Parameter& parameter : parameters_of(rule)) {
    const auto rows = rows_of("Splits");
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const std::string& row) {
      return row.substr(0, row.find('|', 2)).find("`" + parameter.name + "`") != row.npos;
    })) << parameter.name;
  }
}

struct BadRecipe {
  const char *what, *was, *becomes, *message;
  friend std::ostream& operator<<(std::ostream& out, const BadRecipe& bad) {
    return out << bad.what;
  }
};

class Spec2ExitStatusRecipe : public ::testing::TestWithParam<BadRecipe> {};

constexpr const char* good_recipe = R"yaml(name: x
volume: "{site_dir}/{pid}_ct.nii.gz"
mask: "{site_dir}/{pid}_seg.nii.gz"
parts:
  site: {N: north, S: south}
  pid: "[A-Z]{2}"
id: "{site}-{pid}"
folder: "{site}"
patient: "{pid}"
ignore: ["*.txt"]
complete: [site]
no_mask: {site: N}
where: {site: [N, S]}
metadata:
  - {file: "{site}.csv", key: {PID: "{pid}"}, sheet: s}
labels: {0: Bg, 1: liver}
intensity: {unit: HU, window: [-160, 240]}
splits:
  - {name: one, where: {site: N}, test_ratio: 0.5, val_ratio: 0.1, random_seed: 3}
  - {name: two, subsets: [[train, val], [test]], stratify_by: age, exclude_rejected: false}
)yaml";

const BadRecipe bad_recipes[] = {
    BadRecipe{"unknown_key", "name: x", "nmae: x",
              "line 1: `nmae` is not a key of recipes; did you mean `name`?"},
    BadRecipe{"quite_unknown_key", "name: x", "sites: x",
              "line 1: `sites` is not a key of recipes; it can be name, volume"},
    BadRecipe{"key_twice", "name: x", "name: x\nid: \"{pid}\"", "line 8: `id` occurs twice"},
    BadRecipe{"volume_type", "name: x", "volume_type: int16",
              "line 1: `volume_type` is `int16`; it should be float32 or source"},
    BadRecipe{"no_value", "name: x", "name:", "line 1: `name` has no value"},
    BadRecipe{"no_volume", "volume: \"{site_dir}/{pid}_ct.nii.gz\"", "", "`volume` is missing"},
    BadRecipe{"no_part_of_all_channels", "\"{site_dir}/{pid}_ct.nii.gz\"",
              "{T1: \"{site_dir}/{pid}.nii.gz\", T2: \"{any}/b.nii.gz\"}",
              "line 3: `mask` has no part in common with the other patterns"},
    BadRecipe{"two_channels_of_one_name", "\"{site_dir}/{pid}_ct.nii.gz\"",
              "{T 1: \"{site_dir}/{pid}.nii.gz\", T_1: \"{site_dir}/{pid}_b.nii.gz\"}",
              "line 2: `volume` has two channels `T_1`"},
    BadRecipe{"channel_with_a_comma", "\"{site_dir}/{pid}_ct.nii.gz\"",
              "{file: \"{site_dir}/{pid}_ct.nii.gz\", channels: [\"T1,T2\"]}",
              "line 2: `volume` has a channel `T1,T2`, which cannot be in a file name"},
    BadRecipe{"channel_with_the_name_of_a_column", "\"{site_dir}/{pid}_ct.nii.gz\"",
              "{file: \"{site_dir}/{pid}_ct.nii.gz\", channels: [T1, tumour existence]}",
              "line 2: `volume` has a channel `tumour_existence`, but manifests use names that end "
              "in `_existence`"},
    BadRecipe{"no_channels", "\"{site_dir}/{pid}_ct.nii.gz\"",
              "{file: \"{site_dir}/{pid}_ct.nii.gz\", channels: []}",
              "line 2: `channels` is empty"},
    BadRecipe{"mask_without_label", "\"{site_dir}/{pid}_seg.nii.gz\"",
              "{file: \"{site_dir}/{pid}_seg.nii.gz\"}", "line 3: `file` of `mask` has no {label}"},
    BadRecipe{"label_in_a_text", "{site_dir}/{pid}_seg", "{site_dir}/{pid}_{label}",
              "line 3: `mask` has {label}; where each label has a mask file"},
    BadRecipe{"overlap", "\"{site_dir}/{pid}_seg.nii.gz\"",
              "{file: \"{site_dir}/{pid}_{label}.nii.gz\", overlap: max}",
              "line 3: `overlap` is `max`; it should be last, first or error"},
    BadRecipe{"label_of_a_volume", "{site_dir}/{pid}_ct", "{site_dir}/{pid}_{label}",
              "line 2: `volume` has {label}, which is a name that nicohort uses"},
    BadRecipe{"other_ending", "_seg.nii.gz", "_seg.nrrd", "line 3: `mask` does not end in .nii.gz"},
    BadRecipe{"open_brace", "{pid}_seg", "{pid_seg", "line 3: `mask` has a `{` without a `}`"},
    BadRecipe{"open_bracket", "{pid}_seg", "[{pid}_seg", "line 3: `mask` has a `[` without a `]`"},
    BadRecipe{"dir_of_expression", "{site_dir}/{pid}_seg", "{site_dir}/{pid_dir}_seg",
              "line 3: `mask` has {pid_dir}, but"},
    BadRecipe{"dir_of_nothing", "{site_dir}/{pid}_ct", "{sit_dir}/{pid}_ct",
              "line 2: `volume` has {sit_dir}, but `parts` has no `sit`"},
    BadRecipe{"bad_placeholder", "{pid}_ct", "{pid}{a b}_ct",
              "line 2: `volume` has {a b}, which is not a name"},
    BadRecipe{"column_as_part", "{pid}_ct", "{pid}{type}_ct",
              "line 2: `volume` has {type}, which is a name that nicohort uses"},
    BadRecipe{"nothing_in_common", "\"{site_dir}/{pid}_seg.nii.gz\"", "seg.nii.gz",
              "line 3: `mask` has no part in common"},
    BadRecipe{"part_not_used", "  pid: \"[A-Z]{2}\"", "  pdi: \"[A-Z]{2}\"",
              "line 6: `parts`: `pdi` is in no path pattern; they have {pid}"},
    BadRecipe{"parts_a_list", "parts:\n  site: {N: north, S: south}\n  pid: \"[A-Z]{2}\"",
              "parts: [site]", "line 4: `parts` is not a map"},
    BadRecipe{"part_a_list", "site: {N: north, S: south}", "site: [north, south]",
              "line 5: `parts`: `site` is neither"},
    BadRecipe{"part_empty", "site: {N: north, S: south}", "site: {}",
              "line 5: `parts`: `site` is neither"},
    BadRecipe{"part_null", "site: {N: north, S: south}",
              "site:", "line 5: `parts`: `site` is neither"},
    BadRecipe{"short_form_twice", "S: south", "N: south", "line 5: `site`: `N` occurs twice"},
    BadRecipe{"same_name", "S: south", "S: north",
              "line 5: `parts`: `N` and `S` of `site` have the same name in the archive"},
    BadRecipe{"short_form_with_slash", "S: south", "S/1: south",
              "line 5: `parts`: `site` has the short form `S/1`"},
    BadRecipe{"short_form_up", "S: south", "..: south",
              "line 5: `parts`: `site` has the short form `..`"},
    BadRecipe{"value_a_list", "S: south", "S: [south]",
              "line 5: `parts`: `S` of `site` has no name"},
    BadRecipe{"no_expression", "[A-Z]{2}", "([A-Z]{2}",
              "line 6: `parts`: `pid` is not a regular expression"},
    BadRecipe{"id_without_part", "{site}-{pid}", "sample", "line 7: `id` has no part"},
    BadRecipe{"id_with_a_slash", "{site}-{pid}", "{site}/{pid}", "line 7: `id` has a slash"},
    BadRecipe{"id_unknown_part", "{site}-{pid}", "{site}-{pdi}",
              "line 7: `id` has {pdi}, which is not a part of every image; did you mean `pid`?"},
    BadRecipe{"folder_up", "folder: \"{site}\"", "folder: \"../{site}\"",
              "line 8: `folder` is not a path below the dataset"},
    BadRecipe{"folder_absolute", "folder: \"{site}\"", "folder: \"/{site}\"",
              "line 8: `folder` is not a path below the dataset"},
    BadRecipe{"folder_any", "folder: \"{site}\"", "folder: \"{any}\"",
              "line 8: `folder` has {any}"},
    BadRecipe{"patient_any", "patient: \"{pid}\"", "patient: \"{side}\"",
              "line 9: `patient` has {side}"},
    BadRecipe{"ignore_a_map", "[\"*.txt\"]", "{a: b}",
              "line 10: `ignore` is not a text or a list of texts"},
    BadRecipe{"complete_unknown", "complete: [site]", "complete: [sit]",
              "line 11: `complete`: `sit` is not a part of every image; did you mean `site`?"},
    BadRecipe{"complete_expression", "complete: [site]", "complete: [pid]",
              "line 11: `complete`: `parts` has no map of the values of `pid`"},
    BadRecipe{"condition_a_list", "no_mask: {site: N}", "no_mask: [N]",
              "line 12: `no_mask` is not a map"},
    BadRecipe{"condition_value", "no_mask: {site: N}", "no_mask: {site: north}",
              "line 12: `no_mask`: `north` is not a short form of `site`; it can be N, S"},
    BadRecipe{"choose_alone", "\"{site_dir}/{pid}_ct.nii.gz\"", "{choose: \"{primary}\"}",
              "line 2: `volume`: `file` is missing"},
    BadRecipe{"choose_pattern", "\"{site_dir}/{pid}_ct.nii.gz\"",
              "{file: \"{site_dir}/{pid}_ct.nii.gz\", choose: \"{primary\"}",
              "line 2: `choose` has a `{` without a `}`"},
    BadRecipe{"condition_empty", "where: {site: [N, S]}", "where: {site: []}",
              "line 13: `where`: `site` has no value"},
    BadRecipe{"metadata_a_text", "\n  - {file: \"{site}.csv\", key: {PID: \"{pid}\"}, sheet: s}",
              " tables", "line 14: `metadata` is not a map"},
    BadRecipe{"metadata_without_key", "file: \"{site}.csv\", key: {PID: \"{pid}\"}",
              "file: all.csv", "line 15: `metadata`: `key` is missing"},
    BadRecipe{"metadata_key_a_text", "key: {PID: \"{pid}\"}", "key: PID",
              "line 15: `key` is not a map of column: pattern"},
    BadRecipe{"metadata_unknown_key", "sheet: s", "sheets: s",
              "line 15: `sheets` is not a key of `metadata`; did you mean `sheet`?"},
    BadRecipe{"metadata_match", "sheet: s", "match: text", "line 15: `match` can be `number`"},
    BadRecipe{"metadata_format", "sheet: s", "format: ini",
              "line 15: `format` can be \"key: value\""},
    BadRecipe{"metadata_rows_of_csv", "sheet: s", "rows: {subset: [train]}",
              "line 15: `rows` is for .json"},
    BadRecipe{"metadata_rows_a_list", "{site}.csv\", key: {PID: \"{pid}\"}, sheet: s",
              "{site}.json\", rows: [train], key: {PID: \"{pid}\"}",
              "line 15: `rows` is not a map of one column"},
    BadRecipe{"metadata_columns_a_list", "sheet: s", "columns: [Age]",
              "line 15: `columns` is not a map of new name: name in the file"},
    BadRecipe{"metadata_first_row_without_key", "key: {PID: \"{pid}\"}, sheet: s",
              "from_patients_first_row: age", "line 15: `from_patients_first_row` needs a `key`"},
    BadRecipe{"columns_a_list", "labels: {0: Bg, 1: liver}", "columns: [sex]",
              "line 16: `columns` is not a map of columns"},
    BadRecipe{"column_of_a_part", "labels: {0: Bg, 1: liver}",
              "columns: {site: {from: pid, values: {a: b}}}",
              "line 16: `columns`: `site` is a part; give the column another name"},
    BadRecipe{"column_of_the_manifest", "labels: {0: Bg, 1: liver}",
              "columns: {mask: {from: pid, values: {a: b}}}",
              "line 16: `columns`: `mask` is a name that nicohort uses"},
    BadRecipe{"column_without_from", "labels: {0: Bg, 1: liver}",
              "columns: {sex: {values: {F: 0}}}", "line 16: `sex`: `from` is missing"},
    BadRecipe{"column_without_values", "labels: {0: Bg, 1: liver}", "columns: {sex: {from: code}}",
              "line 16: `sex`: `values` is missing"},
    BadRecipe{"column_values_a_list", "labels: {0: Bg, 1: liver}",
              "columns: {sex: {from: code, values: [F, M]}}", "line 16: `values` is not a map"},
    BadRecipe{"column_pattern", "labels: {0: Bg, 1: liver}",
              "columns: {sex: {from: code, values: {F: \"{f\"}}}",
              "line 16: `F` has a `{` without a `}`"},
    BadRecipe{"column_unknown_key", "labels: {0: Bg, 1: liver}",
              "columns: {sex: {form: code, values: {F: 0}}}",
              "line 16: `form` is not a key of `sex`; did you mean `from`?"},
    BadRecipe{"metadata_ending", "{site}.csv", "{site}.doc",
              "line 15: `file` ends in none of .xlsx, .csv, .tsv and .json"},
    BadRecipe{"metadata_up", "{site}.csv", "../{site}.csv",
              "line 15: `file` is not a path below the archive"},
    BadRecipe{"metadata_pattern", "PID: \"{pid}\"", "PID: \"{pdi}\"", "line 15: `PID` has {pdi}"},
    BadRecipe{"label_name", "1: liver", "one: liver",
              "line 16: `labels` has `one`, which is not a label"},
    BadRecipe{"label_with_the_name_of_a_column", "1: liver", "1: existence",
              "line 16: `labels` calls label 1 `existence`, but manifests use names that end in "
              "`_existence`"},
    BadRecipe{"labels_a_list", "{0: Bg, 1: liver}", "[Bg, liver]",
              "line 16: `labels` is not a map"},
    BadRecipe{"intensity_key", "unit: HU", "units: HU",
              "line 17: `units` is not a key of `intensity`"},
    BadRecipe{"window_reversed", "[-160, 240]", "[240, -160]",
              "line 17: `window` is not a list of two numbers"},
    BadRecipe{"window_nan", "[-160, 240]", "[.nan, 240]",
              "line 17: `window` is not a list of two numbers"},
    BadRecipe{"splits_a_map",
              "splits:\n  - {name: one, where: {site: N}, test_ratio: 0.5, val_ratio: 0.1, "
              "random_seed: 3}\n  - {name: two, subsets: [[train, val], [test]], stratify_by: "
              "age, exclude_rejected: false}",
              "splits: {name: one}", "line 18: `splits` is not a list"},
    BadRecipe{"split_without_name", "name: one, ", "", "line 19: `splits`: `name` is missing"},
    BadRecipe{"split_sheet_name", "name: one", "name: one/two",
              "line 19: `name`: `one/two` cannot be a worksheet's name"},
    BadRecipe{"split_folder_above", "name: one", "name: ..",
              "line 19: `name`: `..` cannot be a folder's name"},
    BadRecipe{"split_manifest", "name: one", "name: MANIFEST",
              "line 19: `name`: `MANIFEST` is the worksheet that is split"},
    BadRecipe{"split_twice", "name: one", "name: Two",
              "line 20: `splits` has two of the name `two`"},
    BadRecipe{"split_ratio_above_1", "test_ratio: 0.5", "test_ratio: 1.5",
              "line 19: `test_ratio` is 1.5; it should be from 0 to 1"},
    BadRecipe{"split_ratio_below_0", "val_ratio: 0.1", "val_ratio: -0.1",
              "line 19: `val_ratio` is -0.1; it should be from 0 to 1"},
    BadRecipe{"split_ratio_nan", "val_ratio: 0.1", "val_ratio: .nan",
              "line 19: `val_ratio` is not a number"},
    BadRecipe{"split_ratio_text", "val_ratio: 0.1", "val_ratio: \"0.1\"",
              "line 19: `val_ratio` is not a number"},
    BadRecipe{"split_seed", "random_seed: 3", "random_seed: 4294967296",
              "line 19: `random_seed` is 4294967296; it should be from 0 to 4294967295"},
    BadRecipe{"split_seed_octal", "random_seed: 3", "random_seed: 010",
              "line 19: `random_seed` is not a whole number"},
    BadRecipe{"split_unknown_key", "random_seed: 3", "seed: 3",
              "line 19: `seed` is not a key of `splits`"},
    BadRecipe{"split_folds", "val_ratio: 0.1", "folds: 1",
              "line 19: `folds` is 1; it should be from 2 to 1000"},
    BadRecipe{
        "split_folds_and_val", "random_seed: 3", "folds: 3",
        "line 19: `val_ratio` cannot be used with `folds`, of which each fold is val in turn"},
    BadRecipe{"split_by_and_draw", "random_seed: 3", "by: site",
              "line 19: `test_ratio` cannot be used with `by`, which gives the subset"},
    BadRecipe{"split_leave_out_and_draw", "random_seed: 3", "leave_out: site",
              "line 19: `test_ratio` cannot be used with `leave_out`, which gives the subset"},
    BadRecipe{"split_divide_alone", "random_seed: 3", "divide: train",
              "line 19: `divide` needs `by`"},
    BadRecipe{"split_values_alone", "random_seed: 3", "values: {val: Va}",
              "line 19: `values` needs `by`"},
    BadRecipe{"split_value_twice", "random_seed: 3", "by: site, values: {val: [N], test: N}",
              "line 19: `values` has `N` twice"},
    BadRecipe{"split_value_of_no_part", "random_seed: 3", "by: site, values: {val: [NN]}",
              "line 19: `values`: `NN` is not a short form of `site`; did you mean `N`?"},
    BadRecipe{"split_divide_without_side", "random_seed: 3", "by: site, divide: {val_ratio: 0}",
              "line 19: `divide`: `side` is missing"},
    BadRecipe{"split_divide_beside", "random_seed: 3", "by: site, divide: {side: train}",
              "line 19: `test_ratio` stands beside `divide`"},
    BadRecipe{"split_parts_beside", "random_seed: 3", "parts: [{folds: 3}]",
              "line 19: `where` stands beside `parts`"},
    BadRecipe{"split_parts_empty",
              "where: {site: N}, test_ratio: 0.5, val_ratio: 0.1, random_seed: 3", "parts: []",
              "line 19: `parts` is not a list of maps"},
    BadRecipe{"split_fold_that_is_none",
              "where: {site: N}, test_ratio: 0.5, val_ratio: 0.1, random_seed: 3",
              "folds: 3, subsets: [[3]]", "line 19: `subsets`: `3` is not a subset of the split"},
    BadRecipe{"split_columns", "stratify_by: age", "stratify_by: [age, {}]",
              "line 20: `stratify_by` is not a text or a list of texts"},
    BadRecipe{"split_side", "[train, val]", "[train, vals]",
              "line 20: `subsets`: `vals` is not a subset of the split; did you mean `val`?"},
    BadRecipe{"split_flat_subsets", "[[train, val], [test]]", "[train, test]",
              "line 20: `subsets` is not a list of lists"},
    BadRecipe{"split_empty_subset", "[test]]", "[]]", "line 20: `subsets` is not a list of lists"},
    BadRecipe{"split_subsets_of_one_file", "subsets: [[train, val], [test]], stratify_by: age",
              "by: age, subsets: [[A, B], [A_B]]",
              "line 20: `subsets`: A, B and A_B would both be written to two_A_B.xlsx; rename one"},
    BadRecipe{"split_flag", "exclude_rejected: false", "exclude_rejected: maybe",
              "line 20: `exclude_rejected` is neither true nor false"}};

INSTANTIATE_TEST_SUITE_P(bad, Spec2ExitStatusRecipe, ::testing::ValuesIn(bad_recipes),
                         [](const auto& bad) { return bad.param.what; });

TEST_P(Spec2ExitStatusRecipe, says_where_and_what_is_wrong) {
  const BadRecipe& bad = GetParam();
  std::string text = good_recipe;
  ASSERT_NO_THROW(recipe_of(text));
  const std::size_t at = text.find(bad.was);
  ASSERT_NE(at, text.npos);
  text.replace(at, std::string_view(bad.was).size(), bad.becomes);
  EXPECT_THAT(message_of<UsageError>([&] { recipe_of(text); }),
              AllOf(StartsWith("recipe r.yaml, line "), HasSubstr(bad.message)));
}

TEST(Spec2ExitStatusRecipe, is_no_map) {
  for (const char* text : {"", "text", "[1, 2]"})
    EXPECT_THAT(message_of<UsageError>([&] { recipe_of(text); }),
                HasSubstr("recipe r.yaml, line 1: is not a map"));
  EXPECT_THAT(message_of<UsageError>([&] { recipe_of("a: [\n"); }),
              HasSubstr("recipe r.yaml: is not YAML: line "));
}

TEST(Spec5Recipe, is_found_by_name_or_file) {
  EXPECT_EQ(load_recipe("ESO-2025.10.31").text(), load_recipe().text());
  const TemporaryFolder folder;
  folder.write("liver.yaml", second_layout);
  EXPECT_EQ(load_recipe(folder / "liver.yaml").name(), "LIVER-7");
  EXPECT_THAT(message_of<UsageError>([&] { load_recipe(folder / "none.yaml"); }),
              HasSubstr("none.yaml"));
  EXPECT_THAT(
      message_of<UsageError>([&] { load_recipe("msdx"); }),
      HasSubstr("recipe msdx: is neither a file nor a built-in recipe; it can be acdc, amos22, "));
  for (const BuiltInRecipe& recipe : built_in_recipes())
    EXPECT_NO_THROW(load_recipe(recipe.name)) << recipe.name;
}

}  // namespace
}  // namespace nicohort
