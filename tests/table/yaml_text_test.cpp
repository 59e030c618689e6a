#include "table/yaml_text.hpp"

#include <gtest/gtest.h>

namespace nicohort {
namespace {

TEST(YamlText, ShortValuesAreInOneLine) {
  EXPECT_EQ(
      format_entry("labels", yaml_map({{"0", yaml_text("background")}, {"1", yaml_text("a")}})),
      "labels: {0: background, 1: a}\n");
  EXPECT_EQ(format_entry("count", yaml_number(3)), "count: 3\n");
  EXPECT_EQ(format_entry("list", yaml_texts({})), "list: []\n");
}

TEST(YamlText, ListsOfMapsAndLongValuesHaveALineForEach) {
  EXPECT_EQ(format_entry("splits", yaml_list({yaml_map({{"name", yaml_text("a")}})})),
            "splits:\n  - {name: a}\n");
  const std::string long_text(100, 'x');
  EXPECT_EQ(format_entry("key", yaml_map({{"a", yaml_text(long_text)}, {"b", yaml_number(1)}})),
            "key:\n  a: " + long_text + "\n  b: 1\n");
}

TEST(YamlText, WhateverIsInTextsComesBack) {
  for (const std::string text :
       {"{pid}: [x], #y", "it's \"so\"", "yes", "0012", "- a", "line\nline", "", "&a", "*a", "!t",
        "%", "@", "`", "a: b", "a #b", "J\xC3\xBCrgen"}) {
    const YamlValue read = parse_yaml(
        format_entry("k", yaml_map({{text, yaml_list({yaml_text(text), yaml_text("z")})}})),
        "test");
    const YamlEntry& entry = read.find("k")->entries.front();
    EXPECT_EQ(entry.key, text);
    EXPECT_EQ(entry.value.items.at(0).text, text);
    EXPECT_EQ(entry.value.items.at(1).text, "z");
  }
}

}  // namespace
}  // namespace nicohort
