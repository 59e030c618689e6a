// Who may use the server: pages of its own address, in the browser that was opened with the printed
// address. Any other page that this browser shows could otherwise read the images (by a name that
// it lets point to 127.0.0.1) or write verdicts; so could other people on the same machine.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace nicohort {

// 256 random bits as 64 hexadecimal digits. Throws MachineError.
std::string random_secret();

// Compares in a time that does not tell where they differ.
bool is_same_secret(std::string_view a, std::string_view b);

class AccessControl {
 public:
  explicit AccessControl(int port) : port_(port) {}
  int port() const { return port_; }

  // `127.0.0.1:PORT` or `localhost:PORT`, what the header Host must be.
  bool is_own_host(std::string_view host) const;
  // The same behind `http://`, what the header Origin must be.
  bool is_own_origin(std::string_view origin) const;

  // For the address that is printed.
  const std::string& token() const { return token_; }
  // Whether this is the token, the first time; never again.
  bool redeem(std::string_view token);

  // The header Set-Cookie of the session. Cookies of an address are shared by its ports; so the
  // port is in the name.
  std::string set_cookie() const;
  // Whether the header Cookie has it.
  bool is_session(std::string_view cookies) const;

  // What writing needs beside the session. A page of another address cannot get at it.
  const std::string& write_token() const { return write_token_; }

 private:
  std::string cookie_name() const;

  int port_;
  std::string token_ = random_secret(), session_ = random_secret(), write_token_ = random_secret();
  std::mutex mutex_;
  bool is_redeemed_ = false;
};

}  // namespace nicohort
