#include <gmock/gmock.h>

#include "base/sha256.hpp"

namespace nicohort {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (unsigned char byte : bytes)
    for (int half : {byte >> 4, byte & 15}) text += "0123456789abcdef"[half];
  return text;
}

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, gives_the_test_vectors_of_rfc_4231) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Sha256, fits_into_32_bytes_and_comes_back) {
  const std::string sha256 = sha256_of("abc");
  const auto bytes = sha256_bytes(sha256);
  ASSERT_TRUE(bytes);
  EXPECT_EQ((*bytes)[0], 0xba);  // FIPS 180-4's example
  EXPECT_EQ(hex_of(*bytes), sha256);
  for (std::string wrong : {std::string(), sha256 + "0", sha256.substr(1), "g" + sha256.substr(1),
                            "A" + sha256.substr(1)})
    EXPECT_FALSE(sha256_bytes(wrong)) << wrong;
}

}  // namespace
}  // namespace nicohort
