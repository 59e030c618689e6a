// Images as browsers can unpack them: their DecompressionStream takes one gzip member and refuses
// what follows it, as bgzip and others write it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace nicohort {

// Whether the file's last gzip member has all that its header asks for. Also true for a file that
// is no image: nothing is gained by packing it anew.
bool is_one_member(const std::filesystem::path& image);

// The image's content as one gzip member, made a piece at a time.
class OneMember {
 public:
  // Throws BadInput.
  explicit OneMember(const std::filesystem::path& image);
  ~OneMember();

  // The next bytes, until the call after; none at the end. Throws BadInput on damage.
  std::span<const std::byte> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
