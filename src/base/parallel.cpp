#include "base/parallel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/each_index.hpp"
#include "base/interrupt.hpp"
#include "base/progress.hpp"

namespace nicohort {

std::string problem_line(const Problem& problem) {
  std::string line = fmt::format("problem: {}: {}", problem.subject, problem.what);
  // A file name may hold a newline or an escape sequence; a problem is one line.
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return line;
}

void Report::add(Problem problem) {
  fmt::print(stderr, "{}\n", problem_line(problem));
  problems_.push_back(std::move(problem));
}

void Report::keep(std::vector<Problem> problems) {
  problems_.insert(problems_.end(), std::make_move_iterator(problems.begin()),
                   std::make_move_iterator(problems.end()));
}

void ProblemSink::add(const std::string& subject, const std::string& what) {
  problems.push_back({subject, what});
  print_(problems.back());
}

void for_each_item(const std::string& what, const std::vector<std::string>& subjects,
                   const Effort& effort, Report& report,
                   const std::function<void(std::size_t, ProblemSink&)>& work) {
  std::vector<std::vector<Problem>> problems(subjects.size());
  Progress progress(what, subjects.size(), effort.quiet);
  auto print = [&](const Problem& problem) { progress.print_line(problem_line(problem)); };
  for_each_index(subjects.size(), effort.jobs, [&](std::size_t i) {
    stop_if_interrupted();
    ProblemSink sink(subjects[i], print);
    try {
      work(i, sink);
    } catch (const BadInput& bad) {
      sink.add(bad);
    }
    problems[i] = std::move(sink.problems);
    progress.tick();
  });
  for (auto& of_item : problems) report.keep(std::move(of_item));
}

}  // namespace nicohort
