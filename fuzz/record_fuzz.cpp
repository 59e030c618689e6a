// Records: what was read, written and read again is the same, and its files are the sample's own.
#include "dataset/record.hpp"

#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  const std::string id = "TJ_0012_pre";
  SampleRecord record;
  if (!is_good([&] { record = parse_record(std::string(text_of(data, size)), id); })) return 0;
  require(record.id == id);
  const std::filesystem::path folder(record.folder);
  require(folder.empty() ? record.files.empty() : folder.is_relative() && folder.filename() == id);
  for (const auto& name : folder) require(!name.native().starts_with('.'));
  for (const auto& [name, sha256] : record.files)
    require(name.starts_with(id) && name.find('/') == name.npos);
  record.all_problems();
  const std::string text = record_text(record);
  require(record_text(parse_record(text, id)) == text);
  return 0;
}
