#include "cli/man_pages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "base/atomic_file.hpp"
#include "cli/all_commands.hpp"

namespace nicohort {
namespace {

constexpr std::string_view exit_status = R"(.SH EXIT STATUS
.TP
.B 0
All is well.
.TP
.B 1
There were problems. Each is printed and, by most commands, listed in a CSV file; the other files were processed.
.TP
.B 2
The command line is wrong, or an input that the command cannot do without.
.TP
.B 3
The machine failed: for example, the disk is full.
)";

// Text as roff shows it: a hyphen that can be copied, no escapes, no requests.
std::string roff(std::string_view text) {
  std::string escaped;
  if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
  for (const char c : text) switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      default:
        escaped += c;
    }
  return escaped;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", roff(text));
}
std::string italic(std::string_view text) {
  return fmt::format("\\fI{}\\fR", roff(text));
}

std::string head(const std::string& page, const std::string& what, const ProgramText& program,
                 const std::string& date) {
  return fmt::format(".TH {} 1 {} \"{} {}\" \"User commands\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n",
                     roff(page), date, program.name, program.version, roff(page), roff(what));
}

std::string values_of(const OptionText& option) {
  if (option.type.empty()) return "";
  const bool is_list = option.most > 1 && option.most != option.least;
  std::string text = " " + italic(option.type);
  if (option.most == option.least)
    for (int i = 1; i < option.least; ++i) text += " " + italic(option.type);
  if (is_list && !option.type.ends_with("...")) text += " ...";
  return text;
}

std::string entry(const OptionText& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names)
    names.push_back(option.is_positional ? italic(name) : bold(name));
  std::vector<std::string> notes;
  if (option.is_required && !option.is_positional) notes.emplace_back("required");
  if (!option.range.empty()) notes.push_back(option.range);
  if (!option.default_value.empty()) notes.push_back("default: " + option.default_value);
  return fmt::format(".TP\n{}{}\n{}{}.\n", fmt::join(names, ", "),
                     option.is_positional ? "" : values_of(option), roff(option.help),
                     notes.empty() ? "" : roff(fmt::format(" ({})", fmt::join(notes, "; "))));
}

std::string entries(const std::string& title, const std::vector<OptionText>& options,
                    bool positional) {
  std::string text;
  for (const OptionText& option : options)
    if (option.is_positional == positional) text += entry(option);
  return text.empty() ? "" : fmt::format(".SH {}\n{}", title, text);
}

std::string see_also(const std::vector<std::string>& pages) {
  std::string text = ".SH SEE ALSO\n";
  for (const std::string& page : pages)
    text += fmt::format(".BR {} (1){}\n", roff(page), page == pages.back() ? "" : ",");
  return text;
}

std::string page_of(const ProgramText& program, const CommandText& command) {
  return program.name + "-" + command.name;
}

std::string command_page(const ProgramText& program, const CommandText& command,
                         const std::string& date) {
  std::string text = head(page_of(program, command), command.purpose, program, date);
  text += fmt::format(".SH SYNOPSIS\n{} {} [{}]", bold(program.name), bold(command.name),
                      italic("options"));
  for (const OptionText& option : command.options)
    if (option.is_positional)
      text += option.is_required ? " " + italic(option.name())
                                 : fmt::format(" [{}]", italic(option.name()));
  text += fmt::format("\n.SH DESCRIPTION\n{}.\n", roff(command.purpose));
  for (const std::string& alias : command.aliases)
    text += fmt::format("The command can also be called {}.\n", bold(alias));
  text += entries("ARGUMENTS", command.options, true) + entries("OPTIONS", command.options, false);
  text += fmt::format(".SH EXAMPLE\n.nf\n{}\n.fi\n", roff(command.example));
  return text.append(exit_status).append(see_also({program.name}));
}

std::string program_page(const ProgramText& program, const std::string& date) {
  std::string text =
      head(program.name, "archives of medical volumes and masks as datasets for training", program,
           date);
  text += fmt::format(".SH SYNOPSIS\n{} {} [{}]\n.SH DESCRIPTION\n{}\n", bold(program.name),
                      italic("command"), italic("options"), roff(program.purpose));
  text += ".SH COMMANDS\nEach has a page of its own.\n";
  std::vector<std::string> pages;
  for (const CommandText& command : program.commands) {
    text += fmt::format(".TP\n{}\n{}.\n", bold(command.name), roff(command.purpose));
    pages.push_back(page_of(program, command));
  }
  text += entries("OPTIONS", program.options, false);
  text += R"(.SH FILES
An archive is only read, never changed. Commands write into the folders that are named on the command line, and keep what
they know of a dataset in the folder
.I .nicohort
in it.
)";
  std::sort(pages.begin(), pages.end());
  return text.append(exit_status).append(see_also(pages));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> man_pages(const ProgramText& program,
                                                           const std::string& date) {
  std::vector<std::pair<std::string, std::string>> pages{
      {program.name + ".1", program_page(program, date)}};
  for (const CommandText& command : program.commands)
    pages.emplace_back(page_of(program, command) + ".1", command_page(program, command, date));
  return pages;
}

// For packages: `nicohort __man_pages FOLDER`.
void add_man_pages(Program& program) {
  program.hidden_command("__man_pages", [&program](const std::vector<std::string>& words) {
    if (words.size() != 1) throw UsageError("__man_pages: name the folder for the pages");
    for (const auto& [name, text] : man_pages(program.describe(), NICOHORT_RELEASED))
      write_file(std::filesystem::path(words.front()) / name, text);
    return 0;
  });
}

}  // namespace nicohort
