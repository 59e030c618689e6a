#include "report/report_folder.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/problem.hpp"
#include "report/thumbnail.hpp"
#include "report/web_files.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* data_file = "data.js";
constexpr std::array<std::string_view, 3> pages{"index.html", "report.css", "report.js"};

}  // namespace

void remove_old_thumbnails(const fs::path& folder, const CohortReport& report) {
  // A folder without data is no report, whatever pictures it holds.
  std::error_code error;
  if (!fs::exists(folder / data_file, error)) return;
  blaming("thumbnails", [&] { require_below(folder, folder / "thumbnails", "report"); });
  std::set<fs::path> shown;
  for (const ReportedSample& sample : report.samples)
    if (sample.has_thumbnail) shown.insert(folder / thumbnail_path(sample.info.id));
  std::vector<fs::path> old;
  for (fs::directory_iterator entry(folder / "thumbnails", error), end; entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".png" && !shown.contains(entry->path()))
      old.push_back(entry->path());
  for (const fs::path& file : old) fs::remove(file, error);
}

void write_report(const fs::path& folder, const CohortReport& report) {
  for (const WebFile& file : web_files()) {
    if (std::find(pages.begin(), pages.end(), file.name) == pages.end()) continue;
    AtomicFile page(folder / file.name);
    page.write(file.bytes);
    page.commit();
  }
  AtomicFile data(folder / data_file);
  SmallPieces script(data);
  write_data_js(report, [&](std::string_view text) { script.write(text); });
  script.finish();
  data.commit();
}

}  // namespace nicohort
