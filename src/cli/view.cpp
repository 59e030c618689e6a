// Shows the cohort in the browser and takes down what people think of its samples.
#include <fmt/format.h>

#include "base/named_path.hpp"
#include "cli/all_commands.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/layout.hpp"
#include "report/make_report.hpp"
#include "report/web_files.hpp"
#include "view/view_server.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct ViewCommandOptions {
  fs::path root_dir, archive, recipe;
  int port = 0;
};

int view(const ViewCommandOptions& options, const Context& context) {
  require_root_of_dataset(options.root_dir, "--root_dir");
  const bool is_elsewhere = !options.archive.empty();
  if (is_elsewhere) require_folder(options.archive, "--archive");
  if (!fs::exists(options.root_dir / report_folder / "index.html"))
    make_report(
        {.root_dir = options.root_dir, .recipe = options.recipe, .archive = options.archive},
        context);
  ViewServer server(
      {options.root_dir,
       {is_elsewhere ? options.archive : options.root_dir / archive_folder, is_elsewhere},
       options.port,
       web_files()});
  context.listener.prompt(
      fmt::format("{}\nOpen this address in a browser. It works only once. Press Ctrl-C to stop.\n",
                  server.address()));
  server.serve();
  return 0;
}

}  // namespace

void add_view(Program& program) {
  Command command = program.command(
      "view", "", "Look at the samples in a browser, and accept or reject them",
      "nicohort view --root_dir root_dir    (root_dir contains the folder grouped)");
  auto options = std::make_shared<ViewCommandOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that contains grouped/; verdicts are saved in its descriptor/review.xlsx")
      .type_name("FOLDER")
      .required();
  command
      .option("--archive", options->archive,
              "The archive, for masks before cleaning, if it was elsewhere (default: archive in "
              "root_dir)")
      .type_name("FOLDER");
  command
      .option("--recipe", options->recipe,
              "The recipe for making a missing report, if the dataset has no copy of it "
              "(default: ESO-2025.10.31)")
      .type_name("RECIPE");
  command.option("--port", options->port, "Port on 127.0.0.1 (default: any free port)")
      .between(0, 65535);
  command.work([=](const Context& context) { return view(*options, context); });
}

}  // namespace nicohort
