#include "cohort/recipe.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ImageKey volume_of_0012{"TJ", "pre", "0012", "v3d"};

TEST(Spec1Recipe, built_in_is_eso_2025_10_31) {
  const Recipe recipe = load_recipe();
  EXPECT_THAT(recipe.sites(), ElementsAre("TJ", "SYTH", "XY"));
  EXPECT_THAT(recipe.phases(), ElementsAre("pre", "post"));
  EXPECT_EQ(recipe.parse_image_path("tongji/pre-therapy/images/TJ_0012.nii.gz"), volume_of_0012);
  EXPECT_EQ(recipe.parse_image_path("shiyan-taihe/post-therapy/masks/SYTH_189003440.nii.gz"),
            (ImageKey{"SYTH", "post", "189003440", "m3d"}));
  EXPECT_EQ(recipe.metadata_path("SYTH"), "data_meta_shiyan-taihe.xlsx");
  EXPECT_EQ(recipe.metadata_key(), "PID");
  EXPECT_EQ(recipe.metadata_sheet(), "");
  EXPECT_EQ(recipe.sample_id("SYTH", "189003440", "pre"), "SYTH_189003440_pre");
}

TEST(Spec1Recipe, paths_that_do_not_fit) {
  const Recipe recipe = load_recipe();
  for (const char* path :
       {"tongji/pre-therapy/images/TJ_.nii.gz",          // no pid
        "tongji/pre-therapy/images/TJ_1_2.nii.gz",       // a pid has no _
        "tongji/pre-therapy/images/0012.nii.gz",         // no site
        "tongji/pre-therapy/images/XY_0012.nii.gz",      // folder and name contradict each other
        "tongji/pre/images/TJ_0012.nii.gz",              // the short form is no folder here
        "tongji/images/TJ_0012.nii.gz",                  // no phase
        "wuhan/pre-therapy/images/TJ_0012.nii.gz",       // no such site
        "x/tongji/pre-therapy/images/TJ_0012.nii.gz",    // too deep
        "tongji/pre-therapy/images/x/TJ_0012.nii.gz",    // the same
        "tongji/pre-therapy/images/TJ_0012.nii.gz.bak",  // another ending
        "tongji/pre-therapy/images/TJ_0012xnii.gz",      // a dot is a dot
        "tongji/pre-therapy/images/TJ_0012.nrrd", ""}) {
    EXPECT_FALSE(recipe.parse_image_path(path)) << path;
  }
}

TEST(Spec3Recipe, nii_is_taken_like_nii_gz_in_any_case) {
  const Recipe recipe = load_recipe();
  EXPECT_EQ(recipe.parse_image_path("tongji/pre-therapy/images/TJ_0012.nii"), volume_of_0012);
  EXPECT_EQ(recipe.parse_image_path("tongji/pre-therapy/images/TJ_0012.NII.GZ"), volume_of_0012);
}

TEST(Spec1Recipe, pid_is_text) {
  const Recipe recipe = load_recipe();
  for (const char* pid : {"0", "0012", "1e5", "A-7.x", "张三", "12 3"}) {
    const auto key =
        recipe.parse_image_path("tongji/pre-therapy/images/TJ_" + std::string(pid) + ".nii.gz");
    ASSERT_TRUE(key) << pid;
    EXPECT_EQ(key->pid, pid);
  }
}

// The archive of other hospitals: phase above site, four phases, names with a prefix, one more
// folder.
constexpr std::string_view second_layout = R"yaml(
name: LIVER-7
sites: {N: "north (1)", S: south}
phases: {t0: baseline, t1: "week 6", t2: "week 12", t3: surgery}
types: {v3d: ct, m3d: seg}
image: "{phase_dir}/{site_dir}/{pid}/scan-{pid}_{type_dir}.nii.gz"
pid: "[A-Z]{2}[0-9]{4}"
metadata: {file: "tables/{site}.xlsx", key: Patient ID, sheet: clinical}
id: "{phase}-{site}-{pid}"
)yaml";

TEST(Spec1Recipe, another_archive_needs_no_new_code) {
  const Recipe recipe(second_layout, "liver.yaml");
  EXPECT_THAT(recipe.phases(), ElementsAre("t0", "t1", "t2", "t3"));
  EXPECT_EQ(recipe.parse_image_path("week 12/north (1)/AB0012/scan-AB0012_seg.nii.gz"),
            (ImageKey{"N", "t2", "AB0012", "m3d"}));
  EXPECT_FALSE(recipe.parse_image_path("week 12/south/AB12/scan-AB12_seg.nii.gz"));
  EXPECT_FALSE(recipe.parse_image_path("week 12/south/AB0012/scan-AB0013_seg.nii.gz"))
      << "two patients in one path";
  EXPECT_EQ(recipe.metadata_path("S"), "tables/S.xlsx");
  EXPECT_EQ(recipe.metadata_key(), "Patient ID");
  EXPECT_EQ(recipe.metadata_sheet(), "clinical");
  EXPECT_EQ(recipe.sample_id("N", "AB0012", "t2"), "t2-N-AB0012");
}

