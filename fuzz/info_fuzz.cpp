// Info files: what was read, written and read again is the same.
#include "dataset/samples.hpp"
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  SampleInfo info;
  if (!is_good([&] { info = parse_info(std::string(text_of(data, size))); })) return 0;
  const SampleInfo again = parse_info(info_text(info));
  require(again.id == info.id && again.site == info.site && again.phase == info.phase &&
          again.pid == info.pid && again.attributes == info.attributes);
  return 0;
}
