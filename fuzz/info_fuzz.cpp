// Info files: what was read, written and read again is the same.
#include "dataset/info.hpp"
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  const InfoKeys keys{{"site", "phase", "pid"}, {}, true};
  SampleInfo info;
  if (!is_good([&] { info = parse_info(std::string(text_of(data, size)), keys); })) return 0;
  const SampleInfo again = parse_info(info_text(info), keys);
  require(again.id == info.id && again.parts == info.parts && again.attributes == info.attributes);
  return 0;
}
