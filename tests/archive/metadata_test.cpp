#include "archive/metadata.hpp"

#include <gmock/gmock.h>

#include "base/heard.hpp"
#include "base/temporary_folder.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

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

TEST_F(Spec4Routine01Metadata, a_file_that_is_called_something_else) {
  put("Tongji", {{"PID", "Age"}, {{"1", 63.0}}});
  load({{"TJ", "pre", "1"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("(did you mean `data_meta_Tongji.xlsx`?); its images get"));
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
              HasSubstr("data_meta_tongji.xlsx: row 2 of the worksheet Sheet1: PID 12 differs from "
                        "0012, which has images, only by leading zeros"));
  EXPECT_THAT(metadata.of({"TJ", "pre", "0012"}), ElementsAre(Cell()));
}

TEST_F(Spec4Routine01Metadata, a_key_with_a_blank_that_nobody_sees) {
  put("tongji", {{"PID", "Age"}, {{"0012 ", 63.0}}});
  load({{"TJ", "pre", "0012"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(
      problems()[0],
      HasSubstr("only by spaces; no metadata were used for TJ_0012: write it in the table"));
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
  EXPECT_THAT(
      problems()[0],
      HasSubstr("data_meta_tongji.xlsx: row 2 of the worksheet Sheet1: PID 1 has no images"));
  EXPECT_THAT(problems()[1], HasSubstr("TJ_3: has images but no metadata"));
}

TEST_F(Spec4Routine01Metadata, a_key_twice_never_multiplies_rows) {
  put("tongji", {{"PID", "Age"}, {{"1", 63.0}, {1.0, 58.0}}});
  const Metadata metadata = load({{"TJ", "pre", "1"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0],
              HasSubstr("PID 1 occurs more than once, in rows 2 and 3 of the worksheet Sheet1;"));
  EXPECT_THAT(metadata.of({"TJ", "pre", "1"}), ElementsAre(Cell(63.0)));
}

TEST_F(Spec4Routine01Metadata, a_row_without_key) {
  put("tongji", {{"PID", "Age"}, {{"1", 63.0}, {Cell(), 58.0}}});
  load({{"TJ", "pre", "1"}});
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_THAT(problems()[0], HasSubstr("row 3 of the worksheet Sheet1 has no PID"));
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

// Tables of other recipes than ESO's, which need not be workbooks.
class Spec5Metadata : public ::testing::Test {
 protected:
  // yaml: of the key `metadata`.
  Metadata load(const std::string& yaml, const std::set<PartValues>& samples,
                const std::set<PartValues>& others = {}, const KeptMetadata& kept = {}) {
    const Recipe recipe(
        "volume: \"{pid}[_{scan}].nii.gz\"\nparts: {pid: \"[^_/]+\", scan: "
        "\"[0-9]+\"}\nmetadata: " +
            yaml + "\n",
        "r.yaml");
    return load_metadata(names_, recipe, samples, report_, others, kept);
  }
  std::vector<std::string> problems() const {
    std::vector<std::string> lines;
    for (const Problem& problem : report_.problems())
      lines.push_back(problem.subject + ": " + problem.what);
    return lines;
  }

  TemporaryFolder root_;
  ArchiveNames names_{root_.path()};
  Heard heard_;
  Report report_{heard_};
};

TEST_F(Spec5Metadata, a_key_of_two_columns_and_the_patients_first_row) {
  root_.write("m.csv",
              "subject,split,series,sex,age\ngl003,,1 of 1,0,44\nverse401,verse201,1 of 2,1,51\n"
              "verse401,verse202,2 of 2,,\n");
  const Metadata metadata = load(
      "{file: m.csv, key: {subject: \"{pid}\", split: \"[verse{scan}]\"},"
      " from_patients_first_row: [sex, age], columns: {sex_code: sex, Age: age, n: series}}",
      {{"gl003", ""}, {"verse401", "201"}, {"verse401", "202"}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(metadata.columns, ElementsAre("sex_code", "Age", "n"));
  EXPECT_THAT(metadata.of({"gl003", ""}), ElementsAre(Cell(0.0), Cell(44.0), Cell("1 of 1")));
  EXPECT_THAT(metadata.of({"verse401", "202"}), ElementsAre(Cell(1.0), Cell(51.0), Cell("2 of 2")));
}

TEST_F(Spec5Metadata, a_row_without_the_part_of_the_key_that_must_be_there) {
  root_.write("m.csv", "subject,split,age\n,verse201,3\n,,4\n1,,5\n");
  load("{file: m.csv, key: {subject: \"{pid}\", split: \"[verse{scan}]\"}}", {{"1", ""}});
  EXPECT_THAT(problems(), ElementsAre("m.csv: 2 rows have no subject: rows 2 and 3; fill it in, or "
                                      "delete these rows"));
}

TEST_F(Spec5Metadata, numbers_match_numbers) {
  root_.write("m.csv", "id,age\n1,60\n0007,61\n01,62\n");
  const Metadata metadata =
      load("{file: m.csv, key: {id: \"{pid}\"}, match: number}", {{"0001", ""}, {"7", ""}});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("m.csv: id 0001 occurs more than once")));
  EXPECT_THAT(metadata.of({"0001", ""}), ElementsAre(Cell(60.0)));
  EXPECT_THAT(metadata.of({"7", ""}), ElementsAre(Cell(61.0)));
}

TEST_F(Spec5Metadata, a_file_a_patient_is_the_row_of_all_their_samples) {
  root_.write("1.cfg", "ED: 1\nGroup: DCM\n");
  root_.write("2.cfg", "ED: 2\nWeight: 60.5\n");
  const Metadata metadata =
      load("{file: \"{pid}.cfg\", format: \"key: value\"}", {{"1", "1"}, {"1", "2"}, {"2", "1"}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(metadata.columns, ElementsAre("ED", "Group", "Weight"));
  EXPECT_THAT(metadata.of({"1", "2"}), ElementsAre(Cell(1.0), Cell("DCM"), Cell()));
  EXPECT_THAT(metadata.of({"2", "1"}), ElementsAre(Cell(2.0), Cell(), Cell(60.5)));
}

TEST_F(Spec5Metadata, what_is_wrong_with_a_file_of_one_patient_is_the_patients_problem) {
  root_.write("1.cfg", "ED: 1\n");
  root_.write("2.cfg", "what\n");
  root_.write("4.cfg", "");
  const Metadata metadata =
      load("{file: \"{pid}.cfg\", format: \"key: value\", columns: {ED: ED, w: Weight}}",
           {{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}});
  EXPECT_THAT(metadata.columns, ElementsAre("ED", "w"));
  EXPECT_THAT(problems(),
              ElementsAre("1: 1.cfg: has no column `Weight`; it can be ED; `w` stays empty",
                          HasSubstr("2: 2.cfg: line 1 is not `key: value`"),
                          AllOf(StartsWith("3: 3.cfg: "), HasSubstr("there is no such file")),
                          HasSubstr("4: 4.cfg: has 0 rows, not one")));
}

TEST_F(Spec5Metadata, a_file_without_key_of_two_rows) {
  root_.write("1.csv", "age\n60\n61\n");
  load("{file: \"{pid}.csv\"}", {{"1", ""}});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("1: 1.csv: has 2 rows, not one")));
}

TEST_F(Spec5Metadata, what_the_one_file_of_all_lacks_is_a_mistake_in_the_recipe) {
  root_.write("m.csv", "PID,Age\n1,60\n");
  root_.write("m.json", "{\"train\": []}");
  struct Case {
    const char *yaml, *message;
  };
  for (const auto& [yaml, message] : {
           Case{"{file: n.csv, key: {PID: \"{pid}\"}}", "n.csv is not in the archive"},
           Case{"{file: m.csv, key: {pid: \"{pid}\"}}",
                "m.csv has no key column `pid` in row 1 (it has `PID`, which differs only by upper "
                "and lower case)"},
           Case{"{file: m.csv, key: {PID: \"{pid}\"}, columns: {age: age}}",
                "m.csv has no column `age`; did you mean `Age`?"},
           Case{"{file: m.csv, key: {PID: \"{pid}\"}, from_patients_first_row: sex}",
                "m.csv has no column `sex`; it can be PID, Age"},
           Case{"{file: m.json, key: {id: \"{pid}\"}, rows: {s: [train, val]}}",
                "m.json has no `val`, which `rows` of the recipe names"},
       })
    EXPECT_THAT(message_of<UsageError>([&, &yaml = yaml] {
                  load(yaml, {{"1", ""}});
                }),
                AllOf(StartsWith("recipe r.yaml, line 3: `metadata`: "), HasSubstr(message)));
}

TEST_F(Spec5Metadata, an_empty_file_is_called_so) {
  for (const char* text : {"", "\n\n"}) {
    root_.write("m.csv", text);
    EXPECT_THAT(message_of<UsageError>([&] {
                  load("{file: m.csv, key: {PID: \"{pid}\"}}", {{"1", ""}});
                }),
                HasSubstr("m.csv is empty, and so has no key column `PID`"));
  }
}

TEST_F(Spec5Metadata, rows_of_json_need_not_name_every_sample) {
  root_.write("m.json", "[{\"train\": [\"1\", \"9\"], \"val\": [\"2\"]}]");
  const Metadata metadata =
      load("{file: m.json, rows: {fold0: [train, val]}, key: {id: \"{pid}\"}}",
           {{"1", ""}, {"2", ""}, {"3", ""}});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("m.json: id 9 has no images")));
  EXPECT_THAT(metadata.columns, ElementsAre("fold0"));
  EXPECT_THAT(metadata.of({"2", ""}), ElementsAre(Cell("val")));
  EXPECT_THAT(metadata.of({"3", ""}), ElementsAre(Cell()));
}

TEST_F(Spec5Metadata, nested_values_are_told) {
  root_.write("m.json", "[{\"id\": \"1\", \"ill\": {\"a\": 1}, \"age\": 3}]");
  const Metadata metadata = load("{file: m.json, key: {id: \"{pid}\"}}", {{"1", ""}});
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(heard_.summaries, ElementsAre("m.json: lists and maps were left out: `ill`."));
  EXPECT_THAT(metadata.of({"1", ""}), ElementsAre(Cell(), Cell(3.0)));
}

TEST_F(Spec5Metadata, samples_that_are_not_wanted_are_missed_nowhere) {
  root_.write("m.csv", "id,age\n1,60\n2,61\n");
  load("{file: m.csv, key: {id: \"{pid}\"}}", {{"1", ""}}, {{"2", ""}, {"3", ""}});
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(Spec5Metadata, a_column_that_the_recipe_names_as_a_part) {
  root_.write("m.csv", "id,age\n1,60\n");
  const Metadata metadata =
      load("{file: m.csv, key: {id: \"{pid}\"}, columns: {scan: age}}", {{"1", ""}});
  EXPECT_THAT(metadata.columns, ElementsAre("scan_2"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("it was renamed to `scan_2`")));
}

TEST_F(Spec5Metadata, of_two_tables_with_one_column_the_first_with_a_value_counts) {
  root_.write("a.csv", "id,age,sex\n1,60,F\n2,,M\n3,62,F\n4,63,F\n");
  root_.write("b.csv", "id,age,sex\n1,60.0,F\n2,71,M\n3,72,M\n4,73,F\n");
  const Metadata metadata =
      load("[{file: a.csv, key: {id: \"{pid}\"}}, {file: b.csv, key: {id: \"{pid}\"}}]",
           {{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}});
  EXPECT_THAT(metadata.columns, ElementsAre("age", "sex"));
  EXPECT_THAT(metadata.of({"1", ""}), ElementsAre(Cell(60.0), Cell("F")));
  EXPECT_THAT(metadata.of({"2", ""}), ElementsAre(Cell(71.0), Cell("M")));
  EXPECT_THAT(metadata.of({"3", ""}), ElementsAre(Cell(62.0), Cell("F")));
  EXPECT_THAT(
      problems(),
      ElementsAre("b.csv: its column `age` is also in a.csv, with other values for 2 samples, such "
                  "as 3; the value of the first table in the recipe was used: correct the tables, "
                  "or rename one of the columns with `columns` in the recipe",
                  HasSubstr("its column `sex` is also in a.csv, with another value for 3; ")));
}

TEST_F(Spec5Metadata, files_of_patients_contradict_a_table_once) {
  root_.write("a.csv", "id,age\n1,60\n2,61\n");
  root_.write("1.cfg", "age: 70\n");
  root_.write("2.cfg", "age: 71\n");
  load("[{file: a.csv, key: {id: \"{pid}\"}}, {file: \"{pid}.cfg\", format: \"key: value\"}]",
       {{"1", "1"}, {"1", "2"}, {"2", ""}});
  EXPECT_THAT(problems(), ElementsAre(StartsWith("{pid}.cfg: its column `age` is also in a.csv, "
                                                 "with other values for 3 samples, such as 1_1;")));
}

TEST_F(Spec5Metadata, what_is_kept_for_a_damaged_table_is_nothing_that_another_table_has) {
  root_.write("a.csv", "id,stage\n1,\"x\n");
  root_.write("b.csv", "id,dose\n1,\n2,5\n");
  const KeptMetadata kept = [](const PartValues&) {
    return std::vector<std::pair<std::string, Cell>>{
        {"stage", Cell("II")}, {"dose", Cell(10.0)}, {"old", Cell(1.0)}};
  };
  const std::string a = "{file: a.csv, key: {id: \"{pid}\"}}",
                    b = "{file: b.csv, key: {id: \"{pid}\"}}";
  for (const std::string& tables : {"[" + a + ", " + b + "]", "[" + b + ", " + a + "]"}) {
    const Metadata metadata = load(tables, {{"1", ""}, {"2", ""}}, {}, kept);
    std::map<std::string, Cell> cells;
    for (std::size_t i = 0; i < metadata.columns.size(); ++i)
      cells[metadata.columns[i]] = metadata.of({"1", ""})[i];
    EXPECT_THAT(cells, ElementsAre(Pair("dose", Cell()), Pair("old", Cell(1.0)),
                                   Pair("stage", Cell("II"))));
  }
  const Metadata named = load("{file: a.csv, key: {id: \"{pid}\"}, columns: {stage: stage}}",
                              {{"1", ""}, {"2", ""}}, {}, kept);
  EXPECT_THAT(named.columns, ElementsAre("stage"));
  EXPECT_THAT(named.of({"1", ""}), ElementsAre(Cell("II")));
}

TEST_F(Spec5Metadata, a_rounded_identifier_is_of_the_next_patient_that_it_can_be_of) {
  root_.write("m.csv",
              "id,scan,age\n4.20101E+17,1,60\n4.20101E+17,1,61\n4.20101E+17,1,62\n"
              "5.20101E+17,1,63\n");
  load("{file: m.csv, key: {id: \"{pid}\", scan: \"[{scan}]\"}}", {{"420101199001011234", "1"},
                                                                   {"420101199001015678", "1"},
                                                                   {"420101199001019999", "2"},
                                                                   {"430000000000000000", "1"}});
  EXPECT_THAT(problems(),
              ElementsAre(AllOf(HasSubstr("rows 2 to 5: id is a number of more than 15"),
                                HasSubstr("no metadata were used for 420101199001011234, "
                                          "420101199001015678: store")),
                          HasSubstr("420101199001019999: has images but no metadata"),
                          HasSubstr("430000000000000000: has images but no metadata")));
}

}  // namespace
}  // namespace nicohort
