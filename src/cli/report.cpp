// A report of a dataset: a folder that opens in any browser.
#include "report/make_report.hpp"

#include "cli/all_commands.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace {

int report(const ReportOptions& options, const Context& context) {
  require_root_of_dataset(options.root_dir, "--root_dir");
  const Report problems = make_report(options, context);
  const auto output = options.output.empty() ? options.root_dir / report_folder : options.output;
  return finish(problems, problems_in(output, "report"),
                "No problems other than those that the report lists.");
}

}  // namespace

void add_report(Program& program) {
  Command command = program.command(
      "report", "", "Make a report for the browser: statistics, pictures, problems",
      "nicohort report --root_dir root_dir    (root_dir contains the folder grouped)");
  auto options = std::make_shared<ReportOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that contains grouped/; descriptor/ and archive/ are used if they exist")
      .type_name("FOLDER")
      .required();
  command.option("--output", options->output, "The report's folder (default: report in root_dir)")
      .type_name("FOLDER");
  command
      .option("--archive", options->archive,
              "The archive, if it was elsewhere (default: archive in root_dir)")
      .type_name("FOLDER");
  command
      .option("--recipe", options->recipe,
              "The recipe, if the dataset has no copy of it (default: ESO-2025.10.31)")
      .type_name("RECIPE");
  command.work([=](const Context& context) { return report(*options, context); });
}

}  // namespace nicohort
