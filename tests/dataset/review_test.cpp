#include "dataset/review.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Verdict good{"accept", "", "R", "2026-01-02T03:04:05Z"};
const Verdict bad{"reject", "=1+1, \"0012\"\nand more", "0012", "2026-01-02T03:04:06Z"};

TEST(Review, what_is_put_is_read_back_sorted_and_as_text) {
  const TemporaryFolder folder;
  const fs::path file = folder / "descriptor/review.xlsx";
  put_verdict(file, "TJ_0012_pre", bad);
  put_verdict(file, "SYTH_1_pre", good);
  put_verdict(file, "TJ_0012_post", good);
  EXPECT_EQ(read_review(file),
            (Review{{"TJ_0012_pre", bad}, {"SYTH_1_pre", good}, {"TJ_0012_post", good}}));
  const Table table = read_table(file, "Review");
  EXPECT_THAT(table.columns, ElementsAre("ID", "verdict", "comment", "reviewer", "time"));
  EXPECT_EQ(table.rows[0], (std::vector<Cell>{"SYTH_1_pre", "accept", {}, "R", good.time}));
  EXPECT_EQ(table.rows[1][0], Cell("TJ_0012_post"));
  EXPECT_EQ(table.rows[2],
            (std::vector<Cell>{"TJ_0012_pre", "reject", bad.comment, "0012", bad.time}));
  put_verdict(file, "TJ_0012_pre", good);
  EXPECT_EQ(read_review(file).at("TJ_0012_pre"), good);
}

RC_GTEST_PROP(Review, every_text_comes_back, ()) {
  const auto text = rc::gen::container<std::string>(rc::gen::inRange(' ', '\x7F'));
  const Verdict verdict{"fix", *text, *text, *text};
  const std::string id = *rc::gen::nonEmpty(text);
  const TemporaryFolder folder;
  put_verdict(folder / "review.xlsx", id, verdict);
  RC_ASSERT(read_review(folder / "review.xlsx") == (Review{{id, verdict}}));
}

TEST(Review, what_people_brought_in_is_kept) {
  const TemporaryFolder folder;
  const fs::path file = folder / "review.xlsx";
  const Table notes{{"n"}, {{1.0}}};
  const Table edited{{"grade", "verdict", "ID", "reviewer"},
                     {{3.0, "Reject ", "TJ_2_pre", "A"},
                      {Cell(), Cell(), Cell(), "a note"},
                      {4.0, Cell(), "TJ_1_pre", Cell()}}};
  write_table(file, {{"Notes", notes}, {"review", edited}});
  EXPECT_EQ(read_review(file), (Review{{"TJ_2_pre", {"reject", "", "A", ""}}}));
  put_verdict(file, "TJ_1_pre", bad);
  put_verdict(file, "SYTH_1_pre", good);
  EXPECT_EQ(read_table(file, "Notes"), notes);
  const Table now = read_table(file, "Review");
  EXPECT_THAT(now.columns, ElementsAre("grade", "verdict", "ID", "reviewer", "comment", "time"));
  ASSERT_EQ(now.rows.size(), 4);
  EXPECT_EQ(now.rows[0],
            (std::vector<Cell>{Cell(), "accept", "SYTH_1_pre", "R", Cell(), good.time}));
  EXPECT_EQ(now.rows[1],
            (std::vector<Cell>{4.0, "reject", "TJ_1_pre", "0012", bad.comment, bad.time}));
  EXPECT_EQ(now.rows[2], (std::vector<Cell>{3.0, "Reject ", "TJ_2_pre", "A", Cell(), Cell()}));
  EXPECT_EQ(now.rows[3][3], Cell("a note"));
}

TEST(Review, a_time_that_excel_made_a_date_is_read) {
  using namespace std::chrono_literals;
  const DateTime time{2026y / 1 / 2, 3h + 4min + 5s};
  const Table table{{"ID", "verdict", "time"}, {{"a", "accept", time}}};
  EXPECT_EQ(review_of(table).at("a").time, "2026-01-02T03:04:05Z");
}

TEST(Review, what_is_no_review_is_refused_and_left_alone) {
  const TemporaryFolder folder;
  const fs::path file = folder / "review.xlsx";
  const auto refusal = [&](const Table& table) {
    write_table(file, {{"Review", table}});
    const std::string before = bytes_of(file);
    EXPECT_THROW(put_verdict(file, "a", good), BadInput);
    EXPECT_EQ(bytes_of(file), before);
    return message_of<BadInput>([&] { read_review(file); });
  };
  EXPECT_THAT(refusal({{"ID", "comment"}, {{"a", "c"}}}), HasSubstr("no column `verdict`"));
  EXPECT_THAT(refusal({{"verdict"}, {{"fix"}}}), HasSubstr("no column `ID`"));
  EXPECT_THAT(refusal({{"ID", "verdict"}, {{"a", "maybe"}}}), HasSubstr("on a is `maybe`"));
  EXPECT_THAT(refusal({{"ID", "verdict"}, {{"a", "fix"}, {"a", "fix"}}}), HasSubstr("two rows"));
}

TEST(Review, a_damaged_or_foreign_workbook_is_left_alone) {
  const TemporaryFolder folder;
  const fs::path damaged = folder.write("review.xlsx", "PK\x03\x04 no workbook");
  EXPECT_THROW(read_review(damaged), BadInput);
  EXPECT_THROW(put_verdict(damaged, "a", good), BadInput);
  EXPECT_EQ(bytes_of(damaged), "PK\x03\x04 no workbook");
  const fs::path other = folder / "other.xlsx";
  write_table(other, {{"Sheet1", {{"ID", "verdict"}, {{"a", "fix"}}}}});
  EXPECT_THROW(read_review(other), UsageError);
  EXPECT_THROW(put_verdict(other, "a", good), UsageError);
  EXPECT_THAT(sheet_names(other), ElementsAre("Sheet1"));
  EXPECT_THROW(read_review(folder / "none.xlsx"), UsageError);
  EXPECT_THAT(folder.files(), ElementsAre("other.xlsx", "review.xlsx"));
}

TEST(Review, an_emptied_worksheet_is_an_empty_review) {
  const TemporaryFolder folder;
  const fs::path file = folder / "review.xlsx";
  write_table(file, Sheet{"Review", {}});
  EXPECT_EQ(read_review(file), Review());
  put_verdict(file, "a", good);
  EXPECT_EQ(read_review(file), (Review{{"a", good}}));
}

TEST(Review, of_many_at_once_none_is_lost) {
  const TemporaryFolder folder;
  const fs::path file = folder / "review.xlsx";
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j)
        put_verdict(file, std::to_string(i) + "_" + std::to_string(j), good);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read_review(file).size(), 40);
}

}  // namespace
}  // namespace nicohort
