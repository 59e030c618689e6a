#include "archive/archive_names.hpp"

#include <gmock/gmock.h>

#include "archive/archive_listing.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

// A pseudonym that shows what it is made of.
std::string shown(const std::string& site, const std::string& text) {
  return "P" + site + "~" + std::to_string(text.size());
}

ArchiveNames with_pseudonyms(const std::filesystem::path& root = "archive") {
  return {root, load_recipe(), shown};
}

TEST(ArchiveNames, are_as_they_are_without_a_key) {
  ArchiveNames names("archive");
  EXPECT_EQ(names.present("tongji/a b.nii"), "tongji/a b.nii");
  EXPECT_EQ(names.present("\xff.nii"), "\\xff.nii");
  EXPECT_EQ(names.present_pid("TJ", "0012"), "0012");
  EXPECT_EQ(names.original_pid("TJ", "0012"), "0012");
  EXPECT_EQ(names.find("tongji/a b.nii"), "archive/tongji/a b.nii");
}

TEST(ArchiveNames, of_images_have_the_pseudonym_and_lead_to_the_file) {
  ArchiveNames names = with_pseudonyms();
  EXPECT_EQ(names.present("tongji/pre-therapy/images/TJ_0012.NII.gz"),
            "tongji/pre-therapy/images/TJ_PTJ~4.NII.gz");
  EXPECT_EQ(names.find("tongji/pre-therapy/images/TJ_PTJ~4.NII.gz"),
            "archive/tongji/pre-therapy/images/TJ_0012.NII.gz");
  EXPECT_EQ(names.find("tongji/pre-therapy/images/TJ_0012.NII.gz"), std::nullopt);
  EXPECT_EQ(names.original_pid("TJ", "PTJ~4"), "0012");
}

TEST(ArchiveNames, an_identifier_is_replaced_wherever_the_recipe_has_it) {
  const Recipe recipe(
      "{parts: {site: {N: north}, phase: {t0: base}, pid: '[A-Z0-9~]+'}, "
      "volume: '{phase_dir}/{site_dir}/{pid}/scan-{pid}_ct.nii.gz', "
      "mask: '{phase_dir}/{site_dir}/{pid}/scan-{pid}_seg.nii.gz'}",
      "liver");
  ArchiveNames names("archive", recipe, shown);
  EXPECT_EQ(names.present("base/north/AB1/scan-AB1_ct.nii"), "base/north/PN~3/scan-PN~3_ct.nii");
  EXPECT_EQ(names.present("base/north/AB1"), "base/north/(unrecognised P~14)");
}

TEST(ArchiveNames, of_other_files_show_the_folders_that_the_recipe_names) {
  ArchiveNames names = with_pseudonyms();
  EXPECT_EQ(names.present("tongji/pre-therapy"), "tongji/pre-therapy");
  EXPECT_EQ(names.present("tongji/pre-therapy/images/TJ-0012 (copy).nii.gz"),
            "tongji/pre-therapy/images/(unrecognised P~47)");
  EXPECT_EQ(names.present("Wang/images/TJ_1.nii"), "(unrecognised P~20)");
  EXPECT_EQ(names.present("tongji/\xff.nii"), "tongji/(unrecognised P~12)");
}

TEST(ArchiveNames, two_of_the_same_are_an_error) {
  ArchiveNames names = with_pseudonyms();
  names.present_pid("TJ", "0012");
  names.present_pid("TJ", "0012");
  names.present_pid("XY", "0013");
  const auto what = message_of<UsageError>([&] { names.present_pid("TJ", "0013"); });
  EXPECT_THAT(what, HasSubstr("two patients of TJ get the same pseudonym PTJ~4; make another key"));
  EXPECT_THAT(what, Not(HasSubstr("0013")));
  names.present("one.nii");
  EXPECT_THAT(message_of<UsageError>([&] { names.present("two.nii"); }),
              HasSubstr("two files get the same name"));
}

TEST(ArchiveNames, the_site_makes_no_difference_to_a_patient_of_several_sites) {
  const Recipe recipe(
      "{volume: '{site}/{pid}_ct.nii.gz', parts: {pid: '[0-9]+|P.*'}, patient: '{pid}'}", "sites");
  ArchiveNames names("archive", recipe, shown);
  EXPECT_EQ(names.present("N/0012_ct.nii"), "N/P~4_ct.nii");
  EXPECT_EQ(names.present("S/0012_ct.nii"), "S/P~4_ct.nii");
  EXPECT_EQ(names.find("S/P~4_ct.nii"), "archive/S/0012_ct.nii");
  EXPECT_EQ(names.original_pid("S", "P~4"), "0012");
  EXPECT_THAT(message_of<UsageError>([&] { names.present("S/0013_ct.nii"); }),
              HasSubstr("two patients get the same pseudonym P~4"));
}

