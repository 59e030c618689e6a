// The one engine (DESIGN): runs work on many items at once, keeps what each gave in the items'
// order, turns BadInput into problems, tells the listener how it advances.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/listener.hpp"
#include "base/problem.hpp"

namespace nicohort {

// How a command works.
struct Context {
  int jobs = 0;  // items at a time; 0: as many as there are cores
  Listener& listener = nobody();
};

// What came out of a command: the problems, in stable order. The listener is told of each as it is
// found.
class Report {
 public:
  explicit Report(Listener& listener) : listener_(&listener) {}

  Listener& listener() const { return *listener_; }
  void add(Problem problem);
  void add(const std::string& subject, ProblemKind kind, const std::string& what) {
    add(Problem{subject, kind, what});
  }
  void keep(std::vector<Problem> problems);  // of which the listener has been told
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  Listener* listener_;
  std::vector<Problem> problems_;
};

// Where the work on one item says what is wrong with it. The listener is told at once.
class ProblemSink {
 public:
  ProblemSink(std::string subject, Listener& listener)
      : subject_(std::move(subject)), listener_(listener) {}

  void add(ProblemKind kind, const std::string& what) { add(subject_, kind, what); }
  void add(const std::string& subject, ProblemKind kind, const std::string& what) {
    add(Problem{subject, kind, what});
  }
  void add(const BadInput& bad) { add(problem_of(bad, subject_)); }
  void add(Problem problem);

  std::vector<Problem> problems;

 private:
  std::string subject_;
  Listener& listener_;
};

// Calls work(i, problems) for every item, several at a time. A MachineError (or any other exception
// that is not BadInput) stops the rest and is thrown again.
void for_each_item(const std::string& what, const std::vector<std::string>& subjects,
                   const Context& context, Report& report,
                   const std::function<void(std::size_t, ProblemSink&)>& work);

// The same with results, in the items' order; none where work threw BadInput.
template <class Result, class Work>
std::vector<std::optional<Result>> map_items(const std::string& what,
                                             const std::vector<std::string>& subjects,
                                             const Context& context, Report& report, Work&& work) {
  std::vector<std::optional<Result>> results(subjects.size());
  for_each_item(what, subjects, context, report,
                [&](std::size_t i, ProblemSink& problems) { results[i] = work(i, problems); });
  return results;
}

// The same, but each result is given away, in the items' order and one at a time, as soon as those
// before it are done: take(i, result). For results that are too large to keep all of them.
template <class Result, class Work, class Take>
void fold_items(const std::string& what, const std::vector<std::string>& subjects,
                const Context& context, Report& report, Work&& work, Take&& take) {
  std::mutex mutex;
  std::map<std::size_t, std::optional<Result>> waiting;
  std::size_t next = 0;
  const auto give = [&](std::size_t i, std::optional<Result> result) {
    const std::lock_guard lock(mutex);
    waiting.emplace(i, std::move(result));
    for (auto first = waiting.begin(); first != waiting.end() && first->first == next; ++next) {
      take(next, std::move(first->second));
      first = waiting.erase(first);
    }
  };
  for_each_item(what, subjects, context, report, [&](std::size_t i, ProblemSink& problems) {
    std::optional<Result> result;
    try {
      result = work(i, problems);
    } catch (const BadInput&) {
      give(i, {});
      throw;
    }
    give(i, std::move(result));
  });
}

}  // namespace nicohort
