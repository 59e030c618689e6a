// What the files and patients of an archive are called in everything that nicohort says and writes:
// as they are, or with pseudonyms in place of patient identifiers. A file's own name serves to open
// it and for nothing else.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

// Gives the pseudonym of a patient; the site is empty if it does not make the patient, and for a
// text that is no patient's (PseudonymKey).
using Pseudonymize = std::function<std::string(const std::string& site, const std::string& text)>;

class ArchiveNames {
 public:
  // Names as they are.
  explicit ArchiveNames(std::filesystem::path root) : root_(std::move(root)) {}
  // Pseudonyms, if there is a function that makes them.
  ArchiveNames(std::filesystem::path root, Recipe recipe, Pseudonymize pseudonymize);

  // Also to where symbolic links lead out of the archive: for a user who has asked for it.
  void follow_links() { follows_links_ = true; }
  bool follows_links() const { return follows_links_; }

  const std::filesystem::path& root() const { return root_; }
  bool has_pseudonyms() const { return bool(pseudonymize_); }

  // The names to be said and written, all below from now on known. A path (below the archive, any
  // bytes) that fits the recipe has the pseudonym instead of the identifier, also in what is
  // `{any}`; of another only the folders that the recipe names are shown, then `(unrecognised
  // P...)`. Throws UsageError when two get the same name, a pseudonym does not fit the recipe's
  // pattern, or another part has the identifier, too.
  std::string present(const std::string& path);
  // Of a patient the same at all sites, where the recipe's `patient` has no site.
  std::string present_pid(const std::string& site, const std::string& pid);
  // The identifier behind a presented one.
  const std::string& original_pid(const std::string& site, const std::string& presented) const;

  // Of all patients whose images have been presented.
  std::vector<std::string> original_pids() const;

  // A sample's parts as the archive has them, by presented ones.
  PartValues original(PartValues presented) const;
  // The presented name of the file that has this path; nothing if there is none or names are as
  // they are.
  std::optional<std::string> name_of(const std::string& path) const;

  // The path behind a presented name, which may have an identifier in it: not to be said or
  // written.
  const std::string& path_of(const std::string& name) const;

  // Where the file of a presented name lies; nothing if pseudonyms are on and no file has that
  // name.
  std::optional<std::filesystem::path> find(const std::string& name) const;
  // Whether the archive has it, be it a link that leads nowhere.
  bool has(const std::string& name) const;

  // Runs work(path) to open the file of a presented name; what it throws names the file so. Throws
  // BadInput that blames the name when there is no such file or it leads out of the archive.
  template <class Work>
  auto open(const std::string& name, Work&& work) const {
    const std::filesystem::path place = locate(name);
    try {
      return work(place);
    } catch (const BadInput& bad) {
      throw BadInput(name, bad.kind(), bad.what());
    } catch (const MachineError& error) {
      throw MachineError(presented_text(error.what(), place, name));
    }
  }

  // The file to be opened, as open() finds it.
  std::filesystem::path locate(const std::string& name) const;

  // Who is behind the pseudonyms: columns `kind` (`patient`, `file`), `site` (of a patient whom it
  // makes), `original`, `presented`.
  Table mapping() const;
  static const std::vector<std::string>& mapping_columns();

 private:
  std::string present_unrecognised(const std::string& path) const;
  // Replaces the identifier where `{any}` has it in a name. Throws UsageError where another part
  // does.
  void hide(std::string& name, const ImageKey& key, const std::string& identifier,
            const std::string& pid) const;
  // What of an image's name is another one once the identifier is replaced, as messages call it.
  std::string other_place(const ImageKey& key, const std::optional<ImageKey>& changed) const;
  std::string presented_text(std::string text, const std::filesystem::path& place,
                             const std::string& name) const;

  std::filesystem::path root_;
  std::optional<Recipe> recipe_;
  Pseudonymize pseudonymize_;
  bool has_patients_of_sites_ = false;  // the same identifier at two sites is of two patients
  bool follows_links_ = false;
  std::map<std::string, std::string> paths_;  // by presented name
  std::map<std::string, std::string> names_;  // by path
  // By the site, if it counts, and the presented pid.
  std::map<std::pair<std::string, std::string>, std::string> pids_;
};

}  // namespace nicohort
