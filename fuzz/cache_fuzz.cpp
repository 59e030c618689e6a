// Files of the cache: damaged lines are passed over, and what is known stays so when it is saved.
#include "dataset/cache.hpp"

#include "folder.hpp"
#include "image/data_type.hpp"
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  const Folder folder;
  folder.write(".nicohort/cache/x.jsonl", text_of(data, size));
  const FileState state{10, 1000, 2000, 7};  // as the seeds have it
  const char* key = "archive/a.nii.gz";
  Cache cache(folder.path());
  cache.save();
  const Cache again(folder.path());
  require(again.sha256(key, state) == cache.sha256(key, state));
  require(again.note("run") == cache.note("run"));
  const auto header = cache.header(key, state), saved = again.header(key, state);
  require((header != nullptr) == (saved != nullptr));
  if (header) require(!name(header->type).empty() && header->type == saved->type);
  return 0;
}
