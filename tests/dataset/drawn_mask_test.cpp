#include "dataset/drawn_mask.hpp"

#include <gmock/gmock.h>

#include <map>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;

const LabelNames label_names{{1, "liver"}, {2, "spleen"}};
const Size3 row_of_six{6, 1, 1};

Geometry geometry(const Size3& size, double shift = 0) {
  Geometry geometry;
  geometry.size = size;
  geometry.spacing = {1, 1, 1};
  geometry.affine = Affine::Identity();
  geometry.affine(0, 3) = shift;
  geometry.sform_code = 1;
  return geometry;
}

using Runs = std::vector<LabelRun>;

// What the files of an archive hold, by path.
struct Archive {
  struct File {
    Runs runs;
    double shift = 0;
    Size3 size = row_of_six;
  };
  std::map<std::string, File> files{};
  std::vector<MaskValues> asked{};

  DrawnMask read(const std::vector<InputFile>& inputs, const std::optional<Overlap>& overlap) {
    return read_drawn_mask("0001", inputs, overlap, label_names, geometry(row_of_six),
                           [&](const InputFile& input, MaskValues values) {
                             asked.push_back(values);
                             const File& file = files.at(input.path);
                             LoadedMask mask{{.geometry = geometry(file.size, file.shift)},
                                             LabelMask(file.size),
                                             "sha of " + input.path};
                             for (const LabelRun& run : file.runs) mask.labels.add(run);
                             return mask;
                           });
  }
};

const std::vector<InputFile> one_file{{"all", "", true, 0}},
    file_each{{"l", "", true, 1}, {"s", "", true, 2}};

TEST(Spec5DrawnMask, there_is_none_without_a_file) {
  const DrawnMask drawn = Archive{}.read({}, Overlap::last);
  EXPECT_FALSE(drawn.labels);
  EXPECT_THAT(drawn.inputs, IsEmpty());
}

TEST(Spec5DrawnMask, one_file_is_taken_as_it_is) {
  Archive archive;
  archive.files["all"].runs = {{0, 2, 1}, {2, 3, 7}};
  const DrawnMask drawn = archive.read(one_file, {});
  EXPECT_THAT(drawn.labels.value().runs(), ElementsAre(LabelRun{0, 2, 1}, LabelRun{2, 3, 7}));
  EXPECT_EQ(drawn.inputs.at(0).sha256, "sha of all");
  EXPECT_THAT(archive.asked, ElementsAre(MaskValues::labels));
}

TEST(Spec5DrawnMask, files_of_single_labels_become_one_mask) {
  for (const Overlap overlap : {Overlap::last, Overlap::first, Overlap::error}) {
    Archive archive;
    archive.files["l"].runs = {{0, 2, 1}};
    archive.files["s"].runs = {{3, 5, 1}};
    const DrawnMask drawn = archive.read(file_each, overlap);
    EXPECT_THAT(drawn.labels.value().runs(), ElementsAre(LabelRun{0, 2, 1}, LabelRun{3, 5, 2}));
    EXPECT_THAT(drawn.problems, IsEmpty());
    ASSERT_EQ(drawn.inputs.size(), 2u);
    EXPECT_EQ(drawn.inputs[1].path, "s");
    EXPECT_EQ(drawn.inputs[1].sha256, "sha of s");
    EXPECT_EQ(drawn.inputs[1].label, 2);
    EXPECT_THAT(archive.asked, ElementsAre(MaskValues::foreground, MaskValues::foreground));
  }
}

TEST(Spec5DrawnMask, where_they_overlap_the_recipe_decides) {
  Archive archive;
  archive.files["l"].runs = {{0, 4, 1}};
  archive.files["s"].runs = {{2, 6, 1}};
  EXPECT_THAT(archive.read(file_each, Overlap::last).labels.value().runs(),
              ElementsAre(LabelRun{0, 2, 1}, LabelRun{2, 6, 2}));
  EXPECT_THAT(archive.read(file_each, Overlap::first).labels.value().runs(),
              ElementsAre(LabelRun{0, 4, 1}, LabelRun{4, 6, 2}));
  const DrawnMask none = archive.read(file_each, Overlap::error);
  EXPECT_FALSE(none.labels);
  EXPECT_EQ(none.inputs.size(), 2u) << "they were read";
  ASSERT_EQ(none.problems.size(), 1u);
  EXPECT_EQ(none.problems[0].subject, "0001");
  EXPECT_EQ(none.problems[0].kind, ProblemKind::mask_value);
  EXPECT_THAT(none.problems[0].what,
              HasSubstr("has 2 voxels in the masks of more than one label, the first at (2, 0, 0) "
                        "in liver and spleen"));
}

TEST(Spec5DrawnMask, each_file_is_compared_with_the_volume) {
  Archive archive;
  archive.files["l"].runs = {{0, 1, 1}};
  archive.files["s"] = {{{1, 2, 1}}, 0.6};
  const DrawnMask drawn = archive.read(file_each, Overlap::error);
  EXPECT_TRUE(drawn.labels);
  ASSERT_EQ(drawn.problems.size(), 1u);
  EXPECT_EQ(drawn.problems[0].subject, "s");
  archive.files["s"].size = {6, 2, 1};
  try {
    archive.read(file_each, Overlap::error);
    FAIL() << "of another size";
  } catch (const BadInput& bad) {
    EXPECT_EQ(problem_of(bad).subject, "s");
    EXPECT_EQ(bad.kind(), ProblemKind::geometry);
  }
}

}  // namespace
}  // namespace nicohort
