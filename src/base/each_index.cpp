#include "base/each_index.hpp"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>

#ifdef NICOHORT_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace nicohort {
namespace {

// ThreadSanitizer does not see inside libtbb, so it is told what oneTBB promises and no more: the
// caller's work comes before every call, and every call before the return to the caller. Two calls
// have no order.
#ifdef NICOHORT_THREAD_SANITIZER
void mark(char& place) {
  __tsan_release(&place);
}
void come_after(char& place) {
  __tsan_acquire(&place);
}
#else
void mark(char&) {}
void come_after(char&) {}
#endif

// Does something at the end of a scope, be it by an exception.
template <class Action>
struct AtEnd {
  Action action;
  ~AtEnd() { action(); }
};
template <class Action>
AtEnd(Action) -> AtEnd<Action>;

}  // namespace

// An arena within another has threads of its own, so there is a new one only to have fewer; else,
// who waits for the end of some work takes nothing of other work meanwhile.
void at_most(int jobs, const std::function<void()>& work) {
  const int threads = static_cast<int>(calls_at_once(jobs));
  if (threads == tbb::this_task_arena::max_concurrency())
    tbb::this_task_arena::isolate([&] { work(); });
  else
    tbb::task_arena(threads).execute([&] { work(); });
}

std::size_t calls_at_once(int jobs) {
  const int most = tbb::this_task_arena::max_concurrency();  // all cores but within at_most()
  return jobs > 0 ? std::min(jobs, most) : most;
}

void for_each_index(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;  // oneTBB begins in the middle, too
  char begin = 0, end = 0;
  const AtEnd returns{[&] { come_after(end); }};
  mark(begin);
  at_most(jobs, [&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, count, 1),
        [&](const auto& range) {
          come_after(begin);
          const AtEnd marks{[&] { mark(end); }};
          for (std::size_t i = range.begin(); i != range.end(); ++i) work(next.fetch_add(1));
        },
        tbb::simple_partitioner{});
  });
}

}  // namespace nicohort
