// What others put into a dataset makes nothing move that is not the sample's own.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "dataset/small_dataset.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using nlohmann::json;

class Planted : public ::testing::Test {
 protected:
  Planted() {
    run(dataset_, 2);
    folder_.write("victim", "a file of the user's");
    change_ = {{"id", ids[0]},
               {"leaves", false},
               {"folder", folder_of(ids[0])},
               {"old_folder", folder_of(ids[0])},
               {"inputs", json::object()},
               {"added", json::object()},
               {"removed", json::object()}};
    record_ = json::parse(record_text(*read_record(dataset_, ids[0])));
  }

  fs::path plant() const {
    const std::string place = "grouped/.nicohort/commit/x/" + ids[0] + "/";
    folder_.write(place + "record.json", record_.dump());
    return folder_.write(place + "plan.json", change_.dump()).parent_path();
  }

  // Gives the message.
  std::string expect_refused() const {
    const std::vector<std::string> before = folder_.files();
    const std::string said = message_of<MachineError>([&] { recover(dataset_, nobody()); });
    EXPECT_THAT(said, HasSubstr("nothing was changed"));
    EXPECT_NE(message_of<MachineError>([&] { Transaction transaction(dataset_, nobody()); }), "");
    EXPECT_EQ(folder_.files(), before);
    EXPECT_EQ(bytes_of(folder_ / "victim"), "a file of the user's");
    EXPECT_THAT(versions(dataset_), ElementsAre(2, 2, 2));
    return said;
  }

  TemporaryFolder folder_;
  fs::path dataset_ = folder_ / "grouped";
  json change_, record_;
};

TEST_F(Planted, a_name_that_leads_out) {
  record_["files"]["../../../../victim"] = std::string(64, '0');
  change_["added"]["../../../../victim"] = {20, 0};
  EXPECT_THAT((plant(), expect_refused()), HasSubstr("commit/x/" + ids[0]));
}

TEST_F(Planted, a_removal_that_leads_out) {
  change_["removed"]["../../../../victim"] = {20, 0};
  EXPECT_THAT((plant(), expect_refused()), HasSubstr("../victim"));
}

TEST_F(Planted, another_samples_folder) {
  record_["folder"] = change_["folder"] = folder_of(ids[1]);
  EXPECT_THAT((plant(), expect_refused()), HasSubstr(ids[0]));
}

TEST_F(Planted, another_samples_old_folder) {
  change_["old_folder"] = folder_of(ids[1]);
  change_["removed"][ids[1] + "_mask.nii.gz"] = {20, 0};
  EXPECT_THAT((plant(), expect_refused()), HasSubstr(ids[1]));
}

// Its files' names begin as if they were of this one.
TEST_F(Planted, the_old_folder_of_a_sample_whose_name_begins_alike) {
  const std::string other = ids[0] + "_2", mask = other + "_mask.nii.gz";
  folder_.write("grouped/" + folder_of(other) + "/" + mask, "of the other");
  change_["old_folder"] = folder_of(other);
  change_["removed"][mask] = {12, 0};
  EXPECT_THAT((plant(), expect_refused()), HasSubstr("cannot be the folder of this sample"));
}

TEST_F(Planted, another_samples_file) {
  folder_.write("grouped/.nicohort/commit/x/" + ids[0] + "/" + ids[1] + "_mask.nii.gz", "planted");
  EXPECT_THAT((plant(), expect_refused()), HasSubstr(ids[1] + "_mask.nii.gz"));
}

TEST_F(Planted, a_file_that_the_record_does_not_name) {
  folder_.write("grouped/.nicohort/commit/x/" + ids[0] + "/" + ids[0] + "_mask_9.nii.gz",
                "planted");
  EXPECT_THAT((plant(), expect_refused()), HasSubstr("_mask_9.nii.gz"));
}

TEST_F(Planted, a_link_in_place_of_a_file) {
  const std::string name = ids[0] + "_mask.nii.gz";
  change_["added"][name] = {0, 0};
  fs::create_symlink(folder_ / "victim", plant() / name);
  EXPECT_THAT(expect_refused(), HasSubstr(name));
}

TEST_F(Planted, a_link_in_place_of_the_sample) {
  const fs::path place = plant();
  fs::rename(place, folder_ / "elsewhere");
  fs::create_directory_symlink(folder_ / "elsewhere", place);
  expect_refused();
}

TEST_F(Planted, a_folder_that_leads_out_through_a_link) {
  const fs::path sample = dataset_ / folder_of(ids[0]);
  fs::rename(sample, folder_ / "elsewhere");
  fs::create_directory_symlink(folder_ / "elsewhere", sample);
  plant();
  EXPECT_THAT(message_of<MachineError>([&] { recover(dataset_, nobody()); }),
              HasSubstr("symbolic link"));
  EXPECT_TRUE(fs::exists(plant()));
}

TEST_F(Planted, no_plan) {
  fs::remove(plant() / "plan.json");
  record_["compression"] = "another";
  folder_.write("grouped/.nicohort/commit/x/" + ids[0] + "/record.json", record_.dump());
  EXPECT_THAT(expect_refused(), HasSubstr("no plan"));
}

TEST_F(Planted, a_stray_file_beside_the_tokens) {
  folder_.write("grouped/.nicohort/commit/notes.txt", "mine");
  EXPECT_THAT(expect_refused(), HasSubstr("notes.txt"));
}

TEST_F(Planted, own_folders_that_are_links) {
  for (const char* name : {"staging", "commit", "lease"}) {
    const fs::path place = dataset_ / ".nicohort" / name;
    const fs::path other = folder_ / (std::string("other-") + name);
    fs::remove_all(place);
    fs::create_directory(other);
    fs::create_directory_symlink(other, place);
    EXPECT_THAT(message_of<MachineError>([&] { Transaction transaction(dataset_, nobody()); }),
                HasSubstr("symbolic link"));
    EXPECT_TRUE(fs::is_empty(other));
    fs::remove(place);
  }
}

TEST_F(Planted, a_link_in_place_of_a_samples_file_or_folder) {
  Transaction transaction(dataset_, nobody());
  const fs::path mask = dataset_ / folder_of(ids[0]) / (ids[0] + "_mask.nii.gz");
  fs::remove(mask);
  fs::create_symlink(folder_ / "victim", mask);
  EXPECT_THAT(message_of<BadInput>([&] { put(transaction, dataset_, ids[0], 3); }),
              HasSubstr("is a link"));
  const fs::path sample = dataset_ / folder_of(ids[1]);
  fs::rename(sample, folder_ / "elsewhere");
  fs::create_directory_symlink(folder_ / "elsewhere", sample);
  EXPECT_THAT(message_of<BadInput>([&] { put(transaction, dataset_, ids[1], 3); }),
              HasSubstr("symbolic link"));
  EXPECT_EQ(bytes_of(folder_ / "victim"), "a file of the user's");
}

}  // namespace
}  // namespace nicohort
