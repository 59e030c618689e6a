// The pages of the report and the viewer, which are built from web/ and are part of the program.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nicohort {

struct WebFile {
  std::string_view name, content_type;  // `index.html`, `text/html; charset=utf-8`
  std::span<const std::byte> bytes;
};

// index.html, report.js, report.css, viewer.html, viewer.js, viewer.css.
std::span<const WebFile> web_files();

}  // namespace nicohort
