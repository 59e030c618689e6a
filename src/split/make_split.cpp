#include "split/make_split.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "base/near_miss.hpp"
#include "base/wording.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/review.hpp"
#include "split/balance.hpp"
#include "split/records.hpp"
#include "split/sides.hpp"
#include "table/oddities.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

Review require_review(const fs::path& file, const std::string& option) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    throw UsageError(fmt::format(
        "{}: {}: no such file; review the samples with nicohort view, or name the file of the "
        "review",
        option, file.string()));
  try {
    return read_review(file);
  } catch (const BadInput& bad) {
    throw UsageError(fmt::format("{}: {}: {}", option, bad.subject(), bad.what()));
  }
}

// What has no value in the manifest counts as empty, which is a problem of the split.
Table read_manifest(const SplitOptions& options, Report& report) {
  ReadTable manifest = read_table_file(options.manifest_file, options.sheet_name);
  if (const std::string what = text_of(manifest.without_value); !what.empty())
    report.add(options.plan.name, ProblemKind::table,
               fmt::format("{} {}", options.manifest_file.string(), what));
  return std::move(manifest.table);
}

// One split on its way from the manifest to its worksheet.
class Splitting {
 public:
  Splitting(const SplitOptions& options, const Recipe& recipe, Report& report)
      : options_(options),
        plan_(options.plan),
        recipe_(recipe),
        report_(report),
        before_(sides_before()),
        table_(read_manifest(options, report)),
        manifest_(options.manifest_file.string(), table_, recipe, options.plan.prefix()) {
    require_split_name(plan_, options.sheet_name, table_.columns);
    if (!recipe.has_patients())
      report.listener().warning(
          "The recipe has neither `patient` nor a part `pid`, so each sample counts as its own "
          "patient.");
    tell_oddities();
    read_records();
  }

  void operator()();

 private:
  void problem(const std::string& what) { report_.add(plan_.name, ProblemKind::split, what); }
  // Of the worksheet that is there.
  std::optional<SidesOfPatients> sides_before();
  void tell_oddities() const;
  void read_records();
  std::set<std::string> rejected_samples();
  SideOfPatients kept_sides() const;
  SideOfPatients absent() const;
  void put_rows_on_sides();
  void tell_missing_masks() const;
  void tell_changes() const;
  Table split_table();

  const SplitOptions& options_;
  const SplitPlan& plan_;
  const Recipe& recipe_;
  Report& report_;
  bool replaces_other_ = false;                  // a worksheet of the split's name that is no split
  const std::optional<SidesOfPatients> before_;  // read first: of two tables one is in memory
  Table table_;
  SplitManifest manifest_;
  SideOfPatients kept_;                // of those who keep their side, should they be in it
  std::map<std::size_t, Cell> sides_;  // by row
  std::vector<std::string> told_;
};

void Splitting::tell_oddities() const {
  std::set<std::string> used;
  for (const SplitRule& rule : plan_.rules) {
    for (const Condition::Wish& wish : rule.where.wishes) used.insert(wish.column);
    for (const auto& [column, parameter] : columns_of(rule)) used.insert(column);
  }
  for (const std::string& part : names_of(recipe_.parts())) used.erase(part);
  for (const std::string& sentence : oddities(table_, used))
    report_.listener().warning(fmt::format("{}: {}", plan_.name, sentence));
}

void Splitting::read_records() {
  std::set<std::size_t> rows;
  for (const SplitRule& rule : plan_.rules)
    for (std::size_t r : manifest_.fulfilling(rule.where)) rows.insert(r);
  take_records(manifest_, {rows.begin(), rows.end()}, options_.manifest_file.parent_path());
}

std::optional<SidesOfPatients> Splitting::sides_before() {
  for (const std::string& sheet : sheet_names(options_.manifest_file)) {
    if (lower_case(sheet) != lower_case(plan_.name) ||
        lower_case(sheet) == lower_case(options_.sheet_name))
      continue;
    const bool is_needed = plan_.keeps_sides();
    try {
      const Table split = read_table(options_.manifest_file, sheet);
      if (!split.columns.empty() && split.columns.front() == sheet)
        return sides_of_patients(split, recipe_, fmt::format("worksheet {}", sheet));
    } catch (const UsageError&) {
      if (is_needed) throw;
    } catch (const BadInput& bad) {
      if (is_needed)
        throw UsageError(fmt::format("{}, worksheet {}: {}", options_.manifest_file.string(), sheet,
                                     bad.what()));
    }
    if (is_needed)
      throw UsageError(
          fmt::format("{0}: the worksheet {1} is not a split; choose another name, or "
                      "leave out {0}",
                      plan_.prefix().empty() ? "`keep_sides`" : "--keep_sides", sheet));
    replaces_other_ = true;
  }
  return std::nullopt;
}

