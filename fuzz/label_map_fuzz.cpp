// Label maps: the names must be fit for file names.
#include "input.hpp"
#include "recipe/label_map.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  is_good([&] {
    for (const auto& [label, name] : parse_label_map(text_of(data, size), "input"))
      require(!name.empty() && name.find_first_of(std::string_view("/\\ \n\0", 5)) == name.npos);
  });
  return 0;
}
