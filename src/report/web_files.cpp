#include "report/web_files.hpp"

#include <array>

// The assembler reads the files as they are, which no C++ of this standard can. CMake tells it
// their folder (web.cmake).
asm(R"(
        .pushsection .rodata
        .macro embed symbol, file
        .global \symbol
        .global \symbol\()_end
\symbol:
        .incbin "\file"
\symbol\()_end:
        .endm
        embed nicohort_index_html, "index.html"
        embed nicohort_report_js, "report.js"
        embed nicohort_report_css, "report.css"
        embed nicohort_viewer_html, "viewer.html"
        embed nicohort_viewer_js, "viewer.js"
        embed nicohort_viewer_css, "viewer.css"
        .popsection
)");

// Where each file begins and ends.
extern "C" {
extern const std::byte nicohort_index_html[], nicohort_index_html_end[];
extern const std::byte nicohort_report_js[], nicohort_report_js_end[];
extern const std::byte nicohort_report_css[], nicohort_report_css_end[];
extern const std::byte nicohort_viewer_html[], nicohort_viewer_html_end[];
extern const std::byte nicohort_viewer_js[], nicohort_viewer_js_end[];
extern const std::byte nicohort_viewer_css[], nicohort_viewer_css_end[];
}

namespace nicohort {

std::span<const WebFile> web_files() {
  constexpr std::string_view html = "text/html; charset=utf-8",
                             script = "text/javascript; charset=utf-8",
                             style = "text/css; charset=utf-8";
  static const std::array files{
      WebFile{"index.html", html, {nicohort_index_html, nicohort_index_html_end}},
      WebFile{"report.js", script, {nicohort_report_js, nicohort_report_js_end}},
      WebFile{"report.css", style, {nicohort_report_css, nicohort_report_css_end}},
      WebFile{"viewer.html", html, {nicohort_viewer_html, nicohort_viewer_html_end}},
      WebFile{"viewer.js", script, {nicohort_viewer_js, nicohort_viewer_js_end}},
      WebFile{"viewer.css", style, {nicohort_viewer_css, nicohort_viewer_css_end}},
  };
  return files;
}

}  // namespace nicohort
