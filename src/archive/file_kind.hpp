// What the files of an archive are, by their names.
#pragma once

#include <string>

namespace nicohort {

struct FileKind {
  // Why it is no image that can be read, though it is or should be one: a sentence with a remedy.
  // Empty: it is an image, or none at all.
  std::string flaw = {};
  std::string image = {};  // the name that it would have as an image; empty: it is none at all
  bool is_image() const { return flaw.empty() && !image.empty(); }
  bool is_slice = false;  // of an image that is many files, DICOM's
};

// name: without folders.
FileKind kind_of_file(const std::string& name);

// `.xlsx`, in lower case; empty if there is none: what is long or has no letter is a part of a
// number.
std::string ending_of(const std::string& name);

}  // namespace nicohort
