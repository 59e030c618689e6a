#include "phantom/demo_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/atomic_file.hpp"
#include "base/each_index.hpp"
#include "base/problem.hpp"
#include "phantom/faults.hpp"
#include "phantom/sample.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

namespace fs = std::filesystem;

constexpr const char* label_map =
    "# What the values of the masks mean.\n"
    "index_map:\n"
    "  0: background\n"
    "  1: esophagus cancer ROI\n"
    "# Short forms, used in file names and columns.\n"
    "short_form_index_map:\n"
    "  0: Bg\n"
    "  1: EsoROI\n";

void check(const DemoOptions& options) {
  if (options.patients < 3)
    throw UsageError("the demo archive has three sites; ask for at least 3 patients");
  const auto& size = options.size;
  for (const std::int64_t n : {size.x, size.y, size.z})
    if (n < 8 || n > 32767)
      throw UsageError("the size of the volumes must be 8 to 32767 voxels in each direction");
}

// The file that is there while an archive is being made, and what it says: the same command may
// take over what it left, nobody else anything.
fs::path begun_file(const DemoOptions& options) {
  return options.folder / ".nicohort-demo";
}
std::string description(const DemoOptions& options) {
  const auto& size = options.size;
  return fmt::format("--patients {} --size {} {} {} --seed {}{}", options.patients, size.x, size.y,
                     size.z, options.seed, options.faults ? " --faults" : "");
}

void begin(const DemoOptions& options) {
  const fs::path begun = begun_file(options);
  if (!fs::exists(begun)) {
    for (const char* file : {"archive", "descriptor/label_map.yaml", "faults.csv"})
      if (fs::exists(options.folder / file))
        throw UsageError(
            fmt::format("{} is there already; name another folder, or remove it if it is not "
                        "needed",
                        (options.folder / file).string()));
    write_file(begun, description(options));
  } else if (const std::string other = read_file(begun, 4096); other != description(options)) {
    throw UsageError(
        fmt::format("{} has an unfinished demo of other options ({}); start that one again, or "
                    "remove the folder",
                    options.folder.string(), other));
  }
}

void finish(const DemoOptions& options) {
  remove_leftovers(options.folder, true);
  std::error_code error;
  fs::remove(begun_file(options), error);
  if (error)
    throw MachineError(fmt::format("cannot remove {}: {}; remove it, the demo is finished",
                                   begun_file(options).string(), error.message()));
}

// One patient in six at each of the external sites, the others in Tongji.
int patients_of(Site site, int all) {
  const int external = std::max(1, all / 6);
  return site == Site::tongji ? all - 2 * external : external;
}

void write_sample(const fs::path& archive, const Patient& patient, Phase phase, Size3 size) {
  const StoredSample sample = make_sample(patient, phase, size);
  write_image(archive / archive_path(patient, phase, ImageKind::volume), sample.volume);
  write_image(archive / archive_path(patient, phase, ImageKind::mask), sample.mask);
}

void write_sheet(const fs::path& archive, Site site, const std::vector<Patient>& good,
                 const std::vector<PlannedFault>& faults) {
  std::vector<Patient> patients;
  std::vector<const PlannedFault*> rows;
  for (const Patient& patient : good)
    if (patient.site == site) patients.push_back(patient), rows.push_back(nullptr);
  for (const PlannedFault& fault : faults)
    if (fault.patient.site == site) patients.push_back(fault.patient), rows.push_back(&fault);
  Table table = clinical_table(patients);
  // From the last row up: an edit may add or remove rows.
  for (std::size_t row = rows.size(); row-- > 0;)
    if (rows[row] && rows[row]->edit_sheet) rows[row]->edit_sheet(table, row);
  write_table(archive / ("data_meta_" + site_dir(site) + ".xlsx"),
              Sheet{"Sheet1", std::move(table)});
}

}  // namespace

std::vector<std::string> make_demo_archive(
    const DemoOptions& options,
    const std::function<void(std::size_t done, std::size_t total)>& progress) {
  check(options);
  begin(options);
  const fs::path archive = options.folder / "archive";
  std::vector<Patient> patients;
  int most = 0;
  for (const Site site : all_sites) {
    const int count = patients_of(site, options.patients);
    most = std::max(most, count);
    for (int i = 0; i < count; ++i) patients.push_back(make_patient(options.seed, site, i));
  }
  const std::vector<PlannedFault> faults =
      options.faults ? plan_faults(options.seed, most, options.size) : std::vector<PlannedFault>{};

  const std::size_t samples = 2 * patients.size(), total = samples + faults.size();
  std::size_t done = 0;
  std::mutex one_at_a_time;
  for_each_index(total, options.jobs, [&](std::size_t i) {
    if (i < samples) {
      write_sample(archive, patients[i / 2], i % 2 == 0 ? Phase::pre : Phase::post, options.size);
    } else {
      faults[i - samples].write(archive);
    }
    const std::lock_guard lock(one_at_a_time);
    ++done;
    if (progress) progress(done, total);
  });

  for (const Site site : all_sites) write_sheet(archive, site, patients, faults);
  write_file(options.folder / "descriptor" / "label_map.yaml", label_map);

  std::vector<std::string> lines;
  Table list{{"file", "fault"}, {}};
  for (const PlannedFault& fault : faults) {
    if (fault.what.empty()) continue;
    const std::string file = "archive/" + fault.file;
    lines.push_back(file + ": " + fault.what);
    list.rows.push_back({file, fault.what});
  }
  if (options.faults) write_table(options.folder / "faults.csv", Sheet{"faults", std::move(list)});
  finish(options);
  return lines;
}

}  // namespace nicohort
