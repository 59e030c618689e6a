// cpp-httplib's server, kept within limits that its release in Debian (0.11) lacks: lines of a
// header without end (its issue 2530), many ranges of a large file (its issue 1766), a stop that
// waits for idle connections (its issue 1959).
#pragma once

#include <httplib.h>

#include <atomic>

namespace nicohort {

class LimitedServer : public httplib::Server {
 public:
  // Bytes of a request's body; more is answered with 413.
  static constexpr std::size_t max_body = 64 << 10;

  LimitedServer();

  // Listens on 127.0.0.1 and gives the port; 0: any that is free. Throws MachineError.
  int bind(int port);

  // Ends listening and all open connections soon; any thread.
  void stop_soon();

 private:
  bool process_and_close_socket(socket_t socket) override;

  std::atomic<bool> is_stopping_ = false;
};

}  // namespace nicohort
