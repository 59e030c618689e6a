// A listener that keeps what it is told.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/listener.hpp"

namespace nicohort::testing {

struct Heard : Listener {
  std::vector<std::string> summaries, warnings;
  std::vector<Problem> problems;
  std::vector<std::string> work;  // `60 items` when it starts, `done` when it stops
  std::size_t advanced = 0;

  void summary(const std::string& sentence) override { keep(summaries, sentence); }
  void warning(const std::string& sentence) override { keep(warnings, sentence); }
  void problem(const Problem& problem) override { keep(problems, problem); }
  void start(const std::string& things, std::size_t count) override {
    keep(work, std::to_string(count) + " " + things);
  }
  void advance() override {
    const std::lock_guard guard(mutex_);
    ++advanced;
  }
  void stop() override { keep(work, std::string("done")); }

 private:
  template <class Thing>
  void keep(std::vector<Thing>& things, const Thing& thing) {
    const std::lock_guard guard(mutex_);
    things.push_back(thing);
  }
  std::mutex mutex_;
};

}  // namespace nicohort::testing
