#include "propose/json_file.hpp"

#include "base/atomic_file.hpp"
#include "base/problem.hpp"

namespace nicohort {

nlohmann::ordered_json read_json_file(const std::filesystem::path& path, std::string& fault) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return nullptr;
  try {
    std::string text = read_file(path, std::size_t{1} << 26);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return nlohmann::ordered_json::parse(text);
  } catch (const nlohmann::ordered_json::exception&) {
    fault = "is not JSON";
  } catch (const BadInput& bad) {
    fault = bad.what();
  } catch (const MachineError& failed) {
    fault = failed.what();
  }
  return nullptr;
}

}  // namespace nicohort
