// The completion of command lines in bash, zsh and fish: a script for each of them asks the
// program.
#include "cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>

#include "cli/all_commands.hpp"
#include "dataset/layout.hpp"
#include "recipe/built_in_recipes.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// What a shell's script asks is `nicohort __complete WORD...`.
constexpr std::string_view ask = "__complete";

constexpr std::string_view bash_script =
    R"bash(# Completion of nicohort in bash, as `nicohort completion bash` prints it.
_nicohort() {
  local words=() joined=0 files=0 i word typed line value quoted
  # Bash cuts words at `=` and `:`.
  for ((i = 1; i <= COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if ((${#words[@]} > 0)) && { ((joined)) || [[ $word == [=:]* ]]; }; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == *[=:] ]] && joined=1 || joined=0
  done
  for i in "${!words[@]}"; do
    word=${words[i]//[\"\'\\]/}
    [[ $word == \~/* ]] && word=$HOME/${word:2}
    words[i]=$word
  done
  # What bash has cut off of the value is there already.
  typed=${words[-1]}
  [[ $typed == --*=* ]] && typed=${typed#*=}
  typed=${typed%"${typed##*:}"}
  while IFS= read -r line; do
    case $line in
      :file)
        files=1
        compopt -o default
        ;;
      :folder) compopt -o dirnames ;;
      *)
        value=${line%%$'\t'*}
        printf -v quoted %q "${value#"$typed"}"
        COMPREPLY+=("$quoted")
        ;;
    esac
  done < <("${1/#\~\//$HOME/}" __complete "${words[@]}" 2>/dev/null)
  # By itself bash adds files only where there is nothing else.
  if ((files && ${#COMPREPLY[@]})); then
    compopt -o filenames
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}")
  fi
}
complete -F _nicohort nicohort
)bash";

constexpr std::string_view zsh_script =
    R"zsh(#compdef nicohort
# Completion of nicohort in zsh, as `nicohort completion zsh` prints it.
_nicohort() {
  local program=${(Q)words[1]} line shown
  local -a asked values
  asked=("${(@Q)words[2,CURRENT]}")
  [[ $PREFIX == --*=* ]] && compset -P '*='
  for line in ${(f)"$(${~program} __complete "${asked[@]}" 2>/dev/null)"}; do
    case $line in
      :file) _files ;;
      :folder) _files -/ ;;
      *)
        shown=${${line%%$'\t'*}//:/\\:}
        [[ $line == *$'\t'* ]] && shown+=":${line#*$'\t'}"
        values+=("$shown")
        ;;
    esac
  done
  ((${#values})) && _describe nicohort values
}
if [[ ${funcstack[1]} == _nicohort ]]; then
  _nicohort "$@"
else
  compdef _nicohort nicohort
fi
)zsh";

constexpr std::string_view fish_script =
    R"fish(# Completion of nicohort in fish, as `nicohort completion fish` prints it.
function __nicohort_complete
    set -l before (commandline -opc)
    set -l token (commandline -ct)
    # In fish a value is completed with the option before it.
    set -l option (string match -r -- '^--[^=]+=' "$token")
    for line in ($before[1] __complete $before[2..-1] "$token" 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path "$token"
            case :folder
                __fish_complete_directories "$token" ''
            case '*'
                echo "$option$line"
        end
    end
end
complete -c nicohort -f -a '(__nicohort_complete)'
)fish";

std::string offer(const std::string& word, const std::string& help) {
  return help.empty() ? word : word + "\t" + help;
}

// A value of an option on the line; empty: it is not there.
std::string value_of(const std::vector<std::string>& words, const std::string& option) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == option && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with(option + "=")) return words[i].substr(option.size() + 1);
  }
  return "";
}

// The manifest that the line names, or that is in the dataset that it names; empty: none.
fs::path manifest_of(const std::vector<std::string>& words) {
  std::vector<fs::path> files{value_of(words, "--manifest_file")};
  if (const fs::path root = value_of(words, "--root_dir"); !root.empty())
    for (const fs::path& folder : {root, root / dataset_folder})
      files.push_back(folder / "dataset_manifest.xlsx");
  std::error_code error;
  const auto found = std::find_if(files.begin(), files.end(), [&](const fs::path& file) {
    return fs::is_regular_file(file, error);
  });
  return found == files.end() ? fs::path() : *found;
}

std::vector<std::string> column_values(const Table& table, std::string_view column) {
  std::set<std::string> values;
  if (const auto index = table.find(column))
    for (const std::vector<Cell>& row : table.rows) values.insert(to_text(row[*index]));
  values.erase("");
  return {values.begin(), values.end()};
}

// A split's worksheet has a column of its name.
std::vector<std::string> splits_in(const fs::path& manifest) {
  std::vector<std::string> splits;
  for (const std::string& sheet : sheet_names(manifest))
    if (read_table(manifest, sheet).find(sheet)) splits.push_back(sheet);
  return splits;
}

// first: of `COLUMN VALUE ...` the column, once it is there.
std::vector<std::string> values_in(const fs::path& manifest, const std::string& type,
                                   const std::string& first,
                                   const std::vector<std::string>& words) {
  if (type == "SPLIT") return splits_in(manifest);
  if (type == "SITE") return column_values(read_table(manifest), "site");
  if (type == "SUBSET") {
    const std::string split = value_of(words, "--split_name");
    return column_values(read_table(manifest, split), split);
  }
  const Table table = read_table(manifest);
  return type == "COLUMN" || first.empty() ? table.columns : column_values(table, first);
}

std::vector<std::string> values_in_manifest(const std::string& type, const std::string& first,
                                            const std::vector<std::string>& words) {
  try {
    const fs::path manifest = manifest_of(words);
    if (manifest.empty()) return {};
    std::vector<std::string> values = values_in(manifest, type, first, words);
    // A shell would show them, or take them for what is said to it.
    std::erase_if(values, [](const std::string& value) {
      return value != one_line(value) || value.starts_with(':');
    });
    return values;
  } catch (const std::exception&) {
    return {};  // the command itself will say what is wrong with it
  }
}

std::vector<std::string> values_of(const std::string& type, const std::string& first,
                                   const std::vector<std::string>& words) {
  if (type == "FILE" || type == "TABLE" || type == "[REVIEW_FILE]") return {":file"};
  if (type == "FOLDER") return {":folder"};
  if (type == "RECIPE") {
    std::vector<std::string> names{":file"};
    for (const BuiltInRecipe& recipe : built_in_recipes()) names.emplace_back(recipe.name);
    return names;
  }
  if (type == "SITE" || type == "SPLIT" || type == "SUBSET" || type.starts_with("COLUMN"))
    return values_in_manifest(type, first, words);
  std::vector<std::string> choices;
  if (type.find('|') != std::string::npos)
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
      end = type.find('|', begin);
      choices.push_back(type.substr(begin, end - begin));
    }
  return choices;
}

bool has_name(const OptionText& option, const std::string& name) {
  return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
}

// What may stand at the end of the words of a command.
class Cursor {
 public:
  Cursor(const CommandText& command, const std::vector<std::string>& words) : command_(command) {
    for (std::size_t i = 1; i + 1 < words.size(); ++i) take(words[i]);
  }

  std::vector<std::string> options() const {
    std::vector<std::string> lines;
    for (const OptionText& option : command_.options)
      if (!option.is_positional && (option.most > 1 || !given_.contains(option.name())))
        lines.push_back(offer(option.name(), option.help));
    return lines;
  }

  // The option or argument whose value comes next; null: none.
  const OptionText* wanted() const {
    if (option_ != nullptr && values_ < option_->most) return option_;
    for (const OptionText& option : command_.options)
      if (option.is_positional && !given_.contains(option.name())) return &option;
    return nullptr;
  }
  // Whether nothing but a value can come next.
  bool is_owed() const { return option_ != nullptr && values_ < option_->least; }
  // Of the option whose value comes next; empty: it has none yet.
  const std::string& first_value() const { return first_value_; }

  const OptionText* find(const std::string& name) const {
    for (const OptionText& option : command_.options)
      if (!option.is_positional && has_name(option, name)) return &option;
    return nullptr;
  }

 private:
  void take(const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    if (const OptionText* option = is_owed() ? nullptr : find(name)) {
      given_.insert(option->name());
      option_ = option;
      values_ = 0;
      first_value_.clear();
      if (name.size() < word.size()) add_value(word.substr(name.size() + 1));
    } else if (const OptionText* one = wanted()) {
      if (one->is_positional)
        given_.insert(one->name());
      else
        add_value(word);
    }
  }
  void add_value(const std::string& value) {
    if (values_++ == 0) first_value_ = value;
  }

  const CommandText& command_;
  std::set<std::string> given_;
  const OptionText* option_ = nullptr;  // the last one
  int values_ = 0;                      // that it has
  std::string first_value_;
};

std::vector<std::string> of_command(const CommandText& command,
                                    const std::vector<std::string>& words) {
  const Cursor cursor(command, words);
  const std::string& last = words.back();
  if (const std::size_t equals = last.find('=');
      last.starts_with("--") && equals != std::string::npos) {
    const OptionText* option = cursor.find(last.substr(0, equals));
    return option == nullptr ? std::vector<std::string>() : values_of(option->type, "", words);
  }
  if (last.starts_with('-') && !cursor.is_owed()) return cursor.options();
  std::vector<std::string> lines;
  if (const OptionText* wanted = cursor.wanted())
    lines = values_of(wanted->type, cursor.first_value(), words);
  if (lines.empty() && last.empty() && !cursor.is_owed()) return cursor.options();
  return lines;
}

std::vector<std::string> commands_of(const ProgramText& program, const std::string& last) {
  std::vector<std::string> lines;
  if (last.starts_with('-'))
    for (const OptionText& option : program.options)
      lines.push_back(offer(option.name(), option.help));
  else
    for (const CommandText& command : program.commands)
      lines.push_back(offer(command.name, command.purpose));
  return lines;
}

}  // namespace

std::vector<std::string> completions(const ProgramText& program,
                                     const std::vector<std::string>& words) {
  std::vector<std::string> lines;
  if (words.size() <= 1) {
    lines = commands_of(program, words.empty() ? "" : words.front());
  } else {
    for (const CommandText& command : program.commands)
      if (command.name == words.front() || std::find(command.aliases.begin(), command.aliases.end(),
                                                     words.front()) != command.aliases.end())
        lines = of_command(command, words);
  }
  std::string begin = words.empty() ? "" : words.back();
  if (begin.starts_with("--") && begin.find('=') != std::string::npos)
    begin.erase(0, begin.find('=') + 1);
  std::erase_if(lines, [&](const std::string& line) {
    return !line.starts_with(':') && !line.starts_with(begin);
  });
  return lines;
}

void add_completion(Program& program) {
  Command command = program.command(
      "completion", "", "Print a script that completes commands in your shell",
      "nicohort completion bash > ~/.local/share/bash-completion/completions/nicohort");
  auto script = std::make_shared<std::string_view>();
  command
      .choice<std::string_view>("shell",
                                {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}},
                                *script, "The shell: bash, zsh or fish")
      .required();
  command.work([=](const Context& context) {
    context.listener.output(std::string(*script));
    return 0;
  });
  program.hidden_command(std::string(ask), [&program](const std::vector<std::string>& words) {
    for (const std::string& line : completions(program.describe(), words)) fmt::print("{}\n", line);
    return 0;
  });
}

}  // namespace nicohort
