#include "recipe/metadata_table.hpp"

#include <gmock/gmock.h>

#include "recipe/recipe.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;

MetadataTable table_of(const std::string& yaml) {
  return Recipe(
             "volume: \"{pid}[_{scan}].nii.gz\"\nparts: {pid: \"[^_/]+\", scan: "
             "\"[0-9]+\"}\nmetadata: " +
                 yaml + "\n",
             "r.yaml")
      .metadata()
      .front();
}

TEST(Spec5Metadata, formats_by_their_endings) {
  using Format = MetadataTable::Format;
  for (const auto& [file, format] : {std::pair{"a.xlsx", Format::workbook},
                                     {"a.CSV", Format::csv},
                                     {"a.tsv", Format::csv},
                                     {"a.json", Format::json_text}})
    EXPECT_EQ(table_of("{file: " + std::string(file) + ", key: {p: \"{pid}\"}}").format, format);
  const MetadataTable one = table_of("{file: \"{pid}/Info.cfg\", format: \"key: value\"}");
  EXPECT_EQ(one.format, Format::key_value);
  EXPECT_TRUE(one.keys.empty());
  EXPECT_FALSE(one.is_for_all());
}

TEST(Spec5Metadata, a_key_of_several_columns_one_of_them_empty) {
  const MetadataTable table =
      table_of("{file: a.csv, key: {subject: \"{pid}\", split: \"[verse{scan}]\"}}");
  EXPECT_THAT(table.key_of({"gl003", ""}), ElementsAre("gl003", ""));
  EXPECT_THAT(table.key_of({"gl003", "201"}), ElementsAre("gl003", "verse201"));
  EXPECT_FALSE(table.keys[0].pattern.can_be_empty());
  EXPECT_TRUE(table.keys[1].pattern.can_be_empty());
  EXPECT_TRUE(table_of("{file: a.csv, key: {s: \"{scan}\"}}").keys[0].pattern.can_be_empty());
  EXPECT_FALSE(table_of("{file: a.csv, key: {s: \"v{scan}\"}}").keys[0].pattern.can_be_empty());
}

TEST(Spec5Metadata, match_number) {
  const MetadataTable table = table_of("{file: a.csv, key: {p: \"{pid}\"}, match: number}");
  for (const char* text : {"1", "0001", "1.0"}) EXPECT_EQ(table.compared(text), "1") << text;
  EXPECT_EQ(table.compared("000"), "0");
  EXPECT_EQ(table.compared("00123456789012345678901"), "123456789012345678901");
  for (const char* text : {"", "A1", "1 ", "12-3"}) EXPECT_EQ(table.compared(text), text);
  EXPECT_EQ(table_of("{file: a.csv, key: {p: \"{pid}\"}}").compared("0001"), "0001");
}

TEST(Spec5Metadata, the_column_of_rows_is_there_beside_those_that_are_named) {
  const MetadataTable table = table_of(
      "{file: a.json, key: {sample: \"{pid}\"}, rows: {subset: [train, val]}, columns: {a: b}}");
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[0].name, "subset");
  EXPECT_THAT(table.rows->keys, ElementsAre("train", "val"));
}

}  // namespace
}  // namespace nicohort
