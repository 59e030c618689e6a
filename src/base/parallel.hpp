// The one engine (DESIGN): runs work on many items at once, keeps what each gave in the items'
// order, turns BadInput into problems, shows progress.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"

namespace nicohort {

struct Effort {
  int jobs = 0;  // items at a time; 0: as many as there are cores
  bool quiet = false;
};

// Prints `problem: {subject}: {what}` as problems happen and keeps them in stable order.
class Report {
 public:
  void add(Problem problem);  // prints it, too
  void add(const std::string& subject, const std::string& what) { add(Problem{subject, what}); }
  void keep(std::vector<Problem> problems);  // already printed
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

std::string problem_line(const Problem& problem);

// Where the work on one item says what is wrong with it. Prints at once.
class ProblemSink {
 public:
  using Print = std::function<void(const Problem&)>;
  ProblemSink(std::string subject, Print print)
      : subject_(std::move(subject)), print_(std::move(print)) {}

  void add(const std::string& what) { add(subject_, what); }
  void add(const std::string& subject, const std::string& what);
  void add(const BadInput& bad) {
    add(bad.subject().empty() ? subject_ : bad.subject(), bad.what());
  }

  std::vector<Problem> problems;

 private:
  std::string subject_;
  Print print_;
};

// Calls work(i, problems) for every item, several at a time. A MachineError (or any other exception
// that is not BadInput) stops the rest and is thrown again.
void for_each_item(const std::string& what, const std::vector<std::string>& subjects,
                   const Effort& effort, Report& report,
                   const std::function<void(std::size_t, ProblemSink&)>& work);

// The same with results, in the items' order; none where work threw BadInput.
template <class Result, class Work>
std::vector<std::optional<Result>> map_items(const std::string& what,
                                             const std::vector<std::string>& subjects,
                                             const Effort& effort, Report& report, Work&& work) {
  std::vector<std::optional<Result>> results(subjects.size());
  for_each_item(what, subjects, effort, report,
                [&](std::size_t i, ProblemSink& problems) { results[i] = work(i, problems); });
  return results;
}

}  // namespace nicohort
