#include "dataset/info.hpp"

#include <gmock/gmock.h>

#include <chrono>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;

const InfoKeys info_names{{"site", "phase", "pid"}, {}, true};

SampleInfo an_info() {
  return {"TJ_0012_pre",
          {{"site", "TJ"}, {"phase", "pre"}, {"pid", "0012"}},
          "TJ/pre",
          {{"Sex", "Male"},
           {"Age", 63.0},
           {"Smoking: packs/day", 1.5},
           {"Pathological Complete Response (pCR)", true},
           {"No", "no"},
           {"Staging", "T3N1M0; III"},
           {"Comment", Cell()},
           {"备注", "两\n行"},
           {"Surgery", DateTime{2024y / std::chrono::February / 29, 0ms}}}};
}

TEST(Spec4Routine02Info, text) {
  EXPECT_EQ(info_text(an_info()),
            "ID: TJ_0012_pre\n"
            "site: TJ\n"
            "phase: pre\n"
            "pid: '0012'\n"
            "subset: TJ/pre\n"
            "Sex: Male\n"
            "Age: 63\n"
            "'Smoking: packs/day': 1.5\n"
            "Pathological Complete Response (pCR): true\n"
            "'No': 'no'\n"
            "Staging: 'T3N1M0; III'\n"
            "Comment: null\n"
            "'备注': \"两\\n行\"\n"
            "Surgery: '2024-02-29'\n");
}

TEST(Spec4Routine02Info, is_read_as_it_was_written) {
  const TemporaryFolder folder;
  SampleInfo info = an_info();
  folder.write("TJ/TJ_0012_pre/TJ_0012_pre_info.yaml", info_text(info));
  const SampleInfo read = read_info(folder.path(), {"TJ/TJ_0012_pre", "TJ_0012_pre"}, info_names);
  info.attributes.back().second = std::string("2024-02-29");  // dates are text in info files
  EXPECT_EQ(read.id, info.id);
  EXPECT_EQ(read.parts, info.parts);
  EXPECT_EQ(read.subset, info.subset);
  EXPECT_EQ(read.attributes, info.attributes);
}

TEST(Spec1Info, a_pid_that_somebody_left_unquoted_keeps_its_zeros) {
  EXPECT_EQ(parse_info("{ID: a, site: b, phase: c, pid: 0012}", info_names).part("pid"), "0012");
  EXPECT_EQ(parse_info("{ID: a, site: b, phase: c, pid: 189003440}", info_names).part("pid"),
            "189003440");
}

TEST(Spec2ProblemsInfo, of_a_key_that_is_there_twice_none_is_believed) {
  const InfoKeys keys{{"pid"}, {}, false};
  EXPECT_NO_THROW(parse_info("{ID: a, pid: '1', Age: 61}", keys));
  for (const char* text : {"{ID: a, pid: '1', pid: }", "{ID: a, ID: b, pid: '1'}",
                           "{ID: a, pid: '1', Age: 61, Age: 62}"})
    EXPECT_THAT(message_of<BadInput>([&] { parse_info(text, keys); }), HasSubstr("twice"));
}

TEST(Spec5Info, a_part_that_can_be_empty_is_null) {
  const InfoKeys with_sessions{{"pid", "ses"}, {"ses"}, false};
  SampleInfo info{"sub-1", {{"pid", "1"}, {"ses", ""}}, "", {{"subset", "train"}}};
  const std::string text = info_text(info);
  EXPECT_EQ(text, "ID: sub-1\npid: '1'\nses: null\nsubset: train\n");
  const SampleInfo read = parse_info(text, with_sessions);
  EXPECT_EQ(read.parts, info.parts);
  EXPECT_EQ(read.subset, "") << "without a folder it is a column as any other";
  EXPECT_EQ(read.attributes, info.attributes);
  EXPECT_THROW(parse_info("{ID: a, pid: 1}", with_sessions), BadInput);
  EXPECT_THROW(parse_info("{ID: a, pid: , ses: 1}", with_sessions), BadInput);
}

TEST(Info, a_column_is_a_part_or_an_attribute_as_text) {
  const SampleInfo info = an_info();
  EXPECT_EQ(info.column("pid"), "0012");
  EXPECT_EQ(info.column("Age"), "63");
  EXPECT_EQ(info.column("Sex"), "Male");
  EXPECT_EQ(info.column("Comment"), "");
  EXPECT_EQ(info.column("none"), "");
}

TEST(Spec2ProblemsInfo, a_damaged_info_file_is_explained) {
  for (const char* text :
       {"", "text", "ID: [", "{ID: a, site: b, phase: c}", "{ID: a, site: b, phase: c, pid: }",
        "{ID: a, site: b, phase: c, pid: 1, Age: [1, 2]}"})
    EXPECT_THROW(parse_info(text, info_names), BadInput) << text;
  EXPECT_THAT(message_of<BadInput>([] { parse_info("{ID: a}", info_names); }),
              HasSubstr("run confirm_pairs"));
  const TemporaryFolder folder;
  EXPECT_THROW(read_info(folder.path(), {"none", "none"}, info_names), BadInput);
}

TEST(Spec2ProblemsInfo, that_of_another_sample_is_not_taken) {
  const TemporaryFolder folder;
  folder.write("other/other_info.yaml", info_text(an_info()));
  try {
    read_info(folder.path(), {"other", "other"}, info_names);
    ADD_FAILURE();
  } catch (const BadInput& bad) {
    EXPECT_EQ(bad.subject(), "other/other_info.yaml");
    EXPECT_THAT(bad.what(), HasSubstr("has the ID TJ_0012_pre"));
  }
}

}  // namespace
}  // namespace nicohort
