#include "report/problems.hpp"

#include <gtest/gtest.h>

#include "base/atomic_file.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

std::vector<ReportedSample> samples_of(const std::vector<std::string>& ids) {
  std::vector<ReportedSample> samples;
  for (const std::string& id : ids) {
    ReportedSample& sample = samples.emplace_back();
    sample.info.id = id;
    sample.patient = id.substr(0, 7);
    sample.info.parts = {{"site", "TJ"}, {"phase", id.substr(8)}, {"pid", id.substr(3, 4)}};
  }
  return samples;
}

TEST(Problems, each_is_there_once_with_the_routine_that_found_it) {
  const testing::TemporaryFolder root;
  write_file(root.path() / "grouped/confirm_pairs.problems.csv",
             "\"subject\",\"problem\"\n\"a.nii.gz\",\"is truncated\"\n");
  write_file(root.path() / "grouped/dataset_manifest.xlsx.problems.csv",
             "\"subject\",\"kind\",\"problem\"\n\"split01\",\"split\",\"odd\"\n"
             "\"TJ_1_pre\",\"geometry\",\"odd\"\n");
  write_file(root.path() / "descriptor/archive_manifest.xlsx.problems.csv",
             "\"subject\",\"problem\"\n\"b.nii.gz\",\"odd\"\n");
  write_file(root.path() / "run.problems.csv",
             "\"subject\",\"problem\"\n\"a.nii.gz\",\"is truncated\"\n\"c\",\"odd\"\n");
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& problem : read_problems(root.path()))
    found.emplace_back(problem.routine, problem.problem.subject);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"gen_archive_manifest", "b.nii.gz"},
      {"confirm_pairs", "a.nii.gz"},
      {"make_split", "split01"},
      {"gen_dataset_manifest", "TJ_1_pre"},
      {"run", "c"}};
  EXPECT_EQ(found, expected);
}

TEST(Problems, keep_their_kinds) {
  const testing::TemporaryFolder root;
  write_file(root.path() / "run.problems.csv",
             "subject,kind,problem\na.nii.gz,geometry,is truncated\nb.nii.gz,weather,odd\n");
  const auto problems = read_problems(root.path());
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].problem.kind, ProblemKind::geometry) << "whatever its words";
  EXPECT_EQ(problems[1].problem.kind, ProblemKind::other);
}

TEST(Problems, subjects_lead_to_samples) {
  const Recipe recipe = load_recipe();
  const auto samples = samples_of({"TJ_0012_post", "TJ_0012_pre"});
  auto sample = [&](const std::string& subject) { return sample_of(subject, recipe, samples); };
  EXPECT_EQ(sample("TJ_0012_pre"), "TJ_0012_pre");
  EXPECT_EQ(sample("tongji/post-therapy/masks/TJ_0012.nii.gz"), "TJ_0012_post");
  EXPECT_EQ(sample("TJ/pre/TJ_0012_pre/TJ_0012_pre_mask.nii.gz"), "TJ_0012_pre");
  EXPECT_EQ(sample("TJ_0012"), "TJ_0012_post");
  EXPECT_EQ(sample("tongji/post-therapy/masks/TJ_0013.nii.gz"), "");
  EXPECT_EQ(sample("split01_TJ"), "");
  EXPECT_EQ(sample(""), "");
}

}  // namespace
}  // namespace nicohort