// The samples that the review rejects. Says how many of those that rules are of are left out.
std::set<std::string> Splitting::rejected_samples() {
  std::set<std::string> rejects;
  if (std::none_of(plan_.rules.begin(), plan_.rules.end(),
                   [](const SplitRule& rule) { return rule.exclude_rejected; }))
    return rejects;
  const fs::path file = options_.review_file.value_or(review_beside(options_.manifest_file));
  const Review review = require_review(file, manifest_.option("exclude_rejected"));
  std::set<std::string> known, left_out;
  for (const SplitRow& row : manifest_.rows()) {
    known.insert(row.id);
    const auto verdict = review.find(row.id);
    if (verdict != review.end() && verdict->second.verdict == rejected) rejects.insert(row.id);
  }
  for (const SplitRule& rule : plan_.rules)
    for (std::size_t r : manifest_.fulfilling(rule.where))
      if (rule.exclude_rejected && rejects.contains(manifest_.rows()[r].id))
        left_out.insert(manifest_.rows()[r].id);
  for (const auto& [id, verdict] : review)
    if (!known.contains(id))
      problem(
          fmt::format("the review {} contains {}, which is not in the manifest; correct the ID or "
                      "remove the row",
                      file.string(), id));
  told_.push_back(fmt::format("{} left out: rejected in {}.", counted(left_out.size(), "sample"),
                              file.string()));
  return rejects;
}

// Of the worksheet that is there, and of who was in an earlier one and has been out since.
SideOfPatients Splitting::kept_sides() const {
  SideOfPatients kept;
  if (!before_) return kept;
  for (const auto& [patient, sides] : *before_) {
    if (sides.size() > 1)
      throw UsageError(
          fmt::format("{0}: in the existing worksheet the patient {1} is in {2}; correct it, or "
                      "make the split without {0}",
                      manifest_.option("keep_sides"), patient, fmt::join(sides, " and ")));
    kept.emplace(patient, *sides.begin());
  }
  kept.merge(listed_absent(options_.manifest_file, plan_.name));
  return kept;
}

SideOfPatients Splitting::absent() const {
  SideOfPatients absent = kept_;
  for (const auto& [r, side] : sides_) absent.erase(manifest_.rows()[r].patient);
  return absent;
}

void Splitting::put_rows_on_sides() {
  const std::set<std::string> rejects = rejected_samples();
  if (plan_.keeps_sides()) kept_ = kept_sides();
  SplitSides result = put_on_sides(plan_.rules, manifest_, rejects, kept_);
  sides_ = std::move(result.sides);
  told_.insert(told_.end(), result.told.begin(), result.told.end());
  for (const std::string& what : result.problems) problem(what);
}

void Splitting::tell_missing_masks() const {
  std::map<std::string, std::size_t> missing;
  for (const auto& [r, side] : sides_)
    if (!manifest_.rows()[r].has_foreground) ++missing[to_text(side)];
  if (missing.empty()) return;
  std::set<std::string> sides;
  for (const auto& [side, count] : missing) sides.insert(side);
  std::vector<std::string> parts;
  for (const std::string& side : in_order(sides))
    parts.push_back(fmt::format("{} in {}", counted(missing[side], "sample"), side));
  report_.listener().summary(
      fmt::format("Without a mask, or with an empty one: {}.", fmt::join(parts, ", ")));
}

void Splitting::tell_changes() const {
  if (!before_) return;
  const SidesOfPatients now = sides_of(manifest_, sides_);
  std::size_t stay = 0, come = 0, go = 0, back = 0;
  std::vector<std::string> moved;
  for (const auto& [patient, sides] : now) {
    const auto known = before_->find(patient);
    if (known == before_->end()) {
      ++come;
      back += kept_.contains(patient);
    } else if (known->second == sides)
      ++stay;
    else
      moved.push_back(fmt::format("{} from {} to {}", patient,
                                  fmt::join(in_order(known->second), " and "),
                                  fmt::join(in_order(sides), " and ")));
  }
  for (const auto& [patient, sides] : *before_) go += !now.contains(patient);
  report_.listener().summary(fmt::format(
      "Of the patients in the worksheet {} as it was, {} stay in their subset, {} move{}, {} are "
      "gone; {} are new{}.",
      plan_.name, stay, moved.size(), moved.empty() ? "" : " (" + some_of(moved) + ")", go, come,
      back == 0 ? "" : fmt::format(", of whom {} had a subset before and keep it", back)));
}

