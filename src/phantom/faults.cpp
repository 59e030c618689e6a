#include "phantom/faults.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "base/atomic_file.hpp"
#include "phantom/damage.hpp"

namespace nicohort {
namespace {

namespace fs = std::filesystem;

// Deals out patients and writes down what is planned for them.
class Planner {
 public:
  Planner(std::uint64_t seed, int first_index, Size3 size)
      : seed_(seed),
        next_{first_index, first_index, first_index},
        size_{std::min<std::int64_t>(size.x, 40), std::min<std::int64_t>(size.y, 40),
              std::min<std::int64_t>(size.z, 16)} {}

  std::vector<PlannedFault> take() { return std::move(plan_); }

  PlannedFault& add(Site site, ImageKind kind, std::string what) {
    PlannedFault fault;
    fault.patient = make_patient(seed_, site, next_[std::size_t(site)]++);
    fault.file = archive_path(fault.patient, Phase::pre, kind).generic_string();
    fault.what = std::move(what);
    rewrite_good(fault);
    return plan_.emplace_back(std::move(fault));
  }

  // One file of the pre-therapy sample is altered before or damaged after it is written.
  void file(Site site, ImageKind kind, std::string what, const Alter& alter,
            const Damage& damage = {}) {
    PlannedFault& fault = add(site, kind, std::move(what));
    fault.write = [good = fault.write, file = fault.file, patient = fault.patient, size = size_,
                   kind, alter, damage](const fs::path& archive) {
      good(archive);
      if (alter) {
        StoredSample sample = make_sample(patient, Phase::pre, size);
        ImageDraft image = draft(kind == ImageKind::volume ? sample.volume : sample.mask);
        alter(image);
        write_gzip(archive / file, whole(image));
      }
      if (damage) damage(archive / file);
    };
  }
  void volume(Site site, std::string what, const Alter& alter) {
    file(site, ImageKind::volume, std::move(what), alter);
  }
  void mask(Site site, std::string what, const Alter& alter) {
    file(site, ImageKind::mask, std::move(what), alter);
  }
  void disk(Site site, std::string what, const std::function<void(std::string&)>& change) {
    file(site, ImageKind::volume, std::move(what), {}, on_disk(change));
  }

  // After the patient's identifier changed.
  void rewrite_good(PlannedFault& fault) const {
    fault.write = [patient = fault.patient, size = size_](const fs::path& archive) {
      for (const Phase phase : {Phase::pre, Phase::post}) write_good(archive, patient, phase, size);
    };
  }

 private:
  static void write_good(const fs::path& archive, const Patient& patient, Phase phase, Size3 size) {
    const StoredSample sample = make_sample(patient, phase, size);
    write_image(archive / archive_path(patient, phase, ImageKind::volume), sample.volume);
    write_image(archive / archive_path(patient, phase, ImageKind::mask), sample.mask);
  }

