// Pseudonyms of patients: short names made with a key, the same for the same patient every time,
// which nobody without the key can lead back to the patient.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "table/table.hpp"

namespace nicohort {

class PseudonymKey {
 public:
  // Throws UsageError when the key has less than 16 bytes.
  explicit PseudonymKey(std::string bytes);

  // `P` and the first 10 characters of the base32 form (RFC 4648) of
  // HMAC-SHA-256(key, site + NUL + text): 50 bits; capitals and digits that no program takes for a
  // number or a date. The site is empty where patients have none, and for other names.
  std::string operator()(const std::string& site, const std::string& text) const;

  // Tells keys apart and says nothing about them: 64 hexadecimal digits.
  std::string fingerprint() const;

 private:
  std::string bytes_;
};

// The key in a file: its bytes without the end of the last line. Throws UsageError or BadInput.
PseudonymKey load_pseudonym_key(const std::filesystem::path& file);

// Identifiers with fewer characters are not looked for in texts: they would be found in ages and
// years.
inline constexpr std::size_t least_identifier_length = 5;
// An ASCII letter or digit; a word of its own has none beside it.
bool is_word_character(unsigned char c);
// As a spreadsheet program leaves an identifier that it takes for a number.
std::string without_leading_zeros(const std::string& identifier);

// Where a name has the identifier, from a place on: in any case, and wherever it is no part of a
// longer number; npos: nowhere. For names of files, in which identifiers stand beside other
// letters.
std::size_t find_identifier(std::string_view name, std::string_view identifier, std::size_t from);

// Whether there is, as a word of its own, something that looks like a pseudonym.
bool has_pseudonym(std::string_view text);

// The cell with the pseudonym wherever text has the identifier as a word of its own, or where a
// number is the identifier, with or without its leading zeros.
Cell without_identifier(const Cell& cell, const std::string& pid, const std::string& pseudonym);

}  // namespace nicohort
