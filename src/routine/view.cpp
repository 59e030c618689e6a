// Shows the cohort in the browser and takes down what people think of its samples.
#include <fmt/format.h>

#include "routine/all_routines.hpp"
#include "serve/view_server.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct Options {
  fs::path root_dir;
  int port = 0;
};

int view(const Options& options) {
  require_folder(options.root_dir, "--root_dir");
  ViewServer server({options.root_dir, options.port, {}});
  say(server.address());
  say("Open this address in a browser, once; Ctrl-C ends the program.");
  std::fflush(stdout);
  server.serve();
  return 0;
}

}  // namespace

void add_view(CLI::App& program, Task& task) {
  auto [app, effort] =
      add_command(program, "view", "",
                  "Look at the samples in a browser and say which to accept, fix or reject",
                  "nicohort view --root_dir root_dir    (root_dir has the folder grouped in it)");
  auto options = std::make_shared<Options>();
  app->add_option("--root_dir", options->root_dir,
                  "The folder that has grouped/; verdicts go to descriptor/review.xlsx in it")
      ->required();
  app->add_option("--port", options->port, "Port on 127.0.0.1 (default: one that is free)")
      ->check(CLI::Range(0, 65535));
  app->callback([=, &task] { task = [=] { return view(*options); }; });
}

}  // namespace nicohort
