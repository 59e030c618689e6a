#include "split/make_split.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/heard.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/record.hpp"
#include "split/index_manifests.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

using ::testing::AllOf;
using testing::bytes_of;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::Heard;
using ::testing::IsEmpty;
using testing::message_of;
using ::testing::Not;
using ::testing::Pair;
using testing::TemporaryFolder;

using Sides = std::map<std::string, std::string>;

// A sample of a manifest: `A-07-1`, and more cells by column.
struct Sample {
  std::string id, site, pid, scan;
  std::map<std::string, Cell> more;
};
Sample sample(const std::string& site, const std::string& pid, const std::string& scan,
              std::map<std::string, Cell> more = {}) {
  return {site + pid + "-" + scan, site, pid, scan, std::move(more)};
}

class Spec4Routine05 : public ::testing::Test {
 protected:
  const Recipe recipe{"volume: \"{site}/{pid}_{scan}.nii.gz\"\nid: \"{site}{pid}-{scan}\"\n",
                      "r.yaml"};

  void write(const std::vector<Sample>& samples) {
    Table table{{"ID", "site", "pid", "scan", "info", "volume", "mask"}, {}};
    for (const Sample& each : samples)
      for (const auto& [column, cell] : each.more)
        if (!table.find(column)) table.columns.push_back(column);
    for (const Sample& each : samples) {
      const std::string begin = each.site + "/" + each.id + "/" + each.id;
      std::vector<Cell> row{each.id,
                            each.site,
                            each.pid,
                            each.scan,
                            begin + "_info.yaml",
                            begin + "_volume.nii.gz",
                            begin + "_mask.nii.gz"};
      row.resize(table.columns.size());
      for (const auto& [column, cell] : each.more) row[*table.find(column)] = cell;
      table.rows.push_back(row);
    }
    if (std::filesystem::exists(manifest))
      put_sheet(manifest, {"Manifest", table});
    else
      write_table(manifest, {{"Manifest", table}});
  }

  // Sides by ID.
  Sides split(const SplitRule& rule) { return split(std::vector{rule}); }
  Sides split(const std::vector<SplitRule>& rules) {
    heard = std::make_unique<Heard>();
    Report report(*heard);
    make_split({.manifest_file = manifest, .plan = {"s", rules, {}}}, recipe, report);
    problems = report.problems();
    return sides();
  }
  std::string refusal(const SplitRule& rule) {
    const std::string before = bytes_of(manifest);
    const std::string message = message_of<UsageError>([&] { split(rule); });
    EXPECT_EQ(bytes_of(manifest), before);
    return message;
  }
  Sides sides() const {
    const Table table = read_table(manifest, "s");
    Sides found;
    for (const auto& row : table.rows) found[to_text(row[1])] = to_text(row[0]);
    return found;
  }
  std::vector<std::string> told() const { return heard->summaries; }
  static auto problem(const std::string& what) {
    return AllOf(Field(&Problem::subject, "s"), Field(&Problem::what, HasSubstr(what)));
  }

  TemporaryFolder folder;
  const std::filesystem::path manifest = folder / "m.xlsx";
  std::unique_ptr<Heard> heard;
  std::vector<Problem> problems;
};

