#include "base/parallel.hpp"

#include <iterator>

#include "base/each_index.hpp"
#include "base/interrupt.hpp"

namespace nicohort {

void Report::add(Problem problem) {
  listener_->problem(problem);
  problems_.push_back(std::move(problem));
}

void Report::keep(std::vector<Problem> problems) {
  problems_.insert(problems_.end(), std::make_move_iterator(problems.begin()),
                   std::make_move_iterator(problems.end()));
}

void ProblemSink::add(Problem problem) {
  problems.push_back(std::move(problem));
  listener_.problem(problems.back());
}

void for_each_item(const std::string& what, const std::vector<std::string>& subjects,
                   const Context& context, Report& report,
                   const std::function<void(std::size_t, ProblemSink&)>& work) {
  std::vector<std::vector<Problem>> problems(subjects.size());
  Listener& listener = context.listener;
  struct Work {  // ends also where a failure of the machine stops it
    Listener& listener;
    ~Work() { listener.stop(); }
  } under_way{listener};
  listener.start(what, subjects.size());
  for_each_index(subjects.size(), context.jobs, [&](std::size_t i) {
    stop_if_interrupted();
    ProblemSink sink(subjects[i], listener);
    try {
      work(i, sink);
    } catch (const BadInput& bad) {
      sink.add(bad);
    }
    problems[i] = std::move(sink.problems);
    listener.advance();
  });
  for (auto& of_item : problems) report.keep(std::move(of_item));
}

}  // namespace nicohort
