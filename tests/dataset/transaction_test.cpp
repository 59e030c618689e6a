#include "dataset/transaction.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "dataset/small_dataset.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

// All files of .nicohort but records.
std::vector<std::string> own_files(const fs::path& dataset) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(dataset / ".nicohort")) {
    const std::string name = entry.path().lexically_relative(dataset / ".nicohort").string();
    if (!is_record_name(name)) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Transaction, brings_samples_from_one_version_into_the_next) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  for (int version = 1; version <= 3; ++version) {
    run(dataset, version);
    EXPECT_THAT(versions(dataset), ElementsAre(version, version, version));
    EXPECT_THAT(own_files(dataset),
                ElementsAre("SHA256SUMS", "commit", "lease", "lock", "staging"));
  }
  EXPECT_EQ(
      std::system(
          ("cd '" + dataset.string() + "' && sha256sum --quiet -c .nicohort/SHA256SUMS").c_str()),
      0);
}

TEST(Transaction, drops_what_is_not_committed) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 1);
  {
    Transaction transaction(dataset, work_of(2, ids), nobody());
    StagedSample sample = transaction.stage(ids[0], folder_of(ids[0]));
    sample.add(ids[0] + "_mask.nii.gz").write("half");
    StagedSample other = transaction.stage("TJ_4_pre", folder_of("TJ_4_pre"));
    other.add("TJ_4_pre_mask.nii.gz").write("half");
  }
  EXPECT_THAT(versions(dataset), ElementsAre(1, 1, 1));
  EXPECT_FALSE(fs::exists(dataset / folder_of("TJ_4_pre")));
  EXPECT_THAT(own_files(dataset),
              ElementsAre("SHA256SUMS", "commit", "lease", "lock", "staging", "unfinished.json"));
  EXPECT_THAT(samples_not_done(dataset, *read_unfinished(dataset)), ids);
}

TEST(Transaction, takes_samples_out) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 2);
  Transaction transaction(dataset, nobody());
  transaction.remove(*read_record(dataset, ids[1]));
  transaction.finish();
  EXPECT_THAT(versions(dataset), ElementsAre(2, 0, 2));
  EXPECT_FALSE(fs::exists(dataset / folder_of(ids[1])));
  EXPECT_THAT(bytes_of(OwnFolder(dataset).checksums()), ::testing::Not(HasSubstr(ids[1])));
}

TEST(Transaction, a_sample_that_cannot_be_made_keeps_a_record_and_no_files) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 2);
  {
    Transaction transaction(dataset, work_of(3, ids), nobody());
    SampleRecord record = record_of(ids[0], 3);
    record.folder.clear();
    record.steps.clear();
    record.problems = {{ids[0], ProblemKind::unreadable_file, "its volume is damaged"}};
    StagedSample sample = transaction.stage(ids[0], "");
    sample.commit(record);
    transaction.finish();
  }
  EXPECT_THAT(found_texts(dataset, ids[0]), IsEmpty());
  EXPECT_THAT(read_record(dataset, ids[0])->problems,
              ElementsAre(Problem{ids[0], ProblemKind::unreadable_file, "its volume is damaged"}));
}

TEST(Record, keeps_the_kinds_of_problems_and_knows_no_others) {
  SampleRecord record = record_of(ids[0], 1);
  record.problems = {{"a.nii", ProblemKind::geometry, "lies beside the volume"}};
  record.steps = {{{"threshold", "[0]", 1}, {{}, {{ProblemKind::mask_value, "is strange"}}, {}}}};
  record.mask_problems = {{"b.nii", ProblemKind::unmapped_label, "has the value 7"}};
  std::string text = record_text(record);
  EXPECT_EQ(parse_record(text, ids[0]).all_problems(), record.all_problems());
  text.replace(text.find("geometry"), std::string("geometry").size(), "weather");
  EXPECT_THROW(parse_record(text, ids[0]), BadInput);
}

TEST(Record, is_none_with_parameters_that_would_fill_the_stack) {
  std::string text = record_text(record_of(ids[0], 1));
  ASSERT_NO_THROW(parse_record(text, ids[0]));
  const std::string number = "\"n\": 1", depth(200'000, '['), end(200'000, ']');
  text.replace(text.find(number), number.size(), "\"n\": " + depth + end);
  EXPECT_THROW(parse_record(text, ids[0]), BadInput);
}

TEST(Transaction, moves_a_sample_into_another_folder) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 2);
  Transaction transaction(dataset, nobody());
  SampleRecord record = record_of(ids[0], 1);
  record.folder = "TJ/post/" + ids[0];
  StagedSample sample = transaction.stage(ids[0], record.folder);
  sample.add(ids[0] + "_mask.nii.gz").write("new");
  sample.commit(record);
  transaction.finish();
  EXPECT_FALSE(fs::exists(dataset / folder_of(ids[0])));
  EXPECT_EQ(bytes_of(dataset / record.folder / (ids[0] + "_mask.nii.gz")), "new");
}

