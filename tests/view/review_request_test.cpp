#include "view/review_request.hpp"

#include <gmock/gmock.h>

namespace nicohort {
namespace {

using ::testing::HasSubstr;

std::string fault_of(const std::string& body) {
  std::string fault;
  EXPECT_EQ(parse_verdict(body, fault), std::nullopt) << body;
  return fault;
}

std::string with_comment(const std::string& comment) {
  return R"({"verdict": "fix", "comment": ")" + comment + R"(", "reviewer": "R"})";
}

TEST(VerdictRequest, is_read) {
  std::string fault;
  const auto verdict =
      parse_verdict(R"({"verdict": "fix", "comment": "=1+1\n\"Ö\"", "reviewer": "0012"})", fault);
  ASSERT_TRUE(verdict) << fault;
  EXPECT_EQ(*verdict, (Verdict{"fix", "=1+1\n\"Ö\"", "0012", ""}));
  EXPECT_TRUE(parse_verdict(with_comment(std::string(32767, 'x')), fault));
}

TEST(VerdictRequest, anything_else_is_refused_with_a_reason) {
  for (const char* body : {"", "{", "null", "[]", "\"fix\"", "{}", R"({"verdict": "fix"})",
                           R"({"verdict": 1, "comment": "", "reviewer": ""})",
                           R"({"verdict": "fix", "comment": null, "reviewer": ""})",
                           R"({"verdict": "fix", "comment": "", "reviewer": ""} x)",
                           "{\"verdict\": \"fix\", \"comment\": \"\xFF\", \"reviewer\": \"\"}"})
    EXPECT_THAT(fault_of(body), HasSubstr("not a JSON object")) << body;
  EXPECT_THAT(fault_of(std::string(20000, '[')), HasSubstr("not a JSON object"));
  EXPECT_THAT(fault_of(R"({"verdict": "Reject", "comment": "", "reviewer": ""})"),
              HasSubstr("not accept, fix or reject"));
  EXPECT_THAT(fault_of(with_comment(std::string(32768, 'x'))), HasSubstr("longer than 32767"));
  EXPECT_THAT(fault_of(with_comment("\\u0000")), HasSubstr("control character"));
  EXPECT_THAT(fault_of(with_comment("\\u001b[0m")), HasSubstr("control character"));
}

}  // namespace
}  // namespace nicohort
