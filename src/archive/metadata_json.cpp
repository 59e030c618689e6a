#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "archive/metadata_file.hpp"
#include "base/problem.hpp"
#include "table/grid.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse_json(const std::string& what) {
  throw BadInput(ProblemKind::metadata, what);
}

// Beyond these a number loses digits as a double.
constexpr std::int64_t most_exact = std::int64_t{1} << 53;

Cell cell_of(const Json& value) {
  if (value.is_string()) return printable(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{most_exact})
    return value.dump();
  if (value.is_number_integer() && !value.is_number_unsigned() &&
      value.get<std::int64_t>() < -most_exact)
    return value.dump();
  if (value.is_number()) return value.get<double>();
  return {};
}

// Rows on their way to a table. Columns stand as they first appear.
class JsonRows {
 public:
  // list: the key of the list that the row is in, for the column of that name; empty: none.
  void add(const Json& row, const std::string& column, const std::string& list) {
    ++row_;
    if (!column.empty()) put(column, list);
    if (row.is_object()) {
      for (const auto& [name, value] : row.items()) {
        if (value.is_structured()) nested_.insert(name);
        // A field of the list's column would be taken for it.
        put(name == column ? fmt::format("{} in the file", name) : name, value);
      }
    } else if (row.is_structured() || row.is_null()) {
      refuse_json(fmt::format("row {} is neither an object nor a text; correct it", row_));
    } else {
      put("id", row);
    }
  }

  MetadataFile file() && {
    MetadataFile file{std::move(grid_).to_table()};
    file.header_row = 0;
    for (std::uint32_t& row : file.table.rows_in_file) --row;  // there is no header before them
    file.nested.assign(nested_.begin(), nested_.end());
    return file;
  }

 private:
  void put(const std::string& name, const Json& value) {
    const auto [known, is_new] =
        columns_.emplace(name, static_cast<std::uint32_t>(columns_.size()));
    if (is_new) grid_.set(0, known->second, printable(name));
    grid_.set(row_, known->second, cell_of(value));
  }

  Grid grid_;
  std::uint32_t row_ = 0;
  std::map<std::string, std::uint32_t> columns_;
  std::set<std::string> nested_;
};

void add_list(JsonRows& rows, const Json& list, const std::string& column, const std::string& key) {
  for (const Json& row : list) rows.add(row, column, key);
}

}  // namespace

MetadataFile parse_metadata_json(std::string_view text, const MetadataTable& how) {
  Json root;
  try {
    root = Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("is not JSON from byte {} on; write it again", error.byte));
  } catch (const Json::exception&) {
    throw BadInput(ProblemKind::unreadable_file,
                   "has a number that is too large for any program; correct it");
  }
  JsonRows rows;
  if (how.rows) {
    if (root.is_array() && !root.empty()) root = Json(root.front());
    if (!root.is_object()) refuse_json("is not an object of lists, as `rows` wants it; correct it");
    for (const std::string& key : how.rows->keys) {
      const auto list = root.find(key);
      if (list == root.end())
        throw UsageError(fmt::format("has no `{}`, which `rows` of the recipe names", key));
      if (!list->is_array())
        refuse_json(fmt::format("has `{}`, which is no list; correct it", key));
      add_list(rows, *list, how.rows->column, key);
    }
  } else if (root.is_array()) {
    add_list(rows, root, "", "");
  } else if (root.is_object()) {
    rows.add(root, "", "");
  } else {
    refuse_json("is neither a list of objects nor an object; correct it");
  }
  return std::move(rows).file();
}

}  // namespace nicohort
