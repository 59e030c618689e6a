#include "view/access.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>

#include "base/problem.hpp"

namespace nicohort {

std::string random_secret() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1)
    throw MachineError("the system has no random numbers; try again");
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool is_same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool AccessControl::is_own_host(std::string_view host) const {
  return host == fmt::format("127.0.0.1:{}", port_) || host == fmt::format("localhost:{}", port_);
}

bool AccessControl::is_own_origin(std::string_view origin) const {
  constexpr std::string_view scheme = "http://";
  return origin.starts_with(scheme) && is_own_host(origin.substr(scheme.size()));
}

bool AccessControl::redeem(std::string_view token) {
  std::lock_guard lock(mutex_);
  if (is_redeemed_ || !is_same_secret(token, token_)) return false;
  is_redeemed_ = true;
  return true;
}

std::string AccessControl::cookie_name() const {
  return fmt::format("nicohort_{}", port_);
}

std::string AccessControl::set_cookie() const {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict", cookie_name(), session_);
}

bool AccessControl::is_session(std::string_view cookies) const {
  const std::string begin = cookie_name() + "=";
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    std::string_view cookie = cookies.substr(0, end);
    cookie.remove_prefix(std::min(cookie.find_first_not_of(' '), cookie.size()));
    if (cookie.starts_with(begin) && is_same_secret(cookie.substr(begin.size()), session_))
      return true;
    cookies.remove_prefix(end == std::string::npos ? cookies.size() : end + 1);
  }
  return false;
}

}  // namespace nicohort
