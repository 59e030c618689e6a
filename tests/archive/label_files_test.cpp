#include "archive/label_files.hpp"

#include <gmock/gmock.h>

#include "base/heard.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using testing::Heard;
using ::testing::IsEmpty;

class Spec5LabelFiles : public ::testing::Test {
 protected:
  bool takes(const std::string& pid, const std::string& label) {
    return files_.takes({{pid}, true, 0, label});
  }
  void takes_all(const std::string& pid) {
    for (const char* label : {"liver", "right kidney", "spleen"}) EXPECT_TRUE(takes(pid, label));
  }

  const Recipe recipe_{
      "volume: \"{pid}.nii.gz\"\nmask: {file: \"{pid}_{label}.nii.gz\"}\n"
      "labels: {0: Bg, 1: liver, 2: right kidney, 3: spleen}\n",
      "r.yaml"};
  LabelFiles files_{recipe_};
  Heard heard_;
};

TEST_F(Spec5LabelFiles, blanks_in_names_count_as_in_file_names) {
  takes_all("1");
  EXPECT_TRUE(takes("2", "right_kidney"));
  EXPECT_FALSE(takes("2", "right-kidney"));
}

TEST_F(Spec5LabelFiles, the_background_has_no_file) {
  EXPECT_FALSE(takes("1", "Bg"));
}

TEST_F(Spec5LabelFiles, nothing_is_told_where_no_label_lacks_a_file) {
  takes_all("1");
  files_.tell(heard_);
  EXPECT_THAT(heard_.summaries, IsEmpty());
  EXPECT_THAT(heard_.warnings, IsEmpty());
}

TEST_F(Spec5LabelFiles, labels_without_a_file_are_named_with_their_samples) {
  takes_all("1");
  takes("2", "right kidney");
  takes("3", "right kidney");
  takes("3", "spleen");
  files_.tell(heard_);
  EXPECT_THAT(heard_.summaries,
              ElementsAre("Labels without a mask file, which are empty in these samples: liver (2 "
                          "samples, such as 2), spleen (2)."));
}

TEST_F(Spec5LabelFiles, a_sample_without_any_mask_is_not_told_of_its_labels) {
  takes_all("1");
  EXPECT_FALSE(takes("2", "aorta"));
  files_.tell(heard_);
  EXPECT_THAT(heard_.summaries,
              ElementsAre("1 mask file of 1 label that the recipe does not have, such as aorta, "
                          "not used."));
  EXPECT_THAT(heard_.warnings, IsEmpty());
}

TEST_F(Spec5LabelFiles, a_file_that_is_named_almost_like_a_label_without_one) {
  takes_all("1");
  EXPECT_FALSE(takes("1", "Liver"));  // the label has its file there
  EXPECT_FALSE(takes("2", "splen"));
  takes("2", "liver");
  takes("2", "right kidney");
  files_.tell(heard_);
  EXPECT_THAT(heard_.warnings,
              ElementsAre("the label `splen` of a mask file in 1 sample is not in the recipe, and "
                          "`spleen` has no file there: if they are the same, correct the name in "
                          "the recipe or of the file"));
}

TEST(Spec5LabelFilesOfOneMask, every_file_is_taken) {
  const Recipe recipe("volume: \"{pid}_ct.nii.gz\"\nmask: \"{pid}_seg.nii.gz\"\n", "r.yaml");
  LabelFiles files(recipe);
  EXPECT_TRUE(files.takes({{"1"}, true, 0, ""}));
  EXPECT_TRUE(files.takes({{"1"}, false, 0, ""}));
  Heard heard;
  files.tell(heard);
  EXPECT_THAT(heard.summaries, IsEmpty());
}

}  // namespace
}  // namespace nicohort
