// What a command line may say, as data: --help, the manual pages and the completion of shells say
// the same because all of it comes from the declarations of the commands.
#pragma once

#include <string>
#include <vector>

namespace nicohort {

struct OptionText {
  std::vector<std::string> names;  // `--jobs`; `-h`, `--help`; of a positional argument: `folder`
  // What its values are: `FOLDER`, `FILE`, `TABLE` (to be written), `RECIPE`, `SITE`, `SPLIT`,
  // `SUBSET`, `COLUMN`, `fast|balanced|small`, or what --help shows. Empty: a flag.
  std::string type;
  std::string range;          // `1 to 1024`; empty: none
  std::string default_value;  // empty: none, or the help says it
  std::string help;
  int least = 0, most = 0;  // how many values
  bool is_required = false;
  bool is_positional = false;

  const std::string& name() const { return names.back(); }
};

struct CommandText {
  std::string name;
  std::vector<std::string> aliases;
  std::string purpose, example;
  std::vector<OptionText> options;
};

struct ProgramText {
  std::string name, version, purpose;
  std::vector<OptionText> options;
  std::vector<CommandText> commands;
};

}  // namespace nicohort
