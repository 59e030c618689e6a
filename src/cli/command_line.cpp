#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <type_traits>

#include "base/each_index.hpp"
#include "base/near_miss.hpp"
#include "base/written_files.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* json_option = "--json";

// The tutorial calls some scripts by their folder: `utils/mask_thresholding`.
constexpr std::string_view script_folder = "utils/";

bool is_command(const CLI::App& program, const std::string& name) {
  try {
    program.get_subcommand(name);
    return true;
  } catch (const CLI::OptionNotFound&) {
    return false;
  }
}

// `--root-dir`, `-Root_Dir` as `root_dir`: what slips of the pen are likely to change.
std::string plain_name(std::string_view option) {
  std::string name =
      lower_case(option.substr(std::min(option.find_first_not_of('-'), option.size())));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// The option that differs from this text only as plain_name() forgives, else by a slip or two;
// empty: none.
std::string meant_option(std::string_view text, const std::vector<std::string>& options) {
  std::vector<std::string> plain;
  for (const std::string& option : options) plain.push_back(plain_name(option));
  auto found = std::find(plain.begin(), plain.end(), plain_name(text));
  if (found == plain.end()) {
    const std::string nearest = near_miss(plain_name(text), plain);
    if (nearest.empty()) return "";
    found = std::find(plain.begin(), plain.end(), nearest);
  }
  return options[found - plain.begin()];
}

// Before CLI11 looks for what is missing: that an option has another name explains it.
void require_known_options(const CLI::App& command, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (int i = 2; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string_view word = argv[i];
    const std::string name(word.substr(0, word.find('=')));
    const bool is_long = name.starts_with("--");
    // `-140` is a number, `-h` a short option.
    if (!is_long && (name.size() < 3 || name[0] != '-' || !std::isalpha(name[1]))) continue;
    if (is_among(name, names)) continue;
    const std::string meant = meant_option(name, names);
    if (!is_long && meant.empty()) continue;
    throw UsageError(
        fmt::format("{}: {} has no such option; {}", name, command.get_name(),
                    meant.empty() ? fmt::format("nicohort {} --help lists them", command.get_name())
                                  : fmt::format("did you mean {}?", meant)));
  }
}

std::string fault_of_number(const std::string& text) {
  double value = 0;  // CLI11's own check lets `nan` pass
  const bool is_good = CLI::detail::lexical_cast(text, value) && value >= 0;
  return is_good ? "" : fmt::format("{} is not a number, 0 or above", text);
}

std::string fault_of_table(const std::string& text) {
  const std::string ending = lower_case(fs::path(text).extension().string());
  std::error_code error;
  if (fs::is_directory(text, error)) return text + " is a folder; name a file in it";
  if (ending != ".xlsx" && ending != ".csv")
    return text + " does not end in .xlsx or .csv, the two kinds of table";
  return {};
}

OptionText text_of(const CLI::Option& option) {
  OptionText text;
  for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
  text.is_positional = option.get_positional();
  if (text.is_positional) text.names = {option.get_name(true)};
  text.help = option.get_description();
  text.is_required = option.get_required();
  if (option.get_type_size_max() == 0) return text;  // a flag
  // CLI11 writes `INT:1 to 1024`.
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  text.type = type.substr(0, colon);
  if (colon != std::string::npos) text.range = type.substr(colon + 1);
  text.default_value = option.get_default_str();
  text.least = option.get_items_expected_min();
  text.most = option.get_items_expected_max();
  return text;
}

std::vector<OptionText> options_of(const CLI::App& app) {
  std::vector<OptionText> texts;
  for (const CLI::Option* option : app.get_options()) texts.push_back(text_of(*option));
  return texts;
}

constexpr std::string_view before_example = "Example:\n  ";

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::shows_default() {
  option_->capture_default_str();
  return *this;
}

Option& Option::takes(int least, int most) {
  option_->expected(least, most);
  return *this;
}

Option& Option::between(int lowest, int highest) {
  option_->check(CLI::Range(lowest, highest).description(fmt::format("{} to {}", lowest, highest)));
  return *this;
}

Option& Option::not_negative() {
  option_->check(fault_of_number, "0 or above");
  return *this;
}

Option& Option::names_a_table() {
  option_->check(fault_of_table, "")->type_name("TABLE");
  return *this;
}

Option& Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option& Option::needs(const std::string& other) {
  option_->needs(other);
  return *this;
}

Option& Option::excludes(const std::string& other) {
  option_->excludes(other);
  return *this;
}

bool Option::is_given() const {
  return option_->count() > 0;
}

Command::Command(CLI::App* app, Task* task)
    : app_(app),
      task_(task),
      console_(std::make_shared<Console>()),
      jobs_(std::make_shared<int>(0)) {
  option("--jobs", *jobs_, "Number of samples or files to process in parallel (default: all cores)")
      .between(1, 1024);
  flag("--quiet", console_->quiet,
       "Print no progress and no summary; problems and warnings are still printed");
  app_->add_flag_callback(
      json_option,
      [console = console_, app] { console->json = JsonSummary{.command = app->get_name()}; },
      "Print the summary, problems and files written as one JSON object instead of text");
}

template <class T>
Option Command::option(const std::string& name, T& value, const std::string& help) {
  CLI::Option* option = app_->add_option(name, value, help);
  if constexpr (std::is_same_v<T, fs::path>) option->type_name("FILE");
  return Option(option);
}
template Option Command::option(const std::string&, fs::path&, const std::string&);
template Option Command::option(const std::string&, std::string&, const std::string&);
template Option Command::option(const std::string&, int&, const std::string&);
template Option Command::option(const std::string&, std::uint32_t&, const std::string&);
template Option Command::option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::option(const std::string&, double&, const std::string&);
template Option Command::option(const std::string&, std::vector<int>&, const std::string&);
template Option Command::option(const std::string&, std::vector<double>&, const std::string&);
template Option Command::option(const std::string&, std::vector<std::string>&, const std::string&);

Option Command::flag(const std::string& name, bool& value, const std::string& help) {
  return Option(app_->add_flag(name, value, help));
}

Option Command::choose(const std::string& name, const std::vector<std::string>& words,
                       const std::function<void(std::size_t)>& choose, const std::string& help) {
  auto* option = app_->add_option_function<std::string>(
      name,
      [=](const std::string& word) {
        choose(std::find(words.begin(), words.end(), word) - words.begin());
      },
      help);
  option->check(CLI::IsMember(words).description(""));
  return Option(option->type_name(fmt::format("{}", fmt::join(words, "|"))));
}

Option Command::words(const std::string& name, int count,
                      const std::function<void(const std::vector<std::string>&)>& set,
                      const std::string& help) {
  auto* option = app_->add_option_function<std::vector<std::string>>(
      name,
      [=](const std::vector<std::string>& words) {
        try {
          set(words);
        } catch (const UsageError& error) {
          throw CLI::ValidationError(fmt::format("{} {}", name, fmt::join(words, " ")),
                                     error.what());
        }
      },
      help);
  return Option(option->expected(count)->type_name(""));
}

Option Command::groups(const std::string& name, std::vector<std::vector<std::string>>& groups,
                       const std::string& help) {
  auto* option = app_->add_option_function<std::vector<std::string>>(
      name, [&groups](const std::vector<std::string>& words) { groups.push_back(words); }, help);
  // Each time that it is given, instead of all words at once, between which an empty one is lost.
  option->expected(1, 1000)->trigger_on_parse();
  return Option(option);
}

void Command::work(std::function<int(const Context&)> work) {
  app_->callback([task = task_, console = console_, jobs = jobs_, work = std::move(work)] {
    const auto status_of_work = [=] {
      int status = 0;
      at_most(*jobs, [&] { status = work({*jobs, *console}); });
      return status;
    };
    *task = [=] {
      if (!console->json) return status_of_work();
      list_written_files();
      try {
        console->json->status = status_of_work();
      } catch (...) {
        const Failure failure = current_failure();
        console->json->status = failure.status;
        console->json->error = failure.what;
        console->print_json();
        throw;
      }
      console->print_json();
      return console->json->status;
    };
  });
}

void add_compression(Command& command, Compression& compression) {
  command.choice<Compression>(
      "--compression",
      {{"fast", Compression::fast},
       {"balanced", Compression::balanced},
       {"small", Compression::small}},
      compression, "Compression of the images: fast, balanced or small (default: balanced)");
}

void add_volume_type(Command& command, std::string& type) {
  command.choice<std::string>(
      "--volume_type", {{"float32", "float32"}, {"source", "source"}}, type,
      "Voxels of volumes: float32, or source: as they are stored in the archive; not if the recipe "
      "has another volume_type (default: as the recipe says, else float32)");
}

Program::Program(const std::string& name, const std::string& version, const std::string& details,
                 const std::string& purpose)
    : version_(version), app_(std::make_unique<CLI::App>(purpose, name)) {
  app_->set_version_flag("--version", name + " " + version + "\n" + details);
  app_->require_subcommand(1);
}

Program::~Program() = default;

Command Program::command(const std::string& name, const std::string& alias,
                         const std::string& purpose, const std::string& example) {
  CLI::App* app = app_->add_subcommand(name, purpose);
  if (!alias.empty()) app->alias(alias);
  app->footer(std::string(before_example) + example);
  return {app, &task_};
}

void Program::hidden_command(const std::string& name,
                             std::function<int(const std::vector<std::string>&)> work) {
  hidden_[name] = std::move(work);
}

ProgramText Program::describe() const {
  const CLI::App& app = *app_;
  ProgramText text{app.get_name(), version_, app.get_description(), options_of(app), {}};
  for (const CLI::App* command : app.get_subcommands({}))
    text.commands.push_back(
        {command->get_name(), command->get_aliases(), command->get_description(),
         command->get_footer().substr(before_example.size()), options_of(*command)});
  return text;
}

Task Program::parse(int argc, char** argv) {
  try {
    return task_of(argc, argv);
  } catch (const UsageError&) {
    if (std::find(argv, argv + argc, std::string_view(json_option)) != argv + argc) {
      const Failure failure = current_failure();
      const std::string command = argv[1][0] == '-' ? "" : argv[1];
      std::fputs(text_of(JsonSummary{command, failure.status, failure.what}).c_str(), stdout);
    }
    throw;
  }
}

Task Program::task_of(int argc, char** argv) {
  if (const auto hidden = hidden_.find(argc > 1 ? argv[1] : ""); hidden != hidden_.end())
    return [work = hidden->second, words = std::vector<std::string>(argv + 2, argv + argc)] {
      return work(words);
    };
  if (argc > 1 && std::string_view(argv[1]).starts_with(script_folder))
    argv[1] += script_folder.size();
  if (argc > 1 && argv[1][0] != '-') {
    if (!is_command(*app_, argv[1])) {
      std::vector<std::string> commands;
      for (const CLI::App* command : app_->get_subcommands({}))
        commands.push_back(command->get_name());
      const std::string meant = meant_option(argv[1], commands);
      throw UsageError(fmt::format(
          "{}: no such command; {}", argv[1],
          meant.empty() ? "nicohort --help lists them" : fmt::format("did you mean {}?", meant)));
    }
    require_known_options(*app_->get_subcommand(argv[1]), argc, argv);
  }
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0)
      throw UsageError(fmt::format("{}\nRun with --help for more information.", error.what()));
    return [status = app_->exit(error)] { return status; };  // --help and --version
  }
  return task_;
}

}  // namespace nicohort
