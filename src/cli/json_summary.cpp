#include "cli/json_summary.hpp"

#include <fmt/format.h>

#include <new>
#include <nlohmann/json.hpp>

#include "base/interrupt.hpp"

namespace nicohort {
namespace {

constexpr int bad_usage = 2, machine_failed = 3, by_signal = 128;

}  // namespace

std::string text_of(const JsonSummary& summary) {
  using Json = nlohmann::ordered_json;
  Json json{
      {"nicohort", NICOHORT_VERSION}, {"command", summary.command}, {"status", summary.status}};
  if (!summary.error.empty()) json["error"] = summary.error;
  if (!summary.output.empty()) json["output"] = summary.output;
  json["summary"] = summary.summary;
  json["notes"] = summary.notes;
  json["warnings"] = summary.warnings;
  json["problems"] = Json::array();
  for (const Problem& problem : summary.problems)
    json["problems"].push_back(
        {{"subject", problem.subject}, {"kind", name_of(problem.kind)}, {"problem", problem.what}});
  json["files"] = summary.files;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Failure current_failure() {
  try {
    throw;
  } catch (const UsageError& error) {
    return {bad_usage, error.what()};
  } catch (const BadInput& bad) {
    // Not one file among many but the one that the command cannot do without.
    return {bad_usage, bad.subject().empty() ? std::string(bad.what())
                                             : fmt::format("{}: {}", bad.subject(), bad.what())};
  } catch (const Interrupted& stop) {
    return {by_signal + stop.signal(),
            "interrupted; no incomplete file is left. Run the same command again to continue."};
  } catch (const std::bad_alloc&) {
    return {machine_failed, "out of memory; try --jobs 1"};
  } catch (const std::exception& error) {
    return {machine_failed, error.what()};
  }
}

}  // namespace nicohort
