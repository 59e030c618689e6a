#include "archive/missing_images.hpp"

#include <gmock/gmock.h>

#include "base/heard.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using testing::Heard;
using ::testing::IsEmpty;
using testing::TemporaryFolder;

const std::string three_channels =
    "volume: {T1: \"{pid}_T1.nii.gz\", T2: \"{pid}_T2.nii.gz\", T3: \"{pid}_T3.nii.gz\"}\n";
const std::string each_label =
    "volume: \"{pid}.nii.gz\"\nmask: {file: \"{pid}_{label}.nii.gz\"}\n"
    "labels: {0: Bg, 1: liver, 2: right kidney}\n";

ImageKey volume(const std::string& pid, std::size_t channel = 0) {
  return {{pid}, false, channel};
}
ImageKey mask(const std::string& pid, const std::string& label = "") {
  return {{pid}, true, 0, label};
}

class Spec5MissingImages : public ::testing::Test {
 protected:
  // `subject: what` of each problem
  std::vector<std::string> problems(const std::string& yaml,
                                    const std::vector<ListedImage>& images) {
    const Recipe recipe(yaml, "r.yaml");
    std::set<PartValues> samples;
    for (const ListedImage& image : images) samples.insert(image.key.parts);
    Report report(heard_);
    const SampleColumns columns(load_metadata(names_, recipe, samples, report), recipe, heard_);
    report_missing_images(images, {}, recipe, columns, {}, report);
    std::vector<std::string> texts;
    for (const Problem& problem : report.problems()) {
      EXPECT_EQ(problem.kind, ProblemKind::incomplete);
      texts.push_back(problem.subject + ": " + problem.what);
    }
    return texts;
  }

  TemporaryFolder root_;
  ArchiveNames names_{root_.path()};
  Heard heard_;
};

TEST_F(Spec5MissingImages, channels_are_one_problem_of_a_sample) {
  EXPECT_THAT(
      problems(three_channels,
               {{"", volume("1"), true}, {"", volume("1", 1), true}, {"", volume("1", 2), true}}),
      IsEmpty());
  EXPECT_THAT(
      problems(three_channels,
               {{"", volume("1", 1), true}, {"", volume("2"), true}, {"", volume("2", 2), true}}),
      ElementsAre("1: has no volumes of the channels T1, T3: add them",
                  "2: has no volume of the channel T2: add it"));
}

TEST_F(Spec5MissingImages, what_is_there_but_cannot_be_read_is_not_missing) {
  EXPECT_THAT(
      problems(three_channels,
               {{"", volume("1"), true}, {"", volume("1", 1), false}, {"", volume("1", 2), true}}),
      IsEmpty());
  EXPECT_THAT(problems(three_channels, {{"", volume("1"), false}}), IsEmpty());
  EXPECT_THAT(problems(each_label, {{"", volume("1"), true}, {"", mask("1", "liver"), false}}),
              IsEmpty());
}

TEST_F(Spec5MissingImages, a_volume_without_a_mask_and_a_mask_without_a_volume) {
  EXPECT_THAT(problems(each_label, {{"", volume("1"), true}, {"", mask("2", "liver"), true}}),
              ElementsAre("1: has a volume but no mask; the volume was kept: add the mask",
                          "2: has a mask but no volume: add the volume"));
}

}  // namespace
}  // namespace nicohort
