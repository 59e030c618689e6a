#include "archive/pseudonym.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cstdint>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"

namespace nicohort {
namespace {

constexpr std::size_t least_key_bytes = 16, most_key_bytes = 1 << 20;
constexpr std::size_t pseudonym_digits = 10;  // of base32

std::string base32_begin(std::string_view bytes, std::size_t digits) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t pending = 0;
  int bits = 0;
  for (unsigned char byte : bytes) {
    pending = pending << 8 | byte;
    for (bits += 8; bits >= 5 && text.size() < digits; bits -= 5)
      text += alphabet[pending >> (bits - 5) & 31];
  }
  return text;
}

std::string replace_word(const std::string& text, const std::string& word,
                         const std::string& other) {
  std::string result;
  std::size_t copied = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (at < copied || (at > 0 && is_word_character(text[at - 1])) ||
        (end < text.size() && is_word_character(text[end])))
      continue;
    result += text.substr(copied, at - copied) + other;
    copied = end;
  }
  return result + text.substr(copied);
}

}  // namespace

PseudonymKey::PseudonymKey(std::string bytes) : bytes_(std::move(bytes)) {
  if (bytes_.size() < least_key_bytes)
    throw UsageError(fmt::format(
        "the key for pseudonyms has {} bytes, but needs at least {}; make one with: openssl rand "
        "-hex 32 > key",
        bytes_.size(), least_key_bytes));
}

std::string PseudonymKey::operator()(const std::string& site, const std::string& text) const {
  return "P" + base32_begin(hmac_sha256(bytes_, site + '\0' + text), pseudonym_digits);
}

std::string PseudonymKey::fingerprint() const {
  std::string hex;
  for (unsigned char byte : hmac_sha256(bytes_, std::string(1, '\0')))
    hex += fmt::format("{:02x}", byte);
  return hex;
}

PseudonymKey load_pseudonym_key(const std::filesystem::path& file) {
  std::string bytes = read_file(file, most_key_bytes);
  if (bytes.ends_with('\n')) bytes.pop_back();
  if (bytes.ends_with('\r')) bytes.pop_back();
  try {
    return PseudonymKey(std::move(bytes));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--pseudonymize {}: {}", file.string(), error.what()));
  }
}

bool is_word_character(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string without_leading_zeros(const std::string& identifier) {
  return identifier.substr(std::min(identifier.find_first_not_of('0'), identifier.size()));
}

std::size_t find_identifier(std::string_view name, std::string_view identifier, std::size_t from) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  if (identifier.empty()) return std::string_view::npos;
  for (std::size_t at = from; at + identifier.size() <= name.size(); ++at) {
    const std::size_t end = at + identifier.size();
    if (!std::equal(identifier.begin(), identifier.end(), name.begin() + std::ptrdiff_t(at),
                    [&](char a, char b) { return lower(a) == lower(b); }))
      continue;
    const bool goes_on_before = at > 0 && is_digit(identifier.front()) && is_digit(name[at - 1]);
    const bool goes_on_behind =
        end < name.size() && is_digit(identifier.back()) && is_digit(name[end]);
    if (!goes_on_before && !goes_on_behind) return at;
  }
  return std::string_view::npos;
}

bool has_pseudonym(std::string_view text) {
  static const re2::RE2 pattern("(?:^|[^0-9A-Za-z])P[A-Z2-7]{10}(?:[^0-9A-Za-z]|$)",
                                re2::RE2::Latin1);
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

Cell without_identifier(const Cell& cell, const std::string& pid, const std::string& pseudonym) {
  if (pid.size() < least_identifier_length) return cell;
  const std::string bare = without_leading_zeros(pid);
  if (std::holds_alternative<Text>(cell)) {
    const std::string replaced = replace_word(to_text(cell), pid, pseudonym);
    return bare.size() < least_identifier_length ? replaced
                                                 : replace_word(replaced, bare, pseudonym);
  }
  const bool is_identifier = std::holds_alternative<double>(cell) && to_text(cell) == bare;
  return is_identifier ? Cell(pseudonym) : cell;
}

}  // namespace nicohort
