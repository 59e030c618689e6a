// What `nicohort doctor` looks at, one by one.
#pragma once

#include <string>
#include <vector>

namespace nicohort {

enum class Grade {
  good,
  weak,    // everything works, but slowly, or not between machines
  unsafe,  // something cannot work, or data may be lost
};

struct Check {
  std::string name;   // `file locks`
  std::string found;  // `work, also between machines`
  Grade grade = Grade::good;
  std::string remedy = {};  // what it leads to and what to do; of what is good: none
};
using Checks = std::vector<Check>;

}  // namespace nicohort
