#include "dataset/own_json.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/cache.hpp"

namespace nicohort {
namespace {

using testing::bytes_of;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

TEST(OwnJson, has_fractions_only_where_they_belong) {
  EXPECT_NO_THROW(parse_own_json(R"({"n": 3, "mean": 1.5, "at": [1, 2.5]})", {"mean", "at"}));
  for (const char* text :
       {R"({"n": 1.5})", R"({"n": 4.76e19})", R"({"n": -1e300})", R"([1.0])", R"({"n": [3, 1.5]})",
        R"({"mean": {"n": 1.5}})", R"({"mean": [{"n": 1.5}]})"})
    EXPECT_THROW(parse_own_json(text, {"mean"}), BadInput) << text;
}

TEST(OwnJson, takes_any_numbers_for_parameters_of_steps) {
  EXPECT_NO_THROW(
      parse_own_json(R"({"parameters": {"window": [-140.5, "inf"], "a": {"b": 1e9}}})"));
}

TEST(OwnJson, does_not_nest_without_end) {
  const auto nested = [](int levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_NO_THROW(parse_own_json(nested(16)));
  EXPECT_THROW(parse_own_json(nested(17)), BadInput);
  EXPECT_THROW(parse_own_json(nested(200'000)), BadInput);
  EXPECT_THROW(parse_own_json("{\"parameters\": " + nested(200'000) + "}"), BadInput);
  EXPECT_THROW(parse_own_json("{"), nlohmann::json::exception);
}

// Found by the fuzz target of the cache.
TEST(OwnJson, a_line_of_the_cache_with_another_number_is_damaged) {
  const FileState state{10, 1000, 2000, 7};
  const TemporaryFolder saved;
  Cache written(saved.path());
  written.put_sha256("a", state, sha256_of("a"));
  written.save();
  const std::string line = bytes_of(fs::directory_iterator(saved / ".nicohort/cache")->path());
  const std::size_t place = line.find(":7,");
  ASSERT_NE(place, std::string::npos) << line;
  for (const auto& [inode, is_known] :
       {std::pair("7", true), {"4.76072e+19", false}, {"7.0", false}}) {
    const TemporaryFolder folder;
    folder.write(".nicohort/cache/x.jsonl", std::string(line).replace(place + 1, 1, inode));
    const Cache cache(folder.path());
    EXPECT_EQ(cache.sha256("a", state).has_value(), is_known) << inode;
  }
}

}  // namespace
}  // namespace nicohort
