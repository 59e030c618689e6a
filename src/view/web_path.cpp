#include "view/web_path.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/below.hpp"
#include "base/problem.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return {};
}

bool is_plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '/';
}

bool is_harmless(std::string_view part) {
  return !part.empty() && part.front() != '.' &&
         std::none_of(part.begin(), part.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\'; });
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return {};
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return {};
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

std::string encode_percent(std::string_view path) {
  std::string encoded;
  for (unsigned char c : path) {
    if (is_plain(c))
      encoded += static_cast<char>(c);
    else
      encoded += fmt::format("%{:02X}", c);
  }
  return encoded;
}

bool is_image_name(std::string_view name) {
  return lower_case(name).ends_with(".nii.gz");
}

namespace {

std::optional<fs::path> file_at(const fs::path& folder, std::string_view path, bool follows_links) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (!is_harmless(path.substr(begin, end - begin))) return {};
    begin = end + 1;
  }
  try {
    if (!follows_links) require_below(folder, folder / path, "dataset");
  } catch (const BadInput&) {
    return {};
  }
  std::error_code error;
  fs::path real = fs::canonical(folder / path, error);
  if (error || !fs::is_regular_file(real, error)) return {};
  return real;
}

}  // namespace

std::optional<fs::path> file_below(const fs::path& folder, std::string_view path) {
  return file_at(folder, path, false);
}

std::optional<fs::path> ViewedArchive::find(std::string_view path) const {
  return file_at(folder, path, follows_links);
}

}  // namespace nicohort
