// Many calls at once: the one place that knows oneTBB.
#pragma once

#include <cstddef>
#include <functional>

namespace nicohort {

// `jobs`; 0, or more than there are cores: as many as there are cores.
std::size_t calls_at_once(int jobs);

// Calls work(0) to work(count - 1), begun in this order, calls_at_once(jobs) at a time. The first
// exception stops what has not begun yet and is thrown again.
void for_each_index(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

}  // namespace nicohort
