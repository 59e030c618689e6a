// The review of a cohort: what people who looked at the samples made of them, in the worksheet
// `Review` of descriptor/review.xlsx. The file is theirs, too: columns, worksheets and an order of
// columns that they brought in are kept.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "table/table.hpp"

namespace nicohort {

inline constexpr const char *review_file = "review.xlsx", *review_sheet = "Review";
inline constexpr std::string_view rejected = "reject";

struct Verdict {
  std::string verdict;  // "accept", "fix" or "reject"
  std::string comment, reviewer;
  std::string time;  // ISO 8601, UTC
  bool operator==(const Verdict&) const = default;
};

bool is_verdict(std::string_view text);

using Review = std::map<std::string, Verdict>;  // by sample ID

// From a table with the columns ID and verdict, and perhaps comment, reviewer and time; rows
// without an ID or a verdict say nothing. Throws BadInput for a table that is no review: a column
// is missing, a sample has two rows, a verdict is none.
Review review_of(const Table& table);
// Throws BadInput as review_of does, UsageError for a missing file or worksheet.
Review read_review(const std::filesystem::path& file);

// Puts one verdict into the file, which is made if need be, and sorts its rows by ID. On the disk
// when it returns. Threads and processes may call it at once; one of two processes may be told
// (MachineError) to try again. Throws as read_review does, without touching the file.
void put_verdict(const std::filesystem::path& file, const std::string& id, const Verdict& verdict);

}  // namespace nicohort
