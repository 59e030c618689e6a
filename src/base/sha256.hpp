// SHA-256 (FIPS 180-4) of streams, and HMAC with it, over OpenSSL's libcrypto.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nicohort {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  std::string finish();  // 64 hexadecimal digits; once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_of(std::string_view text);
// The same hash in half the memory, for who keeps many. Nothing for what is not 64 hexadecimal
// digits in lower case.
using Sha256Bytes = std::array<unsigned char, 32>;
std::optional<Sha256Bytes> sha256_bytes(std::string_view hex);
std::string hex_of(const Sha256Bytes& bytes);
// HMAC-SHA-256 (RFC 2104): 32 bytes, not hexadecimal.
std::string hmac_sha256(std::string_view key, std::string_view message);
// Throws BadInput when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace nicohort
