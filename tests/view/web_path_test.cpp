#include "view/web_path.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

namespace fs = std::filesystem;
using namespace testing;

TEST(WebPath, percent_is_decoded_once) {
  EXPECT_EQ(decode_percent("/a%20b"), "/a b");
  EXPECT_EQ(decode_percent("%2e%2E/%2f"), "..//");
  EXPECT_EQ(decode_percent("%252e"), "%2e");
  EXPECT_EQ(decode_percent("a+b"), "a+b");
  EXPECT_EQ(decode_percent("%00"), std::string(1, '\0'));
  for (const char* wrong : {"%", "a%", "%2", "%zz", "%2g", "%u0041", "% 41"})
    EXPECT_EQ(decode_percent(wrong), std::nullopt) << wrong;
}

RC_GTEST_PROP(WebPath, encoding_and_decoding_give_every_text_back, (const std::string& text)) {
  RC_ASSERT(decode_percent(encode_percent(text)) == text);
}

TEST(WebPath, encoded_text_has_no_character_with_a_meaning) {
  EXPECT_EQ(encode_percent("TJ/pre/TJ_1 #?&%\xC3\xA9.nii.gz"),
            "TJ/pre/TJ_1%20%23%3F%26%25%C3%A9.nii.gz");
}

TEST(WebPath, images_are_known_by_their_ending) {
  EXPECT_TRUE(is_image_name("a/b.nii.gz"));
  EXPECT_TRUE(is_image_name("B.NII.GZ"));
  for (const char* name : {"", "a.nii", "a.gz", "a.nii.gz/", "a.nii.gz.xlsx", "a.yaml"})
    EXPECT_FALSE(is_image_name(name)) << name;
}

class FileBelow : public ::testing::Test {
 protected:
  FileBelow() {
    scratch.write("root/files/a/b.txt", "inside");
    scratch.write("root/files/.hidden/b.txt", "hidden");
    scratch.write("root/files/.b.txt", "hidden");
    scratch.write("root/files/a b/c%2e.txt", "odd name");
    scratch.write("root/secret.txt", "beside");
    scratch.write("outside.txt", "outside");
    const fs::path files = scratch / "root/files";
    fs::create_symlink(scratch / "outside.txt", files / "link.txt");
    fs::create_symlink("../secret.txt", files / "beside.txt");
    fs::create_directory_symlink(scratch.path(), files / "up");
    fs::create_symlink("a/b.txt", files / "good.txt");
    fs::create_symlink("loop.txt", files / "loop.txt");
    fs::create_symlink("nowhere", files / "dangling.txt");
    fs::create_directory_symlink(files, scratch / "files");
  }
  TemporaryFolder scratch;
};

TEST_F(FileBelow, files_are_found) {
  for (const char* folder : {"root/files", "files"}) {
    EXPECT_EQ(file_below(scratch / folder, "a/b.txt"), scratch / "root/files/a/b.txt") << folder;
    EXPECT_EQ(file_below(scratch / folder, "a b/c%2e.txt"), scratch / "root/files/a b/c%2e.txt");
    EXPECT_EQ(file_below(scratch / folder, "good.txt"), scratch / "root/files/a/b.txt");
  }
}

TEST_F(FileBelow, nothing_else_is) {
  const std::string outside = (scratch / "outside.txt").string();
  for (const std::string& path :
       std::initializer_list<std::string>{"",
                                          "/",
                                          ".",
                                          "..",
                                          "a",
                                          "a/",
                                          "/a/b.txt",
                                          "a//b.txt",
                                          "./a/b.txt",
                                          "a/./b.txt",
                                          "a/../a/b.txt",
                                          "../secret.txt",
                                          "../../outside.txt",
                                          "a/../../secret.txt",
                                          outside,
                                          "/" + outside,
                                          "..\\secret.txt",
                                          "a\\b.txt",
                                          ".hidden/b.txt",
                                          ".b.txt",
                                          "link.txt",
                                          "beside.txt",
                                          "up/outside.txt",
                                          "up/root/files/a/b.txt/",
                                          "loop.txt",
                                          "dangling.txt",
                                          std::string("a/b.txt\0", 8),
                                          std::string("a/b.txt\0.png", 12),
                                          "a/b.txt\n",
                                          "a/b.txt\x7F",
                                          "missing.txt",
                                          "a/b.txt/c",
                                          "%2e%2e/secret.txt",
                                          "~root",
                                          std::string(5000, 'a'),
                                          std::string(300, 'a') + "/b.txt"})
    EXPECT_EQ(file_below(scratch / "root/files", path), std::nullopt) << path;
  EXPECT_EQ(file_below(scratch / "nowhere", "a/b.txt"), std::nullopt);
}

// Whatever the parts are made of, what is found lies in the folder.
RC_GTEST_FIXTURE_PROP(FileBelow, no_path_leads_out, ()) {
  const auto part =
      rc::gen::element<std::string>("a", "b.txt", "..", ".", "", "up", "root", "files", "link.txt",
                                    "secret.txt", "outside.txt", "\\", ".hidden", "good.txt");
  std::string path;
  for (const std::string& name : *rc::gen::container<std::vector<std::string>>(part))
    path += name + (*rc::gen::inRange(0, 4) == 0 ? "" : "/");
  if (*rc::gen::arbitrary<bool>() && !path.empty()) path.pop_back();
  if (const auto file = file_below(scratch / "root/files", path))
    RC_ASSERT(bytes_of(*file) == "inside");
}

}  // namespace
}  // namespace nicohort