TEST(Spec1Recipe, a_pid_expression_may_have_groups_and_alternatives) {
  const Recipe recipe(
      "{sites: {A: a}, phases: {p: q}, types: {v3d: v, m3d: m}, "
      "image: \"{site_dir}/{phase_dir}/{type_dir}/{pid}.nii.gz\", pid: '(x|y(z))\\d+|00'}",
      "r.yaml");
  for (const char* pid : {"x1", "yz22", "00"}) {
    const auto key = recipe.parse_image_path("a/q/m/" + std::string(pid) + ".nii.gz");
    ASSERT_TRUE(key) << pid;
    EXPECT_EQ(*key, (ImageKey{"A", "p", pid, "m3d"}));
  }
  EXPECT_FALSE(recipe.parse_image_path("a/q/m/y1.nii.gz"));
}

TEST(Spec1Recipe, metadata_may_be_missing) {
  const Recipe recipe(
      "{sites: {A: a}, phases: {p: q}, types: {v3d: v, m3d: m}, "
      "image: \"{site_dir}/{phase_dir}/{type_dir}/{pid}.nii.gz\"}",
      "r.yaml");
  EXPECT_EQ(recipe.metadata_path("A"), "");
  EXPECT_EQ(recipe.sample_id("A", "1", "p"), "A_1_p");
}

struct BadRecipe {
  const char *what, *was, *becomes, *message;
  friend std::ostream& operator<<(std::ostream& out, const BadRecipe& bad) {
    return out << bad.what;
  }
};

class Spec2ExitStatusRecipe : public ::testing::TestWithParam<BadRecipe> {};

INSTANTIATE_TEST_SUITE_P(
    bad, Spec2ExitStatusRecipe,
    ::testing::Values(
        BadRecipe{"unknown_key", "name:", "nmae:", "unknown key `nmae`"},
        BadRecipe{"no_sites", "sites: {N: \"north (1)\", S: south}", "", "needs `sites`"},
        BadRecipe{"empty_phases", "{t0: baseline, t1: \"week 6\", t2: \"week 12\", t3: surgery}",
                  "{}", "needs `phases`"},
        BadRecipe{"list_of_sites", "{N: \"north (1)\", S: south}", "[north, south]",
                  "needs `sites`"},
        BadRecipe{"site_is_a_list", "S: south", "S: [south]", "not a text"},
        BadRecipe{"no_mask_type", ", m3d: seg", "", "needs `m3d`"},
        BadRecipe{"no_image", "image:", "#", "needs `image`"},
        BadRecipe{"other_image_ending", "_{type_dir}.nii.gz", "_{type_dir}.nrrd", "end in .nii.gz"},
        BadRecipe{"unknown_placeholder", "scan-{pid}", "scan-{patient}", "placeholder {patient}"},
        BadRecipe{"image_without_site", "{site_dir}/", "", "needs {site} or {site_dir}"},
        BadRecipe{"image_without_phase", "{phase_dir}/", "", "needs {phase} or {phase_dir}"},
        BadRecipe{"image_without_type", "_{type_dir}", "", "needs {type} or {type_dir}"},
        BadRecipe{"image_without_pid", "{pid}/scan-{pid}", "scan", "needs {pid}"},
        BadRecipe{"pid_no_expression", "[A-Z]{2}", "([A-Z]{2}",
                  "`pid` is not a regular expression"},
        BadRecipe{"metadata_without_key", ", key: Patient ID", "", "needs `key`"},
        BadRecipe{"metadata_a_text",
                  "{file: \"tables/{site}.xlsx\", key: Patient ID, sheet: clinical}", "tables",
                  "`metadata` is not a map"},
        BadRecipe{"id_without_phase", "{phase}-{site}-{pid}", "{site}-{pid}", "`id` needs {phase}"},
        BadRecipe{"id_with_a_slash", "{phase}-{site}-{pid}", "{phase}/{site}-{pid}",
                  "`id` has a slash"},
        BadRecipe{"site_twice", "S: south", "N: south", "`sites` has `N` more than once"},
        BadRecipe{"phase_twice", "t3: surgery", "t0: surgery", "`phases` has `t0` more than once"},
        BadRecipe{"type_twice", "m3d: seg", "m3d: seg, v3d: ct2",
                  "`types` has `v3d` more than once"},
        BadRecipe{"no_yaml", "phases: {", "phases: [", "is not YAML"}),
    [](const auto& bad) { return bad.param.what; });

TEST_P(Spec2ExitStatusRecipe, says_which_recipe_and_what_is_wrong) {
  const BadRecipe& bad = GetParam();
  std::string text(second_layout);
  const std::size_t at = text.find(bad.was);
  ASSERT_NE(at, text.npos);
  text.replace(at, std::string_view(bad.was).size(), bad.becomes);
  EXPECT_THAT(message_of<UsageError>([&] { Recipe(text, "liver.yaml"); }),
              AllOf(HasSubstr("recipe liver.yaml"), HasSubstr(bad.message)));
}

TEST(Spec2ExitStatusRecipe, is_no_map) {
  for (const char* text : {"", "text", "[1, 2]"})
    EXPECT_THAT(message_of<UsageError>([&] { Recipe(text, "r.yaml"); }), HasSubstr("not a map"));
}

TEST(Spec2ExitStatusRecipe, file_is_missing) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<UsageError>([&] { load_recipe(folder / "none.yaml"); }),
              HasSubstr("none.yaml"));
  folder.write("liver.yaml", std::string(second_layout));
  EXPECT_THAT(load_recipe(folder / "liver.yaml").sites(), ElementsAre("N", "S"));
}

}  // namespace
}  // namespace nicohort
