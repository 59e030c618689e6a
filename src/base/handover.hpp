// Pieces of an image that one thread makes and another uses.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace nicohort {

// How many threads work on one image. The same comes out, errors too.
enum class Threads {
  one,
  more,  // beside the one that works on the voxels: some read ahead, encode and write behind it
};

// Throws MachineError if the system has no more threads.
std::jthread start_thread(std::function<void()> work);

// A few places for pieces. One thread fills them, and another uses each in its place, in order. A
// place is filled again when its piece has been used, so that vectors in it keep their memory.
template <class Piece>
class Handover {
 public:
  // Calls fill(piece), once a place is free, which gives whether there is another piece; it is
  // handed over then. Gives whether to go on: not where there is none, and where nobody uses any
  // more.
  template <class Fill>
  bool put(Fill&& fill) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_stopped_ || put_ - used_ < places_.size(); });
      if (is_stopped_) return false;
    }
    if (!fill(places_[put_ % places_.size()])) return false;
    change([this] { ++put_; });
    return true;
  }

  // No more pieces come. failure: why; it comes out when those before have been used.
  void end(std::exception_ptr failure = {}) {
    change([&] {
      is_ended_ = true;
      if (!failure_) failure_ = std::move(failure);
    });
  }

  // Calls work(piece) for every piece until the end, or until it throws: rethrow() says what.
  template <class Work>
  void use(Work&& work) {
    std::exception_ptr failure;
    try {
      while (is_one_there()) {
        work(std::as_const(places_[used_ % places_.size()]));
        change([this] { ++used_; });
      }
    } catch (...) {
      failure = std::current_exception();
    }
    change([&] {
      is_stopped_ = true;
      if (failure) failure_ = std::move(failure);  // of a piece before what end() told
    });
  }

  // Nothing is used any more but the piece that is in use now.
  void stop() {
    change([this] { is_stopped_ = true; });
  }

  // Throws what use() was ended by, if it was not the end.
  void rethrow() {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  bool is_one_there() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopped_ || is_ended_ || used_ < put_; });
    return !is_stopped_ && used_ < put_;
  }
  template <class Change>
  void change(Change&& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_one();  // only one of the two threads can wait
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Piece, 3> places_;
  std::size_t put_ = 0, used_ = 0;  // pieces; each is changed by one thread
  bool is_ended_ = false, is_stopped_ = false;
  std::exception_ptr failure_;
};

// Works on pieces in a thread of its own, behind the one that makes them.
template <class Piece>
class Behind {
 public:
  explicit Behind(std::function<void(const Piece&)> work)
      : thread_(start_thread([this, work = std::move(work)] { pieces_.use(work); })) {}
  // What has not been worked on is dropped, unless it is finished.
  ~Behind() { pieces_.stop(); }
  Behind(const Behind&) = delete;
  Behind& operator=(const Behind&) = delete;

  // Calls fill(piece), once there is a place for it. Throws what the work on one before threw.
  template <class Fill>
  void put(Fill&& fill) {
    const bool goes_on = pieces_.put([&](Piece& piece) {
      fill(piece);
      return true;
    });
    if (!goes_on) pieces_.rethrow();
  }
  // Waits until all has been worked on. Throws what that threw.
  void finish() {
    pieces_.end();
    thread_.join();
    pieces_.rethrow();
  }

 private:
  Handover<Piece> pieces_;
  std::jthread thread_;
};

// Calls use(piece) for every piece that fill(piece) makes, until it gives false. Where there are
// more threads, fill() works ahead in one of its own.
template <class Piece, class Fill, class Use>
void fill_and_use(Threads threads, Fill&& fill, Use&& use) {
  if (threads == Threads::one) {
    Piece piece;
    while (fill(piece)) use(std::as_const(piece));
    return;
  }
  Handover<Piece> pieces;
  std::jthread filling = start_thread([&] {
    std::exception_ptr failure;
    try {
      while (pieces.put(fill)) {
      }
    } catch (...) {
      failure = std::current_exception();
    }
    pieces.end(std::move(failure));
  });
  pieces.use(use);
  filling.join();
  pieces.rethrow();
}

}  // namespace nicohort
