#include "archive/metadata.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The metadata workbooks of Tongji and Xiangyang as a test needs them; Shiyan-Taihe has none and no
// images.
class Spec4Routine01Metadata : public ::testing::Test {
 protected:
  void put(const std::string& site_dir, const Table& table) {
    write_table(root_ / ("data_meta_" + site_dir + ".xlsx"), {{"Sheet1", table}});
  }
  Metadata load(const std::set<PartValues>& patients) {
    return load_metadata(names_, load_recipe(), patients, report_);
  }
  // `subject: what` of all problems.
  std::vector<std::string> problems() const {
    std::vector<std::string> lines;
    for (const Problem& problem : report_.problems())
      lines.push_back(problem.subject + ": " + problem.what);
    return lines;
  }

  TemporaryFolder root_;
  ArchiveNames names_{root_.path()};
  Report report_{nobody()};
};

TEST_F(Spec4Routine01Metadata, columns_of_all_workbooks_in_their_order_without_the_key) {
  put("tongji", {{"Sex", "PID", "Age"}, {{"Male", "0012", 63.0}, {"Female", "13", 58.0}}});
  put("xiangyang", {{"PID", "Drugs", "Sex"}, {{"7", "cisplatin", "Male"}}});
  const Metadata metadata = load({{"TJ", "pre", "0012"}, {"TJ", "pre", "13"}, {"XY", "pre", "7"}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(metadata.columns, ElementsAre("Sex", "Age", "Drugs"));
  EXPECT_THAT(metadata.of({"TJ", "pre", "0012"}), ElementsAre(Cell("Male"), Cell(63.0), Cell()));
  EXPECT_THAT(metadata.of({"XY", "pre", "7"}),
              ElementsAre(Cell("Male"), Cell(), Cell("cisplatin")));
  EXPECT_THAT(metadata.of({"XY", "pre", "8"}), ElementsAre(Cell(), Cell(), Cell()));
}

TEST_F(Spec4Routine01Metadata, numeric_keys_read_as_integers) {
  put("tongji", {{"PID", "Age"}, {{189003440.0, 63.0}}});
  const Metadata metadata = load({{"TJ", "pre", "189003440"}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(metadata.of({"TJ", "pre", "189003440"}), ElementsAre(Cell(63.0)));
}

TEST_F(Spec4Routine01Metadata, sites_have_their_own_patients) {
  put("tongji", {{"PID", "Age"}, {{"1", 63.0}}});
  put("xiangyang", {{"PID", "Age"}, {{"1", 58.0}}});
  const Metadata metadata = load({{"TJ", "pre", "1"}, {"XY", "pre", "1"}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(metadata.of({"TJ", "pre", "1"}), ElementsAre(Cell(63.0)));
  EXPECT_THAT(metadata.of({"XY", "pre", "1"}), ElementsAre(Cell(58.0)));
}

TEST_F(Spec4Routine01Metadata, a_key_that_lost_its_leading_zeros) {
  put("tongji", {{"PID", "Age"}, {{12.0, 63.0}}});
  const Metadata metadata = load({{"TJ", "pre", "0012"}});
  ASSERT_EQ(problems().size(), 1u) << "named once, and not as two that do not match";
  EXPECT_THAT(problems()[0],
              HasSubstr("data_meta_tongji.xlsx: PID 12 matches the images of 0012 only "
                        "without leading zeros"));
  EXPECT_THAT(metadata.of({"TJ", "pre", "0012"}), ElementsAre(Cell()));
}

TEST_F(Spec4Routine01Metadata, a_key_with_a_blank_that_nobody_sees) {
  put("tongji", {{"PID", "Age"}, {{"0012 ", 63.0}}});
  load({{"TJ", "pre", "0012"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("only without leading zeros and spaces"));
}

TEST_F(Spec4Routine01Metadata, a_key_with_the_right_zeros_is_not_taken_for_another) {
  put("tongji", {{"PID", "Age"}, {{"012", 63.0}, {"12", 58.0}}});
  const Metadata metadata = load({{"TJ", "pre", "012"}, {"TJ", "pre", "12"}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(metadata.of({"TJ", "pre", "012"}), ElementsAre(Cell(63.0)));
}

TEST_F(Spec4Routine01Metadata, without_images_and_without_metadata) {
  put("tongji", {{"PID", "Age"}, {{"1", 63.0}, {"2", 58.0}}});
  load({{"TJ", "pre", "2"}, {"TJ", "pre", "3"}});
  ASSERT_EQ(problems().size(), 2u);
  EXPECT_THAT(problems()[0], HasSubstr("data_meta_tongji.xlsx: PID 1 has no images"));
  EXPECT_THAT(problems()[1], HasSubstr("TJ_3: has images but no metadata"));
}

TEST_F(Spec4Routine01Metadata, a_key_twice_never_multiplies_rows) {
  put("tongji", {{"PID", "Age"}, {{"1", 63.0}, {1.0, 58.0}}});
  const Metadata metadata = load({{"TJ", "pre", "1"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("PID 1 occurs more than once"));
  EXPECT_THAT(metadata.of({"TJ", "pre", "1"}), ElementsAre(Cell(63.0)));
}

TEST_F(Spec4Routine01Metadata, a_row_without_key) {
  put("tongji", {{"PID", "Age"}, {{"1", 63.0}, {Cell(), 58.0}}});
  load({{"TJ", "pre", "1"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("data row 2 has no PID"));
}

TEST_F(Spec4Routine01Metadata, no_key_column) {
  put("tongji", {{"Patient", "Age"}, {{"1", 63.0}}});
  put("xiangyang", {{"PID", "Age"}, {{"7", 58.0}}});
  const Metadata metadata = load({{"TJ", "pre", "1"}, {"XY", "pre", "7"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("data_meta_tongji.xlsx: has no key column `PID`"));
  EXPECT_THAT(metadata.of({"XY", "pre", "7"}), ElementsAre(Cell(58.0)));
}

TEST_F(Spec4Routine01Metadata, no_workbook_or_a_damaged_one) {
  root_.write("data_meta_xiangyang.xlsx", "not a workbook");
  load({{"TJ", "pre", "1"}, {"XY", "pre", "7"}});
  ASSERT_EQ(problems().size(), 2u);
  EXPECT_THAT(problems()[0], HasSubstr("data_meta_tongji.xlsx: "));
  EXPECT_THAT(problems()[1], HasSubstr("data_meta_xiangyang.xlsx: "));
}

TEST_F(Spec4Routine01Metadata, more_text_than_a_worksheet_takes) {
  const Recipe recipe(
      "volume: \"{site_dir}/{phase_dir}/images/{pid}.nii.gz\"\n"
      "mask: \"{site_dir}/{phase_dir}/masks/{pid}.nii.gz\"\n"
      "parts: {site: {TJ: tongji}, phase: {pre: a, post: b}}\n"
      "metadata: {file: \"{site}.csv\", key: {PID: \"{pid}\"}}\n",
      "r.yaml");
  std::string most, more;
  for (int i = 0; i < 32767; ++i) most += "男";
  more = most + "男";
  root_.write("TJ.csv", "PID,Age,Report\n0012,63," + more + "\n13,58," + most + "\n");
  const Metadata metadata =
      load_metadata(names_, recipe, {{"TJ", "pre", "0012"}, {"TJ", "pre", "13"}}, report_);
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], AllOf(HasSubstr("TJ.csv: PID 0012, `Report`: has 32768 characters"),
                                   HasSubstr("shorten it")));
  EXPECT_THAT(metadata.of({"TJ", "pre", "0012"}), ElementsAre(Cell(63.0), Cell()));
  EXPECT_THAT(metadata.of({"TJ", "pre", "13"}), ElementsAre(Cell(58.0), Cell(most)));
}

TEST_F(Spec4Routine01Metadata, a_column_of_the_manifests_own_name) {
  put("tongji", {{"PID", "site"}, {{"1", "Wuhan"}}});
  const Metadata metadata = load({{"TJ", "pre", "1"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("renamed to `site_2`"));
  EXPECT_THAT(metadata.columns, ElementsAre("site_2"));
}

TEST_F(Spec4Routine01Metadata, of_columns_of_one_name_none_is_lost) {
  put("tongji", {{"type", "PID", "type", "Age", "Age", "Age_2", "PID"},
                 {{"a", "1", "b", 1.0, 2.0, 3.0, "x"}}});
  const Metadata metadata = load({{"TJ", "pre", "1"}});
  EXPECT_THAT(metadata.columns, ElementsAre("type_2", "type_3", "Age", "Age_3", "Age_2", "PID_2"));
  EXPECT_THAT(metadata.of({"TJ", "pre", "1"}),
              ElementsAre(Cell("a"), Cell("b"), Cell(1.0), Cell(2.0), Cell(3.0), Cell("x")));
  EXPECT_EQ(problems().size(), 4u);
}

}  // namespace
}  // namespace nicohort
