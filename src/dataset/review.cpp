#include "dataset/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "base/problem.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 5> review_columns{"ID", "verdict", "comment", "reviewer",
                                                         "time"};

// Excel makes a date of a time that somebody types in.
std::string time_text(const Cell& cell) {
  std::string text = to_text(cell);
  if (!std::holds_alternative<DateTime>(cell)) return text;
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) return text;
  text[blank] = 'T';
  return text + 'Z';
}

// As people write it: `Reject `.
std::string verdict_text(const Cell& cell) {
  std::string text = lower_case(to_text(cell));
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

void set_verdict(Table& table, const std::string& id, const Verdict& verdict) {
  for (std::string_view column : review_columns)
    if (!table.find(column)) {
      table.columns.emplace_back(column);
      for (auto& row : table.rows) row.emplace_back();
    }
  const std::size_t key = *table.find("ID");
  auto row = std::find_if(table.rows.begin(), table.rows.end(),
                          [&](const auto& cells) { return to_text(cells[key]) == id; });
  if (row == table.rows.end())
    row = table.rows.insert(row, std::vector<Cell>(table.columns.size()));
  const std::array values{&id, &verdict.verdict, &verdict.comment, &verdict.reviewer,
                          &verdict.time};
  for (std::size_t i = 0; i < values.size(); ++i)
    (*row)[*table.find(review_columns[i])] = values[i]->empty() ? Cell() : Cell(*values[i]);
  // Rows that belong to no sample are somebody's notes and go to the end.
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const auto& a, const auto& b) {
    const std::string left = to_text(a[key]), right = to_text(b[key]);
    return left.empty() ? false : right.empty() || left < right;
  });
}

}  // namespace

bool is_verdict(std::string_view text) {
  return text == "accept" || text == "fix" || text == rejected;
}

Review review_of(const Table& table) {
  Review review;
  if (table.columns.empty()) return review;
  const auto id = table.find("ID"), verdict = table.find("verdict");
  if (!id || !verdict)
    throw BadInput(ProblemKind::table, fmt::format("the worksheet {} has no column `{}`; restore "
                                                   "the name of the column, or move the file away",
                                                   review_sheet, id ? "verdict" : "ID"));
  const auto comment = table.find("comment"), reviewer = table.find("reviewer"),
             time = table.find("time");
  for (const auto& row : table.rows) {
    const std::string sample = to_text(row[*id]);
    if (sample.empty()) continue;
    const std::string text = verdict_text(row[*verdict]);
    if (!text.empty() && !is_verdict(text))
      throw BadInput(ProblemKind::table,
                     fmt::format("the verdict on {} is `{}`; change it to accept, fix or reject",
                                 sample, to_text(row[*verdict])));
    Verdict found{text, comment ? to_text(row[*comment]) : "",
                  reviewer ? to_text(row[*reviewer]) : "", time ? time_text(row[*time]) : ""};
    if (!review.emplace(sample, std::move(found)).second)
      throw BadInput(ProblemKind::table,
                     fmt::format("{} has two rows; remove one of them", sample));
  }
  std::erase_if(review, [](const auto& entry) { return entry.second.verdict.empty(); });
  return review;
}

Review read_review(const fs::path& file) {
  const ReadTable read = read_table_file(file, review_sheet);
  try {
    if (const std::string what = text_of(read.without_value); !what.empty())
      throw BadInput(ProblemKind::table, what);  // no verdict would be one, too
    return review_of(read.table);
  } catch (const BadInput& bad) {
    throw BadInput(file.string(), bad.kind(), bad.what());
  }
}

void put_verdict(const fs::path& file, const std::string& id, const Verdict& verdict) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  edit_sheet(file, review_sheet, [&](Table table) {
    review_of(table);  // what cannot be understood is not written anew
    set_verdict(table, id, verdict);
    return table;
  });
}

}  // namespace nicohort
