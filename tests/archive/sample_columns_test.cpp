#include "archive/sample_columns.hpp"

#include <gmock/gmock.h>

#include "archive/volume_choice.hpp"
#include "base/heard.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Heard;
using ::testing::IsEmpty;
using testing::message_of;
using testing::TemporaryFolder;

const std::set<PartValues> frames{{"A", "01"}, {"A", "12"}, {"B", "03"}};

class Spec5SampleColumns : public ::testing::Test {
 protected:
  // yaml: all but `volume` and `metadata`.
  Recipe recipe(const std::string& yaml) const {
    return Recipe(
        "volume: {file: \"{pid}_{frame}{any}.nii.gz\", choose: \"{path}\"}\n"
        "metadata: {file: m.csv, key: {id: \"{pid}\"}}\n" +
            yaml + "parts: {pid: \"[A-Z]\", frame: \"[0-9]{2}\"}\n",
        "r.yaml");
  }
  SampleColumns columns(const Recipe& recipe) {
    return {load_metadata(names_, recipe, frames, report_), recipe, heard_};
  }

  TemporaryFolder root_;
  ArchiveNames names_{root_.path()};
  Heard heard_;
  Report report_{heard_};
};

TEST_F(Spec5SampleColumns, derived_ones_stand_behind_the_metadata_and_see_what_is_before) {
  root_.write("m.csv", "id,ED,ES,path\nA,1,12,\nB,2,,\n");
  const Recipe recipe = this->recipe(
      "columns:\n"
      "  phase: {from: frame, values: {ED: \"{ED}\", ES: \"{ES}\"}, otherwise: UND}\n"
      "  is_end: {from: phase, values: {yes: [ED, ES]}}\n");
  const SampleColumns columns = this->columns(recipe);
  EXPECT_THAT(columns.names(), ElementsAre("ED", "ES", "path", "phase", "is_end"));
  EXPECT_THAT(columns.of({"A", "12"}),
              ElementsAre(Cell(1.0), Cell(12.0), Cell(), Cell("ES"), Cell("yes")));
  EXPECT_THAT(columns.of({"B", "03"}), ElementsAre(Cell(2.0), Cell(), Cell(), Cell("UND"), Cell()));
  const ValueOf value = columns.values_of({"A", "01"});
  EXPECT_EQ(value("frame"), "01");
  EXPECT_EQ(value("ES"), "12");
  EXPECT_EQ(value("phase"), "ED");
  EXPECT_EQ(value("none"), "");
  EXPECT_THAT(heard_.warnings, IsEmpty());
}

TEST_F(Spec5SampleColumns, a_derived_one_of_the_name_of_another_is_called_otherwise) {
  root_.write("m.csv", "id,sex,path\nA,0,\nB,1,\n");
  const Recipe recipe =
      this->recipe("columns: {sex: {from: sex, values: {F: 0, M: 1}}}\nwhere: {sex: 1}\n");
  const SampleColumns columns = this->columns(recipe);
  EXPECT_THAT(columns.names(), ElementsAre("sex", "path", "sex_2"));
  EXPECT_THAT(columns.of({"B", "03"}), ElementsAre(Cell(1.0), Cell(), Cell("M")));
  EXPECT_TRUE(recipe.is_wanted(columns.values_of({"B", "03"})));
  EXPECT_FALSE(recipe.is_wanted(columns.values_of({"A", "01"})));
  EXPECT_THAT(heard_.warnings,
              ElementsAre("recipe r.yaml, line 3: the column `sex` was renamed to `sex_2`, because "
                          "another column has this name; give it another name."));
  const Recipe derived =
      this->recipe("columns: {sex: {from: sex, values: {F: 0, M: 1}}}\nwhere: {sex_2: M}\n");
  const SampleColumns named = this->columns(derived);
  EXPECT_TRUE(derived.is_wanted(named.values_of({"B", "03"})));
  EXPECT_FALSE(derived.is_wanted(named.values_of({"A", "01"})));
}

TEST_F(Spec5SampleColumns, a_column_that_the_files_do_not_have) {
  root_.write("m.csv", "id,sex,path\nA,0,\nB,1,\n");
  const Recipe recipe = this->recipe("where: {sxe: 1}\n");
  EXPECT_THAT(message_of<UsageError>([&] { columns(recipe); }),
              HasSubstr("recipe r.yaml, line 3: `where`: there is no column `sxe`; did you mean "
                        "`sex`?"));
}

TEST_F(Spec5SampleColumns, choose_takes_the_volume_that_the_column_names) {
  root_.write("m.csv", "id,path\nA,./A_01x.nii.gz\nB,\nC,C_01.nii.gz\n");
  const Recipe recipe = this->recipe("");
  const std::vector<std::string> paths{"A_01.nii.gz", "A_01x.nii.gz", "A_01y.nii.gz",
                                       "A_12.nii.gz", "B_03.nii.gz",  "C_01.nii.gz"};
  const SampleColumns columns = this->columns(recipe);
  Report report(heard_);
  const VolumeChoice choice = choose_volumes(paths, frames, columns, recipe, report);
  EXPECT_TRUE(choice.has({"A", "01"}, "A_01x.nii.gz"));
  EXPECT_FALSE(choice.has({"A", "01"}, "A_01.nii.gz"));
  EXPECT_FALSE(choice.has({"A", "12"}, "A_12.nii.gz"));
  EXPECT_TRUE(choice.has_failed({"B", "03"}));
  EXPECT_FALSE(choice.has_failed({"C", "01"})) << "not wanted";
  ASSERT_EQ(report.problems().size(), 2u);
  EXPECT_EQ(report.problems()[0].subject, "A_12");
  EXPECT_THAT(report.problems()[0].what,
              HasSubstr("has 1 volume, but none is `./A_01x.nii.gz`, which `choose"));
  EXPECT_EQ(report.problems()[1].subject, "B_03");
  EXPECT_THAT(report.problems()[1].what,
              HasSubstr("no value for `choose: \"{path}\"`, which says"));
  EXPECT_THAT(heard_.summaries, ElementsAre("2 volumes left out by the recipe's `choose`."));
}

}  // namespace
}  // namespace nicohort
