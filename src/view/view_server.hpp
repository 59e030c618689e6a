// The server behind `nicohort view`: the report, the viewer, the images of a cohort and its review,
// on the loopback address only (docs/review.md has the addresses).
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "report/web_files.hpp"
#include "view/web_path.hpp"

namespace nicohort {

struct ViewOptions {
  std::filesystem::path root;      // has grouped/, and perhaps archive/, descriptor/, report/
  ViewedArchive archive;           // of which masks as drawn are shown
  int port = 0;                    // 0: any that is free
  std::span<const WebFile> pages;  // those whose names begin with `viewer.` are served
};

class ViewServer {
 public:
  // Listens at once. Throws UsageError and BadInput for a root without samples or with tables that
  // cannot be read (a damaged review is found here), MachineError if the port cannot be had.
  explicit ViewServer(const ViewOptions& options);
  ~ViewServer();

  // `http://127.0.0.1:PORT/?token=…`; it opens one session.
  std::string address() const;

  // Serves until a signal comes; then throws Interrupted, within a second.
  void serve();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
