// Many calls at once: the one place that knows oneTBB.
#pragma once

#include <cstddef>
#include <functional>

namespace nicohort {

// Does some work in which there are no more than this many calls at a time, whatever is asked for:
// the limit of a command. 0: as many as there are cores.
void at_most(int jobs, const std::function<void()>& work);

// `jobs`; 0, or more than the command has: as many as it has.
std::size_t calls_at_once(int jobs);

// Calls work(0) to work(count - 1), begun in this order, calls_at_once(jobs) at a time. Within such
// a call it takes no more threads, but those that have nothing to do. The first exception stops
// what has not begun yet and is thrown again.
void for_each_index(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

}  // namespace nicohort
