// Who is told what a command does, while it does it. The command line prints it (cli/console.hpp);
// a program that uses nicohort as a library shows it in its own way.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.hpp"

namespace nicohort {

// Problems come from several threads at once, as does advance().
class Listener {
 public:
  virtual ~Listener() = default;

  // A sentence of the summary: what was done.
  virtual void summary(const std::string&) {}
  // What was found, beside the result itself.
  virtual void note(const std::string&) {}
  // Something that the user should know now, and that is no problem of a file or sample.
  virtual void warning(const std::string&) {}
  virtual void problem(const Problem&) {}
  // The result itself, of a command that writes no file: a text of lines.
  virtual void output(const std::string& /*text*/) {}
  // What the user has to do while the command waits.
  virtual void prompt(const std::string& /*text*/) {}
  // The work is done: all its problems, and the table that they are in; empty: there is none.
  virtual void conclude(const std::vector<Problem>&, const std::filesystem::path& /*table*/) {}

  // Work on so many things (`samples`) begins, advances by one, and ends.
  virtual void start(const std::string& /*things*/, std::size_t /*count*/) {}
  virtual void advance() {}
  virtual void stop() {}
};

// One that nothing becomes of.
Listener& nobody();

// Passes on how the work advances, and nothing else: that is told by others, or later.
class ProgressAlone final : public Listener {
 public:
  explicit ProgressAlone(Listener& listener) : listener_(listener) {}
  void start(const std::string& things, std::size_t count) override {
    listener_.start(things, count);
  }
  void advance() override { listener_.advance(); }
  void stop() override { listener_.stop(); }

 private:
  Listener& listener_;
};

}  // namespace nicohort
