#include "phantom/clinical.hpp"

#include <chrono>
#include <cmath>

#include "phantom/dice.hpp"

namespace nicohort {
namespace {

std::string digits(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// Hospital numbers: in Tongji ten digits, often with leading zeros; in Shiyan-Taihe nine; in
// Xiangyang eight, some with a leading zero. A slice of the range for each patient keeps them
// apart.
std::string make_pid(Dice& dice, Site site, int index) {
  const auto within = [&](std::uint64_t slice) {
    return std::uint64_t(index) * slice + dice.bits() % slice;
  };
  switch (site) {
    case Site::tongji:
      return index % 3 == 0 ? digits(12000000 + within(9973), 10)
                            : digits(1726000000 + within(99991), 10);
    case Site::shiyan_taihe:
      return digits(189000000 + within(7919), 9);
    case Site::xiangyang:
      break;
  }
  return index % 2 == 0 ? digits(4100000 + within(997), 8) : digits(20170000 + within(9973), 8);
}

// Clinical stage of squamous cell carcinoma of the oesophagus (AJCC, 8th edition).
std::string stage(int t, int n) {
  if (t == 4 || n == 3) return "IVA";
  if (n == 2 || (t == 3 && n == 1)) return "III";
  return t == 1 && n == 0 ? "I" : "II";
}

double round_to(double value, double step) {
  return std::round(value / step) * step;
}

constexpr const char* location[] = {"Upper thoracic", "Middle thoracic", "Lower thoracic"};

int region_of(const Tumour& tumour) {
  return tumour.z > 11 ? 0 : tumour.z < -11 ? 2 : 1;
}

std::vector<Cell> record(const Patient& patient) {
  using namespace std::chrono;
  Dice dice(hash_keys(patient.key, 2));
  const auto yes_or_no = [&](double probability) { return double(dice.chance(probability)); };
  const auto pick = [&](auto&... texts) {
    const std::string choices[] = {texts...};
    return choices[std::size_t(dice.integer(0, int(sizeof...(texts)) - 1))];
  };
  const bool man = dice.chance(0.8);
  const int t = patient.before.thickness > 9 ? dice.integer(3, 4) : dice.integer(2, 3);
  const int n = dice.integer(0, 2);
  const int cycles = dice.integer(2, 4);
  const sys_days start = sys_days{2019y / January / 7} + days{dice.integer(0, 1700)};
  const sys_days surgery = start + days{21 * cycles + dice.integer(14, 42)};
  const bool measured = !dice.chance(0.1);
  const double height = std::round(dice.uniform(158, 180) - (man ? 0 : 8));
  const double weight = round_to(dice.uniform(18.5, 27) * height * height / 1e4, 0.5);
  const double bmi = std::round(weight / (height * height / 1e4) * 100) / 100;
  const int grade = patient.regression_grade;
  const bool complete = grade == 0;
  const int pt = complete ? 0 : std::min(t, grade == 1 ? dice.integer(1, 2) : dice.integer(2, 3));
  const int pn = complete ? 0 : std::min(n, dice.integer(0, 2));
  const bool recurred = dice.chance(complete ? 0.1 : 0.15 + 0.15 * grade);
  const bool graded = !complete && dice.chance(0.85);
  const double survival =
      std::round(10 * (recurred ? dice.uniform(9, 36) : dice.uniform(24, 60))) / 10;

  std::vector<Cell> row;
  const auto text = [&](const std::string& value) { row.emplace_back(value); };
  const auto number = [&](double value, bool known = true) {
    if (known)
      row.emplace_back(value);
    else
      row.emplace_back();
  };
  if (patient.site == Site::shiyan_taihe)
    number(std::stod(patient.pid));
  else
    text(patient.pid);
  text(man ? "Male" : "Female");
  number(dice.integer(45, 76));
  text(pick("Paclitaxel + Cisplatin", "Albumin-bound paclitaxel + Carboplatin",
            "Docetaxel + Nedaplatin"));
  text(pick("Camrelizumab", "Tislelizumab", "Sintilimab", "Pembrolizumab"));
  text(location[region_of(patient.before)]);
  text("cT" + std::to_string(t) + (t == 4 ? "a" : ""));
  text("cN" + std::to_string(n));
  text(stage(t, n));
  row.emplace_back(DateTime{year_month_day{start}});
  row.emplace_back(DateTime{year_month_day{surgery}});
  number(yes_or_no(0.3));
  number(yes_or_no(0.12));
  number(yes_or_no(man ? 0.5 : 0.05));
  number(yes_or_no(man ? 0.6 : 0.05));
  number(cycles);
  number(height, measured);
  number(weight, measured);
  number(bmi, measured);
  number(!dice.chance(0.04 * grade));
  number(graded ? dice.integer(1, 3) : 0, !complete);
  number(grade);
  number(grade <= 1);
  text("ypT" + std::to_string(pt) + (pt == 4 ? "a" : ""));
  text("ypN" + std::to_string(pn));
  number(complete);
  number(pn > 0);
  text(recurred ? pick("Locoregional", "Distant") : "None");
  number(survival, !dice.chance(0.08));
  number(yes_or_no(0.9));
  return row;
}

}  // namespace

std::string site_id(Site site) {
  return site == Site::tongji ? "TJ" : site == Site::shiyan_taihe ? "SYTH" : "XY";
}

std::string site_dir(Site site) {
  return site == Site::tongji         ? "tongji"
         : site == Site::shiyan_taihe ? "shiyan-taihe"
                                      : "xiangyang";
}

Patient make_patient(std::uint64_t seed, Site site, int index) {
  Patient patient;
  patient.site = site;
  patient.key = hash_keys(seed, site, index);
  Dice dice(hash_keys(patient.key, 1));
  patient.pid = make_pid(dice, site, index);
  patient.tilted = site == Site::shiyan_taihe && index % 2 == 0;
  patient.mask_displaced = site == Site::xiangyang && index == 0;
  patient.regression_grade = index % 3 == 1 ? 0 : dice.integer(1, 3);
  patient.before = {float(dice.uniform(-24, 24)), float(dice.uniform(20, 34)),
                    float(dice.uniform(6.5, 12))};
  // What is left of length and thickness. A complete response leaves a scar that is outlined all
  // the same.
  constexpr float length[] = {0.45f, 0.70f, 0.82f, 0.94f};
  constexpr float thickness[] = {0.22f, 0.40f, 0.60f, 0.82f};
  const auto grade = std::size_t(patient.regression_grade);
  const float luck = float(dice.uniform(0.92, 1.06));
  patient.after = {patient.before.z + float(dice.uniform(-3, 3)),
                   patient.before.half_length * length[grade],
                   patient.before.thickness * thickness[grade] * luck};
  return patient;
}

Table clinical_table(std::span<const Patient> patients) {
  Table table;
  table.columns = {"PID",
                   "Sex",
                   "Age",
                   "Chemotherapeutic Drugs",
                   "Immunotherapeutic Drugs",
                   "Location",
                   "cT Stage",
                   "cN Stage",
                   "cTNM",
                   "Neotime - Date of First Neoadjuvant Therapy",
                   "Surgicaltime - Date of Surgery",
                   "Hypertension",
                   "Diabetes Mellitus",
                   "Alcohol Consumption",
                   "Smoking Status",
                   "Neoadjuvant Cycles",
                   "Height",
                   "Weight",
                   "BMI",
                   "R0",
                   "Differentiation Grade (0=Gx 1=G1 2=G2 3=G3)",
                   "Tumor Regression Grade (TRG)",
                   "Major Pathological Response (MPR)",
                   "pT Stage",
                   "pN Stage",
                   "Pathological Complete Response (pCR)",
                   "Lymph Node Metastasis",
                   "Recurrence Pattern",
                   "Overall Survival Time",
                   "With Any CECT"};
  for (const Patient& patient : patients) table.rows.push_back(record(patient));
  return table;
}

}  // namespace nicohort