// numpy.random.RandomState(0) shuffles 0 to 4 to 2 0 1 3 4.
TEST_F(Spec4Routine05, patients_are_sorted_by_the_values_of_their_parts_bytewise) {
  write({sample("b", "1", "x"), sample("B", "1", "x"), sample("A", "10", "x"),
         sample("A", "9", "x"), sample("A", "10", "y"), sample("Ä", "1", "x")});
  // A 10, A 9, B 1, b 1, Ä 1
  EXPECT_THAT(split({.test_ratio = 0.4, .val_ratio = 0}),
              ElementsAre(Pair("A10-x", "test"), Pair("A10-y", "test"), Pair("A9-x", "train"),
                          Pair("B1-x", "test"), Pair("b1-x", "train"), Pair("Ä1-x", "train")));
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(Spec4Routine05, without_a_patient_each_sample_is_one_which_is_told) {
  const Recipe nobody_known("volume: \"{case}.nii.gz\"", "r.yaml");
  Table table{{"ID", "case"}, {{"1", "1"}, {"2", "2"}}};
  write_table(manifest, {{"Manifest", table}});
  Heard listener;
  Report report(listener);
  make_split({.manifest_file = manifest, .plan = {"s", {{.test_ratio = 0.5, .val_ratio = 0}}, {}}},
             nobody_known, report);
  EXPECT_THAT(listener.warnings, ElementsAre(HasSubstr("each sample counts as its own patient")));
  write({sample("A", "1", "x"), sample("A", "2", "x")});
  split({.test_ratio = 0.5, .val_ratio = 0});
  EXPECT_THAT(heard->warnings,
              ElementsAre(HasSubstr("could not be read as a split of its samples")))
      << "but one of the cases";
  split({.test_ratio = 0.5, .val_ratio = 0});
  EXPECT_THAT(heard->warnings, IsEmpty());
}

TEST_F(Spec4Routine05, where_is_on_any_column) {
  write({sample("A", "1", "x", {{"age", 60.0}, {"sex", "f"}}),
         sample("A", "2", "x", {{"age", 60.5}, {"sex", "m"}}),
         sample("A", "01", "x", {{"age", "60.0"}, {"sex", "m"}})});
  SplitRule rule{.test_ratio = 0, .val_ratio = 0};
  rule.where.wishes = {{"age", {"60"}}};
  EXPECT_THAT(split(rule), ElementsAre(Pair("A01-x", "train"), Pair("A1-x", "train")))
      << "as the same number";
  rule.where.wishes = {{"pid", {"1"}}};
  EXPECT_THAT(split(rule), ElementsAre(Pair("A1-x", "train"))) << "a part is text";
  rule.where.wishes = {{"age", {"60", "60.5"}}, {"sex", {"m"}}};
  EXPECT_THAT(split(rule), ElementsAre(Pair("A01-x", "train"), Pair("A2-x", "train")));
  rule.where.wishes = {{"sexe", {"m"}}};
  EXPECT_THAT(refusal(rule), HasSubstr("has no such column; did you mean `sex`?"));
  rule.where.wishes = {{"sex", {"m", "d"}}};
  EXPECT_THAT(refusal(rule), HasSubstr("the manifest has no such sex; it has f, m"));
}

TEST_F(Spec4Routine05, the_manifest_is_not_believed) {
  const SplitRule rule{.test_ratio = 0, .val_ratio = 0};
  const Sample good = sample("A", "1", "x");
  write({good, sample("A", "", "x")});
  EXPECT_THAT(refusal(rule), HasSubstr("row 3: no pid"));
  write({good, {"A3-x", "A", "2", "x", {}}});
  EXPECT_THAT(refusal(rule),
              HasSubstr("row 3: the ID is `A3-x`, but site, pid, scan make it `A2-x`"));
  write({good, sample("B", "1", "x"), good});
  EXPECT_THAT(refusal(rule), HasSubstr("row 4: the ID `A1-x` of row 2"));
  for (const char* column : {"info", "volume", "mask", "mask_01_EsoROI"}) {
    write({good, sample("A", "2", "x", {{column, "A/A1-x/A1-x_mask_01_EsoROI.nii.gz"}})});
    EXPECT_THAT(refusal(rule), HasSubstr(fmt::format("row 3: `{}` is a file of another", column)));
  }
  write({sample("A", "", "x"), sample("B", "", "x")});
  EXPECT_THAT(refusal(rule), HasSubstr("rows 2, 3: no pid")) << "all of them";
  write_table(manifest, {{"Manifest", {{"ID", "site"}, {{"A1-x", "A"}}}}});
  EXPECT_THAT(refusal(rule),
              AllOf(HasSubstr("does not have the columns pid, scan"), HasSubstr("--recipe")));
}

TEST_F(Spec4Routine05, a_column_that_is_the_users_may_be_called_like_one_of_a_file) {
  write({sample("A", "1", "x",
                {{"mask_reader", "Dr. A/B"},
                 {"mask_file", "raw/A_seg.nii.gz"},
                 {"volume_path", "raw/A.nii.gz"},
                 {"volume_ml", 7.0}})});
  EXPECT_THAT(split({.test_ratio = 0, .val_ratio = 0}), ElementsAre(Pair("A1-x", "train")));
}

TEST_F(Spec4Routine05, a_column_says_the_side) {
  write({sample("A", "1", "x", {{"set", "Tr"}}), sample("A", "2", "x", {{"set", "Va"}}),
         sample("A", "3", "x", {{"set", "holdout"}}), sample("A", "4", "x", {{"set", Cell()}}),
         sample("A", "5", "x", {{"set", 1.0}}), sample("A", "6", "x", {{"set", Cell()}})});
  EXPECT_THAT(split({.by = "set", .renamed = {{"Va", "val"}, {"Tr", "train"}}}),
              ElementsAre(Pair("A1-x", "train"), Pair("A2-x", "val"), Pair("A3-x", "holdout"),
                          Pair("A5-x", "1")));
  EXPECT_THAT(problems,
              ElementsAre(problem("A4-x has no value in `set`, which gives the subset, and "
                                  "was left out"),
                          problem("A6-x has no value in `set`")));
  EXPECT_THAT(refusal({.by = "sets"}), HasSubstr("did you mean `set`?"));
}

TEST_F(Spec4Routine05, a_patient_on_two_sides_is_a_problem) {
  write({sample("A", "1", "x", {{"set", "train"}}), sample("A", "1", "y", {{"set", "test"}}),
         sample("A", "2", "x", {{"set", "test"}}), sample("A", "3", "x", {{"set", "val"}}),
         sample("A", "3", "y", {{"set", "train"}})});
  EXPECT_EQ(split({.by = "set"}).size(), 5);
  EXPECT_THAT(problems,
              ElementsAre(problem("patient A_1 is in train and test, by the column `set`; "),
                          problem("patient A_3 is in train and val, by the column `set`; ")));
  EXPECT_EQ(split({.leave_out = "set"}).size(), 5);
  EXPECT_THAT(problems, ElementsAre(problem("patient A_1 is in train and test, by"),
                                    problem("patient A_3 is in train and val, by")));
}

TEST_F(Spec4Routine05, a_renamed_value_that_no_row_has) {
  write({sample("A", "1", "x", {{"set", "Tr"}}), sample("A", "2", "x", {{"set", "Va"}})});
  EXPECT_EQ(split({.by = "set", .renamed = {{"Va", "val"}, {"Trr", "train"}}}).size(), 2);
  EXPECT_THAT(problems, ElementsAre(problem("`values` of train has `Trr`, which is in no row of "
                                            "`set`: it has Tr, Va; correct it")));
}

// numpy.random.RandomState(0) shuffles 0 to 3 to 2 3 1 0.
TEST_F(Spec4Routine05, a_side_is_divided_again) {
  std::vector<Sample> samples{sample("A", "9", "x", {{"set", "test"}})};
  for (const char* pid : {"1", "2", "3", "4"})
    for (const char* scan : {"x", "y"}) samples.push_back(sample("A", pid, scan, {{"set", "dev"}}));
  write(samples);
  const Sides found = split({.by = "set", .divide = "dev", .test_ratio = 0, .val_ratio = 0.5});
  EXPECT_THAT(found, AllOf(Contains(Pair("A9-x", "test")), Contains(Pair("A3-x", "val")),
                           Contains(Pair("A3-y", "val")), Contains(Pair("A4-x", "val")),
                           Contains(Pair("A1-x", "train")), Contains(Pair("A2-y", "train"))));
  EXPECT_THAT(
      split({.by = "set", .divide = "dev", .test_ratio = 0, .folds = 2}),
      AllOf(Contains(Pair("A9-x", "test")), Contains(Pair("A3-x", "0")),
            Contains(Pair("A4-x", "1")), Contains(Pair("A2-x", "0")), Contains(Pair("A1-y", "1"))));
  EXPECT_THAT(refusal({.by = "set", .divide = "train"}),
              HasSubstr("--divide train: `set` has no such subset; it has dev, test"));
}

TEST_F(Spec4Routine05, folds_are_numbers_and_each_needs_a_patient) {
  write({sample("A", "1", "x"), sample("A", "2", "x"), sample("A", "3", "x")});
  split({.test_ratio = 0, .folds = 2});
  const Table table = read_table(manifest, "s");
  for (const auto& row : table.rows) EXPECT_TRUE(std::holds_alternative<double>(row[0]));
  EXPECT_THAT(problems, IsEmpty());
  split({.test_ratio = 0, .folds = 5});
  EXPECT_THAT(problems, ElementsAre(problem("no patient is in 3"), problem("no patient is in 4")));
  EXPECT_THAT(split({.test_ratio = 0.34, .folds = 2}),
              Contains(Pair(::testing::_, "test")).Times(1));
}

TEST_F(Spec4Routine05, the_values_of_a_column_are_left_out_in_turn) {
  write({sample("A", "1", "x"), sample("B", "1", "x"), sample("B", "1", "y")});
  EXPECT_THAT(split({.leave_out = "site"}),
              ElementsAre(Pair("A1-x", "A"), Pair("B1-x", "B"), Pair("B1-y", "B")));
}

TEST_F(Spec4Routine05, several_columns_make_strata_and_small_ones_are_pooled) {
  std::vector<Sample> samples;
  for (int i = 0; i < 12; ++i)
    samples.push_back(sample("A", fmt::format("{:02}", i), "x",
                             {{"sex", i % 2 ? "m" : "f"}, {"pCR", double(i % 4 / 2)}}));
  samples.push_back(sample("A", "90", "x", {{"sex", "m"}, {"pCR", Cell()}}));
  samples.push_back(sample("A", "91", "x", {{"sex", Cell()}, {"pCR", 1.0}}));
  write(samples);
  const Sides found = split({.test_ratio = 0.34, .val_ratio = 0.5, .stratify_by = {"sex", "pCR"}});
  for (int stratum = 0; stratum < 4; ++stratum) {  // three patients each
    std::set<std::string> sides;
    for (int i = stratum; i < 12; i += 4) sides.insert(found.at(fmt::format("A{:02}-x", i)));
    EXPECT_THAT(sides, Contains("test")) << stratum;
  }
  EXPECT_THAT(told(), Contains(AllOf(HasSubstr("fewer patients than the 3 subsets were combined"),
                                     HasSubstr("(empty) / 1"), HasSubstr("m / (empty)"))));
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(refusal({.stratify_by = {"scans"}}), HasSubstr("did you mean `scan`?"));
}

TEST_F(Spec4Routine05, a_patient_with_two_strata_is_an_error_but_an_empty_cell_is_none) {
  write({sample("A", "1", "x", {{"sex", "m"}}), sample("A", "1", "y", {{"sex", Cell()}}),
         sample("A", "2", "x", {{"sex", "f"}})});
  EXPECT_EQ(split({.test_ratio = 0.5, .val_ratio = 0, .stratify_by = {"sex"}}).size(), 3);
  EXPECT_THAT(refusal({.stratify_by = {"scan"}}),
              HasSubstr("A_1 has two values, x and y; all samples of a patient need the same one"));
}

TEST_F(Spec4Routine05, parts_make_one_worksheet) {
  write({sample("A", "1", "x", {{"set", "val"}}), sample("A", "2", "x", {{"set", "train"}}),
         sample("B", "1", "x"), sample("C", "1", "x")});
  SplitRule first{.by = "set"}, second{.test_ratio = 1, .val_ratio = 0};
  first.where.wishes = {{"site", {"A"}}};
  second.where.wishes = {{"site", {"B"}}};
  EXPECT_THAT(split({first, second}),
              ElementsAre(Pair("A1-x", "val"), Pair("A2-x", "train"), Pair("B1-x", "test")));
  EXPECT_THAT(problems, IsEmpty());
  second.where.wishes = {{"site", {"A", "B"}}};
  EXPECT_THAT(message_of<UsageError>([&] {
                split({first, second});
              }),
              HasSubstr("`parts`: A1-x is in two of them"));
}

TEST_F(Spec4Routine05, a_patient_whom_parts_put_on_two_sides_is_a_problem) {
  write({sample("A", "1", "x"), sample("A", "1", "y"), sample("A", "2", "y")});
  SplitRule first{.test_ratio = 1, .val_ratio = 0}, second{.test_ratio = 0, .val_ratio = 0};
  first.where.wishes = {{"scan", {"x"}}};
  second.where.wishes = {{"scan", {"y"}}};
  split({first, second});
  EXPECT_THAT(problems, ElementsAre(problem("patient A_1 is in train and test; ")));
}

TEST_F(Spec4Routine05, missing_and_empty_masks_are_told_and_can_be_left_out) {
  const std::string existence = "mask_01_EsoROI_existence";
  write({sample("A", "1", "x", {{existence, 1.0}, {"mask_00_Bg_existence", 1.0}}),
         sample("A", "2", "x", {{existence, 0.0}, {"mask_00_Bg_existence", 1.0}}),
         sample("A", "3", "x", {{"mask", Cell()}}), sample("A", "4", "x")});
  SplitRule rule{.test_ratio = 0, .val_ratio = 0};
  EXPECT_EQ(split(rule).size(), 4);
  EXPECT_THAT(told(), Contains("Without a mask, or with an empty one: 2 samples in train."));
  rule.require_mask = true;
  EXPECT_THAT(split(rule), ElementsAre(Pair("A1-x", "train"), Pair("A4-x", "train")));
  EXPECT_THAT(told(), AllOf(Contains("2 samples left out: no mask, or an empty one."),
                            Not(Contains(HasSubstr("Without a mask")))));
}

TEST_F(Spec4Routine05, records_say_of_masks_what_the_manifest_does_not) {
  write({sample("A", "1", "x"), sample("A", "2", "x"), sample("A", "3", "x")});
  for (const auto& [id, voxels] :
       {std::pair("A1-x", 1000), std::pair("A2-x", 3000), std::pair("A3-x", 0)}) {
    SampleRecord record;
    record.id = id;
    record.volume = VolumeSummary{};
    record.volume->channels.emplace_back();
    record.volume->geometry.spacing = {1, 1, 5};
    record.mask = MaskSummary{};
    if (voxels > 0) record.mask->voxels = {{1, voxels}};
    write_file(OwnFolder(manifest.parent_path()).record(id), record_text(record));
  }
  Heard listener;
  Report report(listener);
  make_split({.manifest_file = manifest, .plan = {"s", {{.test_ratio = 0, .val_ratio = 0}}, {}}},
             recipe, report);
  EXPECT_THAT(listener.summaries,
              AllOf(Contains("Without a mask, or with an empty one: 1 sample in train."),
                    Contains(HasSubstr("mask volume (median, cm³)     10.0"))));
}

TEST_F(Spec4Routine05, the_balance_is_told) {
  write({sample("A", "1", "x", {{"sex", "m"}}), sample("A", "1", "y", {{"sex", "m"}}),
         sample("A", "2", "x", {{"sex", "m"}}), sample("A", "3", "x", {{"sex", "f"}}),
         sample("A", "4", "x", {{"sex", "f"}})});
  split({.test_ratio = 0.5, .val_ratio = 0, .stratify_by = {"sex"}});
  EXPECT_THAT(told(), Contains(AllOf(HasSubstr("                train    test\n"
                                               "  patients          2       2\n"),
                                     HasSubstr("\n  patients: f       1       1\n"
                                               "  patients: m       1       1"))));
  EXPECT_THAT(told(), Contains(HasSubstr("4 patients divided in worksheet s of ")));
}

TEST_F(Spec4Routine05, the_balance_counts_who_is_on_a_side_by_a_column_too) {
  write({sample("A", "1", "x", {{"given", "train"}, {"sex", "f"}}),
         sample("A", "2", "x", {{"given", "train"}, {"sex", "m"}}),
         sample("A", "3", "x", {{"given", "train"}, {"sex", "m"}}),
         sample("A", "4", "x", {{"given", "test"}, {"sex", "f"}}),
         sample("A", "5", "x", {{"given", "test"}, {"sex", "m"}}),
         sample("A", "5", "y", {{"given", "test"}, {"sex", "m"}})});
  split(
      {.by = "given", .divide = "train", .test_ratio = 0, .val_ratio = 0, .stratify_by = {"sex"}});
  EXPECT_THAT(told(), Contains(AllOf(HasSubstr("train    test"),
                                     HasSubstr("\n  patients: f       1       1\n"
                                               "  patients: m       2       1"))));
}

TEST_F(Spec4Routine05, there_is_no_silent_reshuffle) {
  std::vector<Sample> samples;
  for (int i = 0; i < 10; ++i) samples.push_back(sample("A", std::to_string(i), "x"));
  write(samples);
  const Sides before = split(SplitRule{});
  EXPECT_THAT(told(), Not(Contains(HasSubstr("as it was"))));
  EXPECT_EQ(split(SplitRule{}), before);
  EXPECT_THAT(told(), Contains("Of the patients in the worksheet s as it was, 10 stay in their "
                               "subset, 0 move, 0 are gone; 0 are new."));
  samples.erase(samples.begin());
  for (int i = 10; i < 13; ++i) samples.push_back(sample("A", std::to_string(i), "x"));
  write(samples);
  const Sides kept = split(SplitRule{.keep_sides = true});
  EXPECT_THAT(told(), Contains("Of the patients in the worksheet s as it was, 9 stay in their "
                               "subset, 0 move, 1 are gone; 3 are new."));
  for (const auto& [id, side] : before)
    if (id != "A0-x") {
      EXPECT_EQ(kept.at(id), side) << id;
    }
  EXPECT_EQ(split(SplitRule{.random_seed = 5, .keep_sides = true}), kept) << "nobody is new";
  const Sides drawn = split(SplitRule{.random_seed = 5});
  int moved = 0;
  for (const auto& [id, side] : kept) moved += drawn.at(id) != side;
  ASSERT_GT(moved, 0);
  EXPECT_THAT(told(), Contains(AllOf(HasSubstr(fmt::format("{} move (A_", moved)),
                                     HasSubstr(" from "), HasSubstr(" 0 are gone; 0 are new."))));
}

TEST_F(Spec4Routine05, sides_that_cannot_be_kept_are_an_error) {
  write({sample("A", "1", "x"), sample("A", "2", "x")});
  split({.test_ratio = 0, .folds = 2});
  EXPECT_THAT(refusal({.keep_sides = true}), HasSubstr("which is not a subset of the split now"));
  put_sheet(manifest, {"s",
                       {{"s", "ID", "site", "pid", "scan"},
                        {{"test", "A1-x", "A", "1", "x"}, {"val", "A1-y", "A", "1", "y"}}}});
  EXPECT_THAT(
      refusal({.keep_sides = true}),
      HasSubstr("--keep_sides: in the existing worksheet the patient A_1 is in test and val"));
  put_sheet(manifest, {"S", {{"notes"}, {{"mine"}}}});
  EXPECT_THAT(refusal({.keep_sides = true}), HasSubstr("--keep_sides"));
}

TEST_F(Spec4Routine05, a_subset_that_is_asked_for_is_one_of_the_columns_values) {
  write({sample("A", "1", "x", {{"clinic", "A"}}), sample("A", "2", "x", {{"clinic", "B/C"}}),
         sample("A", "3", "x", {{"clinic", "B/C"}})});
  split({.leave_out = "clinic"});
  const IndexOptions folds{manifest, folder / "out", "s", {{"A", "B/C"}, {"B/C"}}};
  Report report(nobody());
  extract_split_index_manifest(folds, report);
  EXPECT_EQ(read_table(folder / "out/s_A_B_C.xlsx").rows.size(), 3);
  EXPECT_EQ(read_table(folder / "out/s_B_C.xlsx").rows.size(), 2);
  EXPECT_THAT(message_of<UsageError>([&] {
                extract_split_index_manifest({manifest, folder / "out", "s", {{"train"}}}, report);
              }),
              HasSubstr("only of A, B/C"));
}

}  // namespace
}  // namespace nicohort
