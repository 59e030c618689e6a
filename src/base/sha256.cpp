#include "base/sha256.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"
#include "base/problem.hpp"

namespace nicohort {

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* used) const { EVP_MD_CTX_free(used); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) != 1)
    throw MachineError("libcrypto has no SHA-256");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string Sha256::finish() {
  Sha256Bytes digest{};
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr);
  return hex_of(digest);
}

std::optional<Sha256Bytes> sha256_bytes(std::string_view hex) {
  constexpr std::string_view digits = "0123456789abcdef";
  Sha256Bytes bytes{};
  if (hex.size() != 2 * bytes.size()) return {};
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const std::size_t digit = digits.find(hex[i]);
    if (digit == std::string_view::npos) return {};
    bytes[i / 2] = static_cast<unsigned char>(bytes[i / 2] << 4 | digit);
  }
  return bytes;
}

std::string hex_of(const Sha256Bytes& bytes) {
  std::string hex;
  for (unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.finish();
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, 32> digest{};
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
           nullptr) == nullptr)
    throw MachineError("libcrypto has no HMAC-SHA-256");
  return {digest.begin(), digest.end()};
}

std::string sha256_of_file(const std::filesystem::path& path) {
  // A pipe of that name would wait for a writer.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      descriptor < 0 ? nullptr : ::fdopen(descriptor, "rb"), &std::fclose);
  if (!file && is_want_of_resources(errno)) throw_machine_error("read", path);
  struct stat status {};
  if (file && (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)))
    throw BadInput(path.string(), ProblemKind::unreadable_file, "is not a regular file");
  Sha256 hash;
  std::vector<std::byte> piece(256 * 1024);
  while (file) {
    stop_if_interrupted();
    std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    hash.update(std::span(piece).first(got));
    if (got < piece.size()) break;
  }
  if (!file || std::ferror(file.get()))
    throw BadInput(path.string(), ProblemKind::unreadable_file,
                   fmt::format("cannot be read: {}", std::strerror(errno)));
  return hash.finish();
}

}  // namespace nicohort
