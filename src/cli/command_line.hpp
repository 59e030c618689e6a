// What a command line may say: the subcommands, and the options of each. CLI11 reads it; only
// command_line.cpp includes that library, which takes seconds to compile wherever it is seen.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "cli/console.hpp"
#include "cli/program_text.hpp"
#include "deflate/gzip_writer.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace nicohort {

// The work that the command line asks for; gives the exit status.
using Task = std::function<int()>;

// Says more of an option that a command has; may be copied.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option& required();
  Option& shows_default();                   // in the help: the value that the variable has now
  Option& takes(int least, int most);        // so many words; else one, or any number for a list
  Option& between(int lowest, int highest);  // each of its numbers
  Option& not_negative();
  Option& names_a_table();  // that can be written: .xlsx or .csv, and no folder
  // What --help calls its values, and by which shells complete them (cli/program_text.hpp). Paths
  // are FILE if nothing else is said.
  Option& type_name(const std::string& name);
  Option& needs(const std::string& other);
  Option& excludes(const std::string& other);

  bool is_given() const;  // once the command line has been read

 private:
  CLI::Option* option_;
};

// A subcommand. All have --jobs and --quiet. Its variables must live until the work is done.
class Command {
 public:
  Command(CLI::App* app, Task* task);

  // T: one of the types that command_line.cpp lists.
  // A name without dashes is that of a positional argument.
  template <class T>
  Option option(const std::string& name, T& value, const std::string& help);
  Option flag(const std::string& name, bool& value, const std::string& help);
  // One of these words.
  template <class T>
  Option choice(const std::string& name, const std::vector<std::pair<std::string, T>>& words,
                T& value, const std::string& help) {
    std::vector<std::string> names;
    for (const auto& word : words) names.push_back(word.first);
    return choose(
        name, names, [words, &value](std::size_t i) { value = words[i].second; }, help);
  }
  // So many words, which `set` takes. It throws UsageError for words that will not do.
  Option words(const std::string& name, int count,
               const std::function<void(const std::vector<std::string>&)>& set,
               const std::string& help);
  // Words in groups: one for each time that the option is given.
  Option groups(const std::string& name, std::vector<std::vector<std::string>>& groups,
                const std::string& help);

  // What the command does.
  void work(std::function<int(const Context&)> work);

 private:
  Option choose(const std::string& name, const std::vector<std::string>& words,
                const std::function<void(std::size_t)>& choose, const std::string& help);

  CLI::App* app_;
  Task* task_;
  std::shared_ptr<Console> console_;
  std::shared_ptr<int> jobs_;
};

// --compression for commands that write images.
void add_compression(Command& command, Compression& compression);
// --volume_type for those that write volumes.
void add_volume_type(Command& command, std::string& type);

class Program {
 public:
  // details: what --version says below the version.
  Program(const std::string& name, const std::string& version, const std::string& details,
          const std::string& purpose);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // `alias`: another name, or none; `example`: its one worked example.
  Command command(const std::string& name, const std::string& alias, const std::string& purpose,
                  const std::string& example);

  // `nicohort NAME WORD...`, with the words as they are; --help does not tell of it.
  void hidden_command(const std::string& name,
                      std::function<int(const std::vector<std::string>& words)> work);

  ProgramText describe() const;

  // Gives the work that is asked for; that of --help and --version is done here. Throws UsageError.
  Task parse(int argc, char** argv);

 private:
  Task task_of(int argc, char** argv);

  std::string version_;
  std::unique_ptr<CLI::App> app_;
  Task task_;
  std::map<std::string, std::function<int(const std::vector<std::string>&)>> hidden_;
};

}  // namespace nicohort