  std::uint64_t seed_;
  std::array<int, 3> next_;
  Size3 size_;
  std::vector<PlannedFault> plan_;
};

constexpr Site tj = Site::tongji, syth = Site::shiyan_taihe, xy = Site::xiangyang;

void plan_damaged_gzip(Planner& plan) {
  plan.disk(tj, "gzip stream cut off in the middle",
            [](std::string& s) { s.resize(s.size() / 2); });
  plan.disk(syth, "compressed bytes overwritten in the middle", [](std::string& s) {
    for (std::size_t i = s.size() / 2; i < s.size() / 2 + 64; ++i) s[i] = char(0xff);
  });
  plan.disk(xy, "gzip checksum wrong", [](std::string& s) { s[s.size() - 8] ^= 0x5a; });
  plan.disk(tj, "gzip length field wrong", [](std::string& s) { s[s.size() - 4] ^= 0x5a; });
  plan.disk(syth, "not an image: text with the name of one",
            [](std::string& s) { s = "This image could not be exported.\n"; });
  plan.disk(xy, "empty file", [](std::string& s) { s.clear(); });
}

void plan_damaged_headers(Planner& plan) {
  using namespace nifti1;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  plan.volume(tj, "last slice missing: the header asks for more bytes than there are",
              [](ImageDraft& d) { d.voxels.resize(d.voxels.size() - slice_bytes(d)); });
  plan.volume(syth, "a slice too many: the header asks for fewer bytes than there are",
              [](ImageDraft& d) { d.voxels.resize(d.voxels.size() + slice_bytes(d)); });
  plan.volume(xy, "negative size", field(dim + 2, std::int16_t(-40)));
  plan.volume(tj, "impossibly large size (32767 in each direction)", [](ImageDraft& d) {
    for (std::size_t i = 1; i <= 3; ++i) put(d.header, dim + 2 * i, std::int16_t(32767));
  });
  plan.volume(syth, "size 0", field(dim + 4, std::int16_t(0)));
  plan.volume(xy, "spacing 0", field(pixdim + 4, 0.f));
  plan.volume(tj, "spacing not a number", field(pixdim + 12, nan));
  plan.volume(syth, "affine not a number", [=](ImageDraft& d) { set_affine_entry(d, 1, 3, nan); });
  plan.volume(xy, "affine singular: two axes point the same way", [](ImageDraft& d) {
    for (std::size_t row = 0; row < 3; ++row)
      set_affine_entry(d, row, 1, get<float>(d.header, srow + 16 * row));
  });
  plan.volume(tj, "two volumes in one file", [](ImageDraft& d) {
    put(d.header, dim, std::int16_t(4));
    put(d.header, dim + 8, std::int16_t(2));
    const Bytes first = d.voxels;
    d.voxels.insert(d.voxels.end(), first.begin(), first.end());
  });
  plan.volume(syth, "colour image (RGB24)", [](ImageDraft& d) { retype_compound(d, 128, 3); });
  plan.volume(xy, "complex image (complex64)", [](ImageDraft& d) { retype_compound(d, 32, 8); });
  plan.volume(tj, "header of a two-file image (.hdr/.img) without its second file",
              field(magic, std::array<char, 4>{'n', 'i', '1', 0}));
}

void plan_odd_masks(Planner& plan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  plan.mask(xy, "mask has a slice fewer than the volume", [](ImageDraft& d) {
    d.voxels.resize(d.voxels.size() - slice_bytes(d));
    put(d.header, nifti1::dim + 6, std::int16_t(get<std::int16_t>(d.header, nifti1::dim + 6) - 1));
  });
  plan.mask(xy, "mask lies 5 voxels beside the volume", [](ImageDraft& d) {
    const float shift = 5 * get<float>(d.header, nifti1::srow);
    set_affine_entry(d, 0, 3, get<float>(d.header, nifti1::srow + 12) + shift);
  });
  plan.mask(xy, "mask value 1.5", label_becomes(DataType::float32, 1.5f));
  plan.mask(syth, "mask value 300", label_becomes(DataType::int16, std::int16_t(300)));
  plan.mask(syth, "mask value -1", label_becomes(DataType::int16, std::int16_t(-1)));
  plan.mask(xy, "mask value not a number", label_becomes(DataType::float32, nan));
  plan.mask(tj, "mask value 7, which the label map does not have",
            label_becomes(DataType::uint8, std::uint8_t(7)));
}

void plan_odd_files(Planner& plan) {
  const auto path = [](const fs::path& archive, const Patient& patient, Phase phase,
                       ImageKind kind) { return archive / archive_path(patient, phase, kind); };
  // A good patient with a stray file beside the good ones.
  const auto stray = [&](Site site, std::string what, const std::string& before_pid,
                         const std::string& after_pid, auto write) {
    PlannedFault& fault = plan.add(site, ImageKind::volume, std::move(what));
    const std::string good_file = fault.file;
    fault.file = (fs::path(good_file).parent_path() / (before_pid + fault.patient.pid + after_pid))
                     .generic_string();
    fault.write = [good = fault.write, good_file, file = fault.file,
                   write](const fs::path& archive) {
      good(archive);
      write(archive / good_file, archive / file);
    };
  };
  const auto copy = [](const fs::path& from, const fs::path& to) {
    write_file(to, disk_bytes(from));
  };
  stray(tj, "name does not fit the pattern", "TJ-", " (copy).nii.gz", copy);
  stray(xy, "name begins with another site's letters", "TJ_", ".nii.gz", copy);
  stray(tj, "same sample twice: .nii beside .nii.gz", "TJ_", ".nii",
        [](const fs::path& from, const fs::path& to) { write_file(to, text_of(inflated(from))); });

  const auto without = [&](Site site, std::string what, ImageKind shown, Phase phase,
                           const std::vector<ImageKind>& kinds) {
    PlannedFault& fault = plan.add(site, shown, std::move(what));
    fault.write = [=, good = fault.write, patient = fault.patient](const fs::path& archive) {
      good(archive);
      for (const ImageKind kind : kinds) fs::remove(path(archive, patient, phase, kind));
    };
  };
  without(syth, "patient has no post-therapy sample", ImageKind::volume, Phase::post,
          {ImageKind::volume, ImageKind::mask});
  without(syth, "volume without mask", ImageKind::volume, Phase::pre, {ImageKind::mask});
  without(xy, "mask without volume", ImageKind::mask, Phase::pre, {ImageKind::volume});
}

void plan_odd_sheets(Planner& plan) {
  const auto sheet = [&](Site site, std::string what,
                         std::function<void(Table&, std::size_t)> edit) -> PlannedFault& {
    PlannedFault& fault = plan.add(site, ImageKind::volume, std::move(what));
    fault.file = "data_meta_" + site_dir(site) + ".xlsx";
    fault.edit_sheet = std::move(edit);
    return fault;
  };
  PlannedFault& lacking = plan.add(tj, ImageKind::volume, "images without metadata");
  lacking.edit_sheet = [](Table& table, std::size_t row) {
    table.rows.erase(table.rows.begin() + std::ptrdiff_t(row));
  };
  sheet(xy, "metadata without images", [](Table&, std::size_t) {}).write = [](const fs::path&) {};
  sheet(syth, "key twice in the sheet", [](Table& table, std::size_t row) {
    std::vector<Cell> again = table.rows[row];
    again[2] = std::get<double>(again[2]) + 1;  // the age
    table.rows.insert(table.rows.begin() + std::ptrdiff_t(row) + 1, std::move(again));
  });
  PlannedFault& stripped =
      sheet(xy, "key lost its leading zeros", [](Table& table, std::size_t row) {
        Cell& key = table.rows[row][0];
        key = std::stod(to_text(key));
      });
  // Not every hospital number has zeros to lose.
  stripped.patient.pid = "00" + stripped.patient.pid.substr(2);
  plan.rewrite_good(stripped);
}

// Unusual, but as the standards allow: nobody may complain about these.
void plan_unusual(Planner& plan) {
  plan.file(tj, ImageKind::volume, "", {}, [](const fs::path& path) {
    const Bytes bytes = inflated(path);
    const auto all = std::span(bytes);
    write_gzip(path, all.first(bytes.size() / 3));
    const std::string first = disk_bytes(path);
    write_gzip(path, all.subspan(bytes.size() / 3));
    write_file(path, first + disk_bytes(path));
  });
  plan.volume(xy, "", to_nifti2);
  plan.volume(tj, "", to_big_endian);
  plan.volume(syth, "", [](ImageDraft& d) {
    put(d.header, nifti1::dim, std::int16_t(5));
    put(d.header, nifti1::dim + 8, std::array<std::int16_t, 2>{1, 1});
  });
  // Missing values within the tumour; thresholding takes them out of the mask.
  plan.file(xy, ImageKind::volume, "", [](ImageDraft& d) {
    retype(d, DataType::float32);
    const auto middle = d.image.values.size() / 2;
    for (std::size_t i = middle - middle / 4; i < middle + middle / 4; i += 3)
      put(d.voxels, i * sizeof(float), std::numeric_limits<float>::quiet_NaN());
  });
}

}  // namespace

std::vector<PlannedFault> plan_faults(std::uint64_t seed, int first_index, Size3 size) {
  Planner plan(seed, first_index, size);
  plan_damaged_gzip(plan);
  plan_damaged_headers(plan);
  plan_odd_masks(plan);
  plan_odd_files(plan);
  plan_odd_sheets(plan);
  plan_unusual(plan);
  return plan.take();
}

}  // namespace nicohort
