#include "view/limited_server.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "base/problem.hpp"

namespace nicohort {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr const char* loopback = "127.0.0.1";
constexpr std::size_t max_head = 16 << 10;  // bytes of a request's first line and headers
constexpr std::size_t max_leftover = 1 << 20;
constexpr auto longest_request = 10s, longest_silence = 30s, longest_leftover = 1s;
constexpr auto look_around = 100ms;  // how often a waiting connection asks whether to stop

// The bytes of one request and its answer.
class LimitedStream final : public httplib::Stream {
 public:
  LimitedStream(socket_t socket, const std::atomic<bool>& is_stopping)
      : socket_(socket), is_stopping_(is_stopping) {}

  bool is_readable() const override {
    return position_ < filled_ || wait_for(POLLIN, Clock::now() + longest_silence);
  }
  bool is_writable() const override { return wait_for(POLLOUT, Clock::now() + longest_silence); }

  ssize_t read(char* into, size_t size) override {
    if (position_ == filled_ && !fill()) return -1;
    const std::size_t count = std::min(size, filled_ - position_);
    std::copy_n(buffer_.data() + position_, count, into);
    position_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* bytes, size_t size) override {
    if (!is_writable()) return -1;
    return ::send(socket_, bytes, size, MSG_NOSIGNAL);
  }

  // Reads what is left of the request: closing before that would take the answer from the client.
  void read_leftover() {
    const auto deadline = Clock::now() + longest_leftover;
    for (std::size_t count = 0; count < max_leftover && wait_for(POLLIN, deadline);) {
      const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) return;
      count += static_cast<std::size_t>(got);
    }
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = loopback;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = loopback;
    port = 0;
  }
  socket_t socket() const override { return socket_; }

 private:
  bool wait_for(short event, Clock::time_point deadline) const {
    while (!is_stopping_ && Clock::now() < deadline) {
      pollfd waiting{socket_, event, 0};
      const int ready = ::poll(&waiting, 1, std::chrono::milliseconds(look_around).count());
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
    return false;
  }

  bool fill() {
    if (received_ >= max_head + LimitedServer::max_body || !wait_for(POLLIN, deadline_))
      return false;
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return false;
    position_ = 0;
    filled_ = static_cast<std::size_t>(got);
    received_ += filled_;
    return true;
  }

  socket_t socket_;
  const std::atomic<bool>& is_stopping_;
  const Clock::time_point deadline_ = Clock::now() + longest_request;
  std::array<char, 4096> buffer_{};
  std::size_t position_ = 0, filled_ = 0, received_ = 0;
};

// Of what the library would do for a client: no ranges, and no compression on the way to oneself.
void simplify(httplib::Request& request) {
  request.ranges.clear();
  request.headers.erase("Accept-Encoding");
}

}  // namespace

LimitedServer::LimitedServer() {
  set_payload_max_length(max_body);
  // Browsers open connections ahead of need; each keeps a thread until it is used or times out.
  new_task_queue = [] { return new httplib::ThreadPool(32); };
  // The library's own option lets a second server take the same port, unnoticed.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

int LimitedServer::bind(int port) {
  const bool is_any = port == 0;
  if (is_any) port = bind_to_any_port(loopback);
  if (is_any ? port <= 0 : !bind_to_port(loopback, port))
    throw MachineError(
        fmt::format("cannot listen on port {} of {}: another program uses it, or you are not "
                    "allowed to use it; choose another one with --port, or leave --port out",
                    port, loopback));
  return port;
}

void LimitedServer::stop_soon() {
  is_stopping_ = true;
  stop();
}

bool LimitedServer::process_and_close_socket(socket_t socket) {
  LimitedStream stream(socket, is_stopping_);
  try {
    // One request a connection: nothing waits between two of them.
    bool is_closed = false;
    process_request(stream, true, is_closed, simplify);
  } catch (const std::exception&) {
    // Out of memory for one request: the connection is closed without an answer.
  }
  ::shutdown(socket, SHUT_WR);
  stream.read_leftover();
  ::close(socket);
  return true;
}

}  // namespace nicohort
