// Calls that print problems, without their lines among those of the tests.
#pragma once

#include <gtest/gtest.h>

namespace nicohort::testing {

template <class Call>
auto quietly(Call&& call) {
  struct Silence {
    Silence() { ::testing::internal::CaptureStderr(); }
    ~Silence() { ::testing::internal::GetCapturedStderr(); }
  } silence;
  return call();
}

}  // namespace nicohort::testing