TEST(Transaction, removes_what_a_stopped_command_had_under_construction) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 1);
  const fs::path copy =
                     folder.write("grouped/" + folder_of(ids[0]) + "/.nicohort-0123.tmp", "half"),
                 table = folder.write("grouped/.nicohort-4567.tmp", "half");
  const Transaction transaction(dataset, nobody());
  EXPECT_FALSE(fs::exists(copy) || fs::exists(table));
  EXPECT_EQ(version_of(dataset, ids[0]), 1);
}

TEST(Transaction, may_change_a_sample_twice) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  Transaction transaction(dataset, nobody());
  for (int version : {1, 2, 3, 2}) put(transaction, dataset, ids[0], version);
  transaction.remove(*read_record(dataset, ids[0]));
  put(transaction, dataset, ids[0], 1);
  transaction.finish();
  EXPECT_EQ(version_of(dataset, ids[0]), 1);
}

TEST(Transaction, keeps_mode_of_what_it_replaces) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 1);
  const fs::path mask = dataset / folder_of(ids[0]) / (ids[0] + "_mask.nii.gz");
  ::chmod(mask.c_str(), 0640);
  run(dataset, 2);
  struct stat status {};
  ::stat(mask.c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640);
}

TEST(Transaction, a_file_that_was_changed_since_it_was_read_leaves_the_sample_as_it_is) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped", input = folder.write("archive/a", "old");
  const std::string mask = folder_of(ids[0]) + "/" + ids[0] + "_mask.nii.gz";
  run(dataset, 1);
  for (const fs::path& changed : {input, dataset / mask}) {
    Transaction transaction(dataset, nobody());
    StagedSample sample = transaction.stage(ids[0], folder_of(ids[0]));
    sample.watch(input);
    sample.add(ids[0] + "_mask.nii.gz").write("new");
    std::ofstream(changed) << "edited";
    SampleRecord record = record_of(ids[0], 2);
    EXPECT_THAT(message_of<BadInput>([&] { sample.commit(record); }),
                HasSubstr("was changed while"));
  }
  EXPECT_EQ(bytes_of(dataset / mask), "edited");
  EXPECT_THAT(read_record(dataset, ids[0])->steps, SizeIs(1));
  EXPECT_THAT(own_files(dataset), ElementsAre("SHA256SUMS", "commit", "lease", "lock", "staging"));
}

// Another shard's, which has not come to the record yet.
TEST(Transaction, keeps_no_copy_of_what_is_there_as_it_is_to_be) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  for (const auto& [file, text] : texts_of(ids[0], 1))
    folder.write("grouped/" + folder_of(ids[0]) + "/" + file, text);
  Transaction transaction(dataset, nobody());
  EXPECT_THAT(put(transaction, dataset, ids[0], 1).preserved, IsEmpty());
  transaction.finish();
  EXPECT_EQ(version_of(dataset, ids[0]), 1);
  EXPECT_FALSE(fs::exists(folder / "descriptor"));
}

TEST(Transaction, keeps_a_copy_of_what_was_edited_or_is_not_on_record) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  run(dataset, 1);
  const std::string name = ids[0] + "_mask.nii.gz", other = ids[0] + "_mask_01_EsoROI.nii.gz";
  folder.write("grouped/" + folder_of(ids[0]) + "/" + name, "edited");
  folder.write("grouped/" + folder_of(ids[0]) + "/" + other, "drawn");
  Transaction transaction(dataset, nobody());
  StagedSample sample = transaction.stage(ids[0], folder_of(ids[0]));
  SampleRecord record = record_of(ids[0], 2);
  for (const auto& [file, text] : texts_of(ids[0], 2)) sample.add(file).write(text);
  const Committed committed = sample.commit(record);
  transaction.finish();
  EXPECT_EQ(version_of(dataset, ids[0]), 2);
  const fs::path replaced = folder / "descriptor/replaced";
  EXPECT_THAT(committed.preserved,
              ElementsAre(replaced / (name + "." + sha256_of("edited").substr(0, 8)),
                          replaced / (other + "." + sha256_of("drawn").substr(0, 8))));
  EXPECT_EQ(bytes_of(committed.preserved[0]), "edited");
  EXPECT_EQ(bytes_of(committed.preserved[1]), "drawn");
}

}  // namespace
}  // namespace nicohort