// Takes the rows out of the manifest's table.
Table Splitting::split_table() {
  Table table{{plan_.name}, {}};
  table.columns.insert(table.columns.end(), table_.columns.begin(), table_.columns.end());
  for (const auto& [r, side] : sides_) {
    std::vector<Cell> old = std::move(table_.rows[r]);  // whose memory the next row gets
    auto& row = table.rows.emplace_back();
    row.reserve(old.size() + 1);
    row.push_back(side);
    row.insert(row.end(), std::make_move_iterator(old.begin()), std::make_move_iterator(old.end()));
  }
  table_.rows.clear();
  return table;
}

void Splitting::operator()() {
  put_rows_on_sides();
  const SplitBalance balance = balance_of(plan_, manifest_, sides_);
  put_sheet(options_.manifest_file, {plan_.name, split_table()});
  list_split(options_.manifest_file, plan_, absent());
  std::vector<std::string> parts;
  for (const auto& [side, count] : balance.patients)
    parts.push_back(fmt::format("{}: {}", side, count));
  Listener& listener = report_.listener();
  if (replaces_other_)
    listener.warning(fmt::format(
        "The worksheet {} of {} could not be read as a split of its samples; it was replaced.",
        plan_.name, options_.manifest_file.string()));
  for (const std::string& sentence : told_) listener.summary(sentence);
  listener.summary(fmt::format("{} divided in worksheet {} of {}: {}.",
                               counted(balance.all_patients, "patient"), plan_.name,
                               options_.manifest_file.string(), fmt::join(parts, ", ")));
  tell_changes();
  listener.summary(text_of(balance));
  tell_missing_masks();
  put_problems_among_others(report_.problems(), problems_beside(options_.manifest_file),
                            plan_.name);
}

}  // namespace

void require_split_name(const SplitPlan& plan, const std::string& sheet_name,
                        const std::vector<std::string>& columns) {
  const std::string& name = plan.name;
  const std::string option = plan.prefix().empty() ? "`name`" : "--split_name";
  if (std::string fault = sheet_name_fault(name); !fault.empty())
    throw UsageError(fmt::format("{} {}: {}", option, name, fault));
  if (lower_case(name) == lower_case(sheet_name))
    throw UsageError(
        fmt::format("{} {}: that is the manifest's own worksheet; choose another", option, name));
  if (is_among(name, columns))
    throw UsageError(
        fmt::format("{} {}: the manifest has a column of that name; choose another", option, name));
}

fs::path review_beside(const fs::path& manifest_file) {
  return (manifest_file.parent_path() / ".." / "descriptor" / review_file).lexically_normal();
}

void require_worksheet(const fs::path& manifest, const SplitPlan& plan, Listener& listener) {
  const std::vector<SplitRule> before = listed_split(manifest, plan.name);
  const auto draws = [](const SplitRule& rule) { return rule.draws(); };
  if (std::none_of(before.begin(), before.end(), draws) ||
      std::none_of(plan.rules.begin(), plan.rules.end(), draws))
    return;
  std::error_code error;
  std::vector<std::string> sheets;
  try {
    if (fs::exists(manifest, error)) sheets = sheet_names(manifest);
  } catch (const BadInput&) {  // no workbook, and so without worksheets
  }
  if (std::any_of(sheets.begin(), sheets.end(), [&](const std::string& sheet) {
        return lower_case(sheet) == lower_case(plan.name);
      }))
    return;
  if (plan.keeps_sides())
    throw UsageError(
        fmt::format("{}: the worksheet {} is gone, whose subsets {}keep_sides is to keep; restore "
                    "the workbook from a backup, or leave out {}keep_sides to draw all patients "
                    "anew",
                    manifest.string(), plan.name, plan.prefix(), plan.prefix()));
  listener.warning(
      fmt::format("The worksheet {} of {} is gone, so it is not known who was in which subset: all "
                  "patients are drawn anew, and some may move.",
                  plan.name, manifest.string()));
}

void make_split(const SplitOptions& options, const Recipe& recipe, Report& report) {
  Splitting(options, recipe, report)();
}

}  // namespace nicohort