TEST(ArchiveNames, pseudonyms_that_the_recipe_does_not_take_are_an_error) {
  const Recipe recipe(
      "{parts: {site: {N: north}, phase: {t0: base}, pid: '[0-9]+'}, "
      "volume: '{phase_dir}/{site_dir}/ct/{pid}.nii.gz', "
      "mask: '{phase_dir}/{site_dir}/seg/{pid}.nii.gz'}",
      "liver");
  ArchiveNames names("archive", recipe, shown);
  const auto what = message_of<UsageError>([&] { names.present("base/north/ct/0012.nii"); });
  EXPECT_THAT(what, HasSubstr("do not match the recipe's part `pid`"));
  EXPECT_THAT(what, Not(HasSubstr("0012")));
}

TEST(ArchiveNames, what_opening_throws_has_the_presented_name) {
  TemporaryFolder root;
  root.write("tongji/pre-therapy/images/TJ_0012.nii", "");
  ArchiveNames names = with_pseudonyms(root.path());
  const std::string name = names.present("tongji/pre-therapy/images/TJ_0012.nii");
  try {
    names.open(name, [](const auto& file) {
      throw BadInput(file.string(), ProblemKind::geometry, "is damaged");
    });
    FAIL();
  } catch (const BadInput& bad) {
    EXPECT_EQ(bad.subject(), name);
    EXPECT_EQ(bad.kind(), ProblemKind::geometry);
  }
  EXPECT_EQ(message_of<MachineError>([&] {
              names.open(name, [](const auto& file) {
                throw MachineError("cannot open " + file.string() + ": no");
              });
            }),
            "cannot open " + (root / name).string() + ": no");
}

TEST(ArchiveNames, a_file_that_is_not_there_is_told_apart_from_one_of_another_key) {
  TemporaryFolder root;
  EXPECT_THAT(
      message_of<BadInput>([&] { with_pseudonyms(root.path()).locate("a/TJ_PABCDEFGH27.nii"); }),
      HasSubstr("name of any image with this key"));
  ArchiveNames plain(root.path());
  EXPECT_THAT(message_of<BadInput>([&] { plain.locate("a/TJ_PABCDEFGH27.nii"); }),
              HasSubstr("give --pseudonymize the key"));
  EXPECT_EQ(plain.locate("a/TJ_0012.nii"), root.path() / "a/TJ_0012.nii");  // opening it tells
}

TEST(ArchiveNames, the_mapping_has_patients_and_unrecognised_files) {
  ArchiveNames names = with_pseudonyms();
  names.present("tongji/pre-therapy");
  names.present("xiangyang/pre-therapy/images/XY_0012.nii");
  names.present("tongji/b.nii");
  names.present("tongji/pre-therapy/images/TJ_13.nii");
  names.present("tongji/post-therapy/images/TJ_13.nii");
  const Table mapping = names.mapping();
  EXPECT_THAT(mapping.columns, ElementsAre("kind", "site", "original", "presented"));
  EXPECT_THAT(mapping.rows,
              ElementsAre(ElementsAre(Cell("patient"), Cell("TJ"), Cell("13"), Cell("PTJ~2")),
                          ElementsAre(Cell("patient"), Cell("XY"), Cell("0012"), Cell("PXY~4")),
                          ElementsAre(Cell("file"), Cell(), Cell("tongji/b.nii"),
                                      Cell("tongji/(unrecognised P~12)"))));
}

TEST(ArchiveListing, knows_the_images_and_says_what_it_could_not_see) {
  TemporaryFolder root;
  root.write("tongji/pre-therapy/images/TJ_0012.nii.gz", "");
  root.write("tongji/pre-therapy/images/notes.txt", "");
  root.write("tongji/TJ-13.nii", "");
  std::filesystem::create_directory_symlink(root.path(), root / "tongji/Wang");
  ArchiveNames names = with_pseudonyms(root.path());
  const ArchiveListing listing = list_archive(names);
  EXPECT_THAT(listing.images, ElementsAre("tongji/(unrecognised P~16)",
                                          "tongji/pre-therapy/images/TJ_PTJ~4.nii.gz"));
  EXPECT_THAT(listing.problems,
              ElementsAre(Field(&Problem::subject, "tongji/(unrecognised P~11)")));
  EXPECT_TRUE(listing.is_complete);  // a link could have been listed
}

}  // namespace
}  // namespace nicohort
