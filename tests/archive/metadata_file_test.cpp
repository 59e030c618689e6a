#include "archive/metadata_file.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {
namespace {

using namespace std::literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::TemporaryFolder;
using Row = std::vector<Cell>;

MetadataTable table_of(const std::string& yaml) {
  return Recipe("volume: \"{pid}.nii.gz\"\nmetadata: " + yaml + "\n", "r.yaml").metadata().front();
}

MetadataTable plain_json() {
  return table_of("{file: a.json, key: {id: \"{pid}\"}}");
}
MetadataTable rows_json() {
  return table_of("{file: a.json, rows: {subset: [train, val]}, key: {id: \"{pid}\"}}");
}

TEST(Spec5MetadataFile, lines_of_key_and_value_are_one_row) {
  const MetadataFile file = parse_key_values(
      "ED: 1\r\n\n# by hand\n  Group : DCM \nHeight: 160.0\nUrl: http://x\nNone:\nPid: 0012\n");
  EXPECT_THAT(file.headers, ElementsAre("ED", "Group", "Height", "Url", "None", "Pid"));
  ASSERT_EQ(file.table.rows.size(), 1u);
  EXPECT_EQ(file.table.rows[0], (Row{1.0, "DCM"s, "160.0"s, "http://x"s, Cell(), "0012"s}));
}

TEST(Spec5MetadataFile, keys_without_any_value_are_a_row_and_no_key_is_none) {
  EXPECT_EQ(parse_key_values("a:\nb:").table.rows, (std::vector<Row>{{Cell(), Cell()}}));
  EXPECT_THAT(parse_key_values("").table.rows, IsEmpty());
}

TEST(Spec2ProblemsMetadataFile, a_line_that_is_no_key_and_value) {
  for (const char* text : {"a: 1\nb\n", "a: 1\n: 2\n"})
    EXPECT_THAT(message_of<BadInput>([&] { parse_key_values(text); }),
                HasSubstr("line 2 is not `key: value`"));
}

TEST(Spec5MetadataFile, json_list_of_objects) {
  const MetadataFile file = parse_metadata_json(
      R"([{"id": "0012", "age": 60, "who": {"x": 1}, "ok": false}, {"id": 7, "sex": null, "age": 0.5},)"
      R"( {"id": 12345678901234567890, "tags": [1]}])",
      plain_json());
  EXPECT_THAT(file.table.columns, ElementsAre("id", "age", "who", "ok", "sex", "tags"));
  EXPECT_EQ(file.table.rows,
            (std::vector<Row>{{"0012"s, 60.0, Cell(), false, Cell(), Cell()},
                              {7.0, 0.5, Cell(), Cell(), Cell(), Cell()},
                              {"12345678901234567890"s, Cell(), Cell(), Cell(), Cell(), Cell()}}));
  EXPECT_THAT(file.nested, ElementsAre("tags", "who"));
}

TEST(Spec5MetadataFile, json_object_is_one_row) {
  const MetadataFile file = parse_metadata_json(R"({"age": 60, "sex": "F"})", plain_json());
  EXPECT_THAT(file.table.columns, ElementsAre("age", "sex"));
  EXPECT_EQ(file.table.rows, (std::vector<Row>{{60.0, "F"s}}));
}

TEST(Spec5MetadataFile, json_lists_of_an_object_are_rows) {
  const MetadataFile file = parse_metadata_json(
      R"({"train": [{"id": "a", "x": 1}], "test": [{"id": "z"}], "val": [{"id": "b"}]})",
      rows_json());
  EXPECT_THAT(file.table.columns, ElementsAre("subset", "id", "x"));
  EXPECT_EQ(file.table.rows, (std::vector<Row>{{"train"s, "a"s, 1.0}, {"val"s, "b"s, Cell()}}));
}

TEST(Spec5MetadataFile, json_of_the_first_object_and_bare_texts) {
  const MetadataFile file = parse_metadata_json(
      R"([{"train": ["a", "b"], "val": ["c"]}, {"train": ["c"], "val": ["a"]}])", rows_json());
  EXPECT_THAT(file.table.columns, ElementsAre("subset", "id"));
  EXPECT_EQ(file.table.rows,
            (std::vector<Row>{{"train"s, "a"s}, {"train"s, "b"s}, {"val"s, "c"s}}));
}

TEST(Spec2ProblemsMetadataFile, json_that_is_none_or_not_so) {
  struct Case {
    const char *text, *message;
    MetadataTable how;
  };
  for (const auto& [text, message, how] : {
           Case{"{\"a\": ", "is not JSON from byte ", plain_json()},
           Case{"", "is not JSON", plain_json()},
           Case{"[1e999]", "has a number that is too large", plain_json()},
           Case{"3", "is neither a list of objects nor an object", plain_json()},
           Case{"[[1]]", "row 1 is neither an object nor a text", plain_json()},
           Case{"[\"a\", null]", "row 2 is neither", plain_json()},
           Case{"[1]", "is not an object of lists", rows_json()},
           Case{"{\"train\": [], \"val\": 3}", "has `val`, which is no list", rows_json()},
       })
    EXPECT_THAT(
        message_of<BadInput>([&, &text = text, &how = how] { parse_metadata_json(text, how); }),
        HasSubstr(message));
  EXPECT_THAT(message_of<UsageError>([] { parse_metadata_json("{\"train\": []}", rows_json()); }),
              HasSubstr("has no `val`, which `rows` of the recipe names"));
}

TEST(Spec5MetadataFile, tabs_and_not_available_of_tsv) {
  const TemporaryFolder folder;
  folder.write("a.tsv", "id\tage\tname\nsub-01\t34\tx, y\nsub-02\tn/a\tz\n");
  folder.write("a.csv", "id;age\nsub-02;n/a\n");
  const auto tsv = read_metadata_file(folder / "a.tsv", table_of("{file: a.tsv, key: {id: x}}"));
  EXPECT_EQ(tsv.table.rows,
            (std::vector<Row>{{"sub-01"s, 34.0, "x, y"s}, {"sub-02"s, Cell(), "z"s}}));
  const auto csv = read_metadata_file(folder / "a.csv", table_of("{file: a.csv, key: {id: x}}"));
  EXPECT_EQ(csv.table.rows, (std::vector<Row>{{"sub-02"s, "n/a"s}}));
}

TEST(Spec2ProblemsMetadataFile, text_that_is_none) {
  const TemporaryFolder folder;
  folder.write("a.json", "[\"\xE9\"]");
  EXPECT_THAT(message_of<BadInput>([&] { read_metadata_file(folder / "a.json", plain_json()); }),
              HasSubstr("is not text in UTF-8"));
  EXPECT_THAT(message_of<UsageError>([&] { read_metadata_file(folder / "b.json", plain_json()); }),
              HasSubstr("b.json: there is no such file"));
}

}  // namespace
}  // namespace nicohort
