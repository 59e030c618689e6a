#include "dataset/token.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

namespace nicohort {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

// Process numbers can be compared where both are the same: containers have their own.
std::string boot() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  std::error_code error;
  return id + " " + std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

// Of proc(5)'s stat the 22nd field, when the process started; `ended` for one whose parent has not
// asked for its status yet; empty where it may not be read. The second is a name in brackets that
// can have anything in it.
std::string start_of(int process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return "";
  std::istringstream fields(text.substr(bracket + 1));
  std::string field;
  for (int i = 3; i <= 22 && fields >> field; ++i)
    if (i == 3 && (field == "Z" || field == "X")) return "ended";
  return field;
}

std::string fit_for_a_name(std::string host) {
  host.resize(std::min<std::size_t>(host.size(), 40));
  for (char& c : host)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '-';
  return host;
}

}  // namespace

Token make_token() {
  std::random_device random;
  Token token{host_name(), boot(), ::getpid(), start_of(::getpid()), ""};
  token.text = fmt::format("{}-{}-{:08x}{:08x}", fit_for_a_name(token.host), token.process,
                           random(), random());
  return token;
}

bool is_gone(const Token& token) {
  static const std::string here = boot();
  if (token.boot != here || token.process <= 0) return false;
  if (::kill(token.process, 0) != 0 && errno == ESRCH) return true;
  // Of other users' processes it may not be told.
  const std::string started = start_of(token.process);
  return !started.empty() && started != token.started;
}

}  // namespace nicohort
