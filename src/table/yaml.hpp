// YAML in and out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.hpp"

namespace nicohort {

struct YamlEntry;

// A value of a YAML text, and where it stands there.
struct YamlValue {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  int line = 0;                    // from 1
  std::string text;                // of a scalar
  bool is_quoted = false;          // so that the scalar is text whatever it looks like
  std::vector<YamlValue> items;    // of a list
  std::vector<YamlEntry> entries;  // of a map, in their order; a key may be there twice

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  // The first entry of this key; null if there is none.
  const YamlValue* find(std::string_view key) const;
};
struct YamlEntry {
  std::string key;
  int line = 0;  // of the key
  YamlValue value;
};

// Throws UsageError that names `source` and the line; also for aliases (`*name`), which make YAML
// explode, for keys that are no scalars, and for more than one document.
YamlValue parse_yaml(std::string_view text, const std::string& source);

// A file that the user named, at most a megabyte. Throws UsageError.
std::string read_small_text(const std::filesystem::path& path);

// A value as one YAML scalar. Text is quoted wherever YAML 1.1 or 1.2 would read it as another
// type.
std::string yaml_scalar(const Cell& cell);
// The value of a scalar: quoted is text; plain is a number, true/false, null or text. Throws
// BadInput for a list or a map.
Cell yaml_cell(const YamlValue& value);

}  // namespace nicohort
