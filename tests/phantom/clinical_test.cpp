// The made-up records contradict neither themselves nor the images.
#include "phantom/clinical.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace nicohort {
namespace {

std::vector<Patient> cohort(Site site, int n) {
  std::vector<Patient> patients;
  for (int i = 0; i < n; ++i) patients.push_back(make_patient(3, site, i));
  return patients;
}

TEST(Clinical, IdentifiersAreUniqueTextSomeWithLeadingZeros) {
  for (const Site site : all_sites) {
    std::set<std::string> pids;
    for (const Patient& patient : cohort(site, 60)) {
      pids.insert(patient.pid);
      EXPECT_EQ(patient.pid.find_first_not_of("0123456789"), std::string::npos);
      EXPECT_GE(patient.pid.size(), 8u);
      EXPECT_LE(patient.pid.size(), 10u);
    }
    EXPECT_EQ(pids.size(), 60u);
    const bool zeros =
        std::any_of(pids.begin(), pids.end(), [](auto& pid) { return pid[0] == '0'; });
    EXPECT_EQ(zeros, site != Site::shiyan_taihe);
  }
}

TEST(Clinical, KeysMatchTheFileNames) {
  for (const Site site : all_sites) {
    const auto patients = cohort(site, 12);
    const Table table = clinical_table(patients);
    ASSERT_EQ(table.rows.size(), patients.size());
    for (std::size_t i = 0; i < patients.size(); ++i) {
      EXPECT_EQ(to_text(table.rows[i][0]), patients[i].pid);
      EXPECT_EQ(std::holds_alternative<double>(table.rows[i][0]), site == Site::shiyan_taihe);
    }
  }
}

TEST(Clinical, RecordsAreConsistent) {
  const auto patients = cohort(Site::tongji, 200);
  const Table table = clinical_table(patients);
  ASSERT_EQ(table.columns.size(), 30u);
  const auto column = [&](std::string_view name) {
    const auto at = table.find(name);
    EXPECT_TRUE(at) << name;
    return at.value();
  };
  const auto height = column("Height"), weight = column("Weight"), bmi = column("BMI"),
             neo = column("Neotime - Date of First Neoadjuvant Therapy"),
             surgery = column("Surgicaltime - Date of Surgery"),
             cycles = column("Neoadjuvant Cycles"), trg = column("Tumor Regression Grade (TRG)"),
             mpr = column("Major Pathological Response (MPR)"), pt = column("pT Stage"),
             pn = column("pN Stage"), pcr = column("Pathological Complete Response (pCR)"),
             nodes = column("Lymph Node Metastasis");
  int complete = 0, empty = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    ASSERT_EQ(row.size(), table.columns.size());
    const auto number = [&](std::size_t at) { return std::get<double>(row[at]); };
    const auto day = [&](std::size_t at) {
      const auto& value = std::get<DateTime>(row[at]);
      EXPECT_TRUE(value.date.ok());
      return std::chrono::sys_days{value.date};
    };
    for (const Cell& cell : row) empty += is_empty(cell);
    EXPECT_EQ(is_empty(row[bmi]), is_empty(row[height]));
    if (!is_empty(row[bmi])) {
      EXPECT_NEAR(number(bmi), number(weight) / std::pow(number(height) / 100, 2), 0.006);
    }
    EXPECT_GE((day(surgery) - day(neo)).count(), 21 * number(cycles));
    EXPECT_EQ(number(pcr) == 1, patients[i].regression_grade == 0);
    EXPECT_EQ(number(trg), patients[i].regression_grade);
    EXPECT_EQ(number(mpr) == 1, number(trg) <= 1);
    EXPECT_EQ(number(nodes) == 1, to_text(row[pn]) != "ypN0");
    if (number(pcr) == 1) {
      ++complete;
      EXPECT_EQ(to_text(row[pt]), "ypT0");
      EXPECT_EQ(to_text(row[pn]), "ypN0");
    } else {
      EXPECT_NE(to_text(row[pt]), "ypT0");
    }
  }
  EXPECT_EQ(complete, 67) << "every third, from the second on";
  EXPECT_GT(empty, 20);
  EXPECT_LT(empty, 400);
}

}  // namespace
}  // namespace nicohort
