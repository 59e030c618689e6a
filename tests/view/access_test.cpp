#include "view/access.hpp"

#include <gmock/gmock.h>

#include <set>

namespace nicohort {
namespace {

using ::testing::MatchesRegex;

TEST(AccessControl, secrets_have_256_bits_and_differ) {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) secrets.insert(random_secret());
  EXPECT_EQ(secrets.size(), 100);
  for (const std::string& secret : secrets) EXPECT_THAT(secret, MatchesRegex("[0-9a-f]{64}"));
}

TEST(AccessControl, secrets_are_compared_whole) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "Abc"})
    EXPECT_FALSE(is_same_secret("abc", other)) << other;
}

TEST(AccessControl, a_host_is_own_only_by_its_address_and_port) {
  const AccessControl access(8123);
  for (const char* host : {"127.0.0.1:8123", "localhost:8123"}) {
    EXPECT_TRUE(access.is_own_host(host)) << host;
    EXPECT_TRUE(access.is_own_origin(std::string("http://") + host)) << host;
    EXPECT_FALSE(access.is_own_origin(std::string("https://") + host)) << host;
    EXPECT_FALSE(access.is_own_origin(host)) << host;
  }
  for (const char* host :
       {"", "127.0.0.1", "localhost", "127.0.0.1:81", "127.0.0.1:81234", "127.0.0.1:8123.evil.org",
        "evil.org", "evil.org:8123", "localhost.evil.org:8123", "user@localhost:8123",
        "127.0.0.1:8123/", " 127.0.0.1:8123", "[::1]:8123", "0.0.0.0:8123", "127.1:8123"}) {
    EXPECT_FALSE(access.is_own_host(host)) << host;
    EXPECT_FALSE(access.is_own_origin(std::string("http://") + host)) << host;
  }
  EXPECT_FALSE(access.is_own_origin("null"));
}

TEST(AccessControl, the_token_counts_once) {
  AccessControl access(1);
  EXPECT_FALSE(access.redeem(""));
  EXPECT_FALSE(access.redeem(access.write_token()));
  EXPECT_TRUE(access.redeem(access.token()));
  EXPECT_FALSE(access.redeem(access.token()));
}

TEST(AccessControl, a_session_is_known_by_its_cookie_among_others) {
  const AccessControl access(8123), other(8123);
  const std::string set = access.set_cookie(), cookie = set.substr(0, set.find(';'));
  EXPECT_THAT(set, MatchesRegex("nicohort_8123=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict"));
  EXPECT_TRUE(access.is_session(cookie));
  EXPECT_TRUE(access.is_session("a=b; " + cookie + "; c=d"));
  EXPECT_TRUE(access.is_session("nicohort_8123=old;" + cookie));
  EXPECT_FALSE(other.is_session(cookie));
  for (const std::string& wrong :
       {std::string(), std::string(";"), "x" + cookie, cookie + "0", cookie.substr(1),
        cookie.substr(0, cookie.size() - 1), std::string("nicohort_8123="),
        "nicohort_1=" + cookie.substr(14), "nicohort_8123=" + access.token()})
    EXPECT_FALSE(access.is_session(wrong)) << wrong;
}

}  // namespace
}  // namespace nicohort
