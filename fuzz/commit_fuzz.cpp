// What a stopped command decided: its plan, its record, and the names of its files, with a line
// `====` between them. Whatever they say, nothing is touched outside the dataset, or of another
// sample.
#include "dataset/decided_sample.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <sstream>

#include "folder.hpp"
#include "input.hpp"

namespace {

namespace fs = std::filesystem;
const char* const id = "TJ_0012_pre";

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void complete(const fs::path& dataset, const fs::path& place) {
  using namespace nicohort;
  try {
    const DecidedSample sample = DecidedSample::read(dataset, place);
    sample.move_into_place();
    sample.clear();
  } catch (const MachineError&) {  // it is not what a nicohort leaves there
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  constexpr std::string_view border = "\n====\n";
  std::string_view rest = text_of(data, size);
  const auto next = [&] {
    const std::size_t end = std::min(rest.find(border), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + border.size(), rest.size()));
    return part;
  };
  const Folder folder;
  const fs::path dataset = folder.path() / "grouped",
                 place = fs::path("grouped/.nicohort/commit/x") / id;
  const std::string_view plan = next(), record = next();
  if (!plan.empty()) folder.write(place / "plan.json", plan);
  if (!record.empty()) folder.write(place / "record.json", record);
  std::istringstream names{std::string(rest)};
  for (std::string name; std::getline(names, name);)
    if (!name.empty() && name.size() < 100 && name.find('/') == name.npos &&
        name.find('\0') == name.npos)
      folder.write(place / name, "new");
  const fs::path kept[] = {
      folder.path() / "victim", dataset / "TJ/pre/TJ_0013_pre/TJ_0013_pre_mask.nii.gz",
      dataset / ".nicohort/TJ_0013_pre.json", dataset / "dataset_manifest.xlsx"};
  for (const fs::path& file : kept) folder.write(file, "old");
  const std::string own = std::string("grouped/TJ/pre/") + id + "/" + id;
  folder.write(own + "_mask.nii.gz", "old");
  const timespec times[2] = {};  // as the seeds have it
  ::utimensat(AT_FDCWD, (folder.path() / (own + "_mask.nii.gz")).c_str(), times, 0);
  is_good([&] { complete(dataset, folder.path() / place); });
  for (const fs::path& file : kept) require(bytes_of(file) == "old");
  for (const auto& entry : fs::directory_iterator(folder.path()))
    require(entry.path() == dataset || entry.path() == kept[0]);
  return 0;
}
