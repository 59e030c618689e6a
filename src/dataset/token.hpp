// A name that one process has and no other ever had.
#pragma once

#include <string>

namespace nicohort {

struct Token {
  std::string host;
  std::string boot;  // of this start of the machine, and of the process numbers that are seen
  int process = 0;
  std::string started;  // when the process did, in the machine's ticks: process numbers come again
  std::string text;     // fit for a file name
};

// Another one with each call.
Token make_token();

// Whether the process of a token is gone. Nothing is known of other machines' processes: false.
bool is_gone(const Token& token);

}  // namespace nicohort
