#include "cli/completion.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"
#include "cli/all_commands.hpp"
#include "recipe/built_in_recipes.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {
using nicohort::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

// Of the real program, without what the values mean.
std::vector<std::string> offered(const std::vector<std::string>& words) {
  static Program program("nicohort", "0", "", "");
  static const bool once = (add_all_commands(program), true);
  static_cast<void>(once);
  std::vector<std::string> values = completions(program.describe(), words);
  for (std::string& value : values) value = value.substr(0, value.find('\t'));
  return values;
}

TEST(Completion, of_commands_and_options_as_far_as_they_are_typed) {
  EXPECT_THAT(offered({""}), IsSupersetOf({"run", "make_split", "completion"}));
  EXPECT_THAT(offered({"mak"}), ElementsAre("make_split"));
  EXPECT_THAT(offered({"-"}), ElementsAre("--help", "--version"));
  EXPECT_THAT(offered({""}), Each(Not(StartsWith("_"))));
  EXPECT_THAT(offered({"run", "--dry"}), ElementsAre("--dry_run"));
  EXPECT_THAT(offered({"05_make_split", "--random"}), ElementsAre("--random_seed"));
  EXPECT_THAT(offered({"rum", "--"}), IsEmpty());
}

TEST(Completion, an_option_is_offered_once_unless_it_takes_many) {
  EXPECT_THAT(offered({"run", "--quiet", "--root_dir", "a", "--"}),
              AllOf(Contains("--archive"), Not(Contains("--quiet")), Not(Contains("--root_dir"))));
  EXPECT_THAT(offered({"make_split", "--site", "TJ", "--s"}), Contains("--site"));
}

TEST(Completion, of_values_that_are_known) {
  EXPECT_THAT(offered({"run", "--compression", ""}), ElementsAre("fast", "balanced", "small"));
  EXPECT_THAT(offered({"run", "--compression=b"}), ElementsAre("balanced"));
  EXPECT_THAT(offered({"completion", "b"}), ElementsAre("bash"));
  EXPECT_EQ(offered({"run", "--recipe", ""}).size(), built_in_recipes().size() + 1);
  EXPECT_THAT(offered({"recipes", "eso"}), ElementsAre(":file", "eso-2025.10.31"));
}

TEST(Completion, of_paths_is_the_shells) {
  EXPECT_THAT(offered({"run", "--root_dir", "a"}), ElementsAre(":folder"));
  EXPECT_THAT(offered({"demo", ""}), ElementsAre(":folder"));
  EXPECT_THAT(offered({"run", "--pseudonymize", ""}), ElementsAre(":file"));
  EXPECT_THAT(offered({"gen_archive_manifest", "--output_manifest_file=x"}), ElementsAre(":file"));
}

TEST(Completion, a_number_may_be_negative_and_nothing_stands_for_it) {
  EXPECT_THAT(offered({"mask_thresholding", "--thresh", "-"}), IsEmpty());
  EXPECT_THAT(offered({"mask_thresholding", "--thresh", "-140", ""}), IsEmpty());
  EXPECT_THAT(offered({"mask_thresholding", "--thresh", "-140", "10", "--out"}),
              ElementsAre("--output_dir"));
}

TEST(Completion, of_a_positional_argument_after_options_that_are_full) {
  EXPECT_THAT(offered({"demo", "--patients", "12", ""}), ElementsAre(":folder"));
  EXPECT_THAT(offered({"demo", "--patients", ""}), IsEmpty());
  EXPECT_THAT(offered({"demo", "folder", ""}), Contains("--patients"));
}

// A manifest with two sites and the split s1; the worksheet Notes is none.
std::string manifest_in(const TemporaryFolder& folder) {
  const Table rows{{"ID", "site", "Sex"},
                   {{"A_1", "A", "F"}, {"B b_2", "B b", "M"}, {"A_3", "A", "F"}}};
  Table split = rows;
  split.columns.push_back("s1");
  split.rows[0].push_back("train");
  split.rows[1].push_back("val");
  split.rows[2].push_back("train");
  const auto file = folder.path() / "grouped" / "dataset_manifest.xlsx";
  write_table(file, {{"Manifest", rows}, {"s1", split}, {"Notes", {{"Note"}, {}}}});
  return file.string();
}

TEST(Completion, of_sites_splits_subsets_and_columns_of_the_manifest_on_the_line) {
  const TemporaryFolder folder;
  const std::string file = manifest_in(folder);
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--site", ""}),
              ElementsAre("A", "B b"));
  EXPECT_THAT(offered({"make_split", "--manifest_file=" + file, "--site", "A", "B"}),
              ElementsAre("B b"));
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--where", "S"}), ElementsAre("Sex"));
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--where", "Sex", ""}),
              ElementsAre("F", "M"));
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--stratify_by", "Sex", "s"}),
              ElementsAre("site"));
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--by", "I"}), ElementsAre("ID"));
  EXPECT_THAT(offered({"extract_split_index_manifest", "--manifest_file", file, "--split_name",
                       "s1", "--subsets", "train", ""}),
              ElementsAre("train", "val"));
}

TEST(Completion, of_splits_of_the_dataset_on_the_line) {
  const TemporaryFolder folder;
  manifest_in(folder);
  EXPECT_THAT(
      offered({"export", "--root_dir", (folder.path() / "grouped").string(), "--split", ""}),
      ElementsAre("s1"));
  EXPECT_THAT(offered({"export", "--root_dir", "/nowhere", "--split", ""}), IsEmpty());
}

TEST(Completion, leaves_out_what_would_control_a_terminal) {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "m.csv").string();
  write_table(file, {{"Manifest", {{"site"}, {{"A\nB"}, {"A\x1b[31m"}, {":file"}, {"$(id)"}}}}});
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--site", ""}), ElementsAre("$(id)"));
}

TEST(Completion, of_a_manifest_that_cannot_be_read_is_nothing) {
  const TemporaryFolder folder;
  const std::string file = folder.write("m.xlsx", "no workbook").string();
  EXPECT_THAT(offered({"make_split", "--manifest_file", file, "--site", ""}), IsEmpty());
}

}  // namespace
}  // namespace nicohort
