#include "archive/file_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string_view>

namespace nicohort {
namespace {

constexpr std::string_view nii = ".nii";

// ASCII only, so that no byte moves.
std::string in_lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Formats of images that are not read.
struct OtherFormat {
  std::string_view what;
  std::initializer_list<std::string_view> endings;
};
const OtherFormat other_formats[] = {
    {"an image in two files (.hdr and .img)", {".hdr", ".img", ".hdr.gz", ".img.gz"}},
    {"an NRRD image", {".nrrd", ".nhdr"}},
    {"a MetaImage", {".mha", ".mhd"}},
    {"a FreeSurfer image", {".mgz", ".mgh"}},
    {"a MINC image", {".mnc", ".mnc.gz"}},
    {"a GIPL image", {".gipl", ".gipl.gz"}},
};

constexpr std::string_view slices[] = {".dcm", ".dicom", ".ima"},
                           packed[] = {".zip", ".bz2", ".xz",  ".zst", ".7z", ".rar",
                                       ".lz4", ".tar", ".tgz", ".z",   ".gz"},
                           unfinished[] = {".part",       ".partial", ".crdownload", ".download",
                                           ".filepart",   ".tmp",     ".temp",       ".aria2",
                                           ".opdownload", ".!ut",     ".unconfirmed"},
                           beside_images[] = {".json",   ".txt",  ".md5",  ".sha1", ".sha256",
                                              ".sha512", ".dvc",  ".yaml", ".yml",  ".xml",
                                              ".csv",    ".tsv",  ".html", ".png",  ".jpg",
                                              ".log",    ".pdf",  ".bval", ".bvec", ".md",
                                              ".lbl",    ".xlsx", ".py",   ".url"};

template <class Endings>
bool ends_with_any(std::string_view name, const Endings& endings) {
  return std::any_of(std::begin(endings), std::end(endings),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

// Where `.nii` stands as a word of its own; npos if it does not.
std::size_t place_of_nii(std::string_view name) {
  const std::size_t at = name.rfind(nii), end = at + nii.size();
  if (at == 0 || at == std::string::npos) return std::string::npos;
  const bool goes_on = end < name.size() && std::isalnum(static_cast<unsigned char>(name[end]));
  return goes_on ? std::string::npos : at;
}

std::string flaw_behind_nii(std::string_view rest, const std::string& image) {
  std::string_view trimmed = rest;
  while (trimmed.ends_with(' ')) trimmed.remove_suffix(1);
  if (trimmed.empty() || trimmed == ".gz")
    return "has a space at the end of its name, so it does not end with .nii.gz; left out: remove "
           "the space";
  if (ends_with_any(trimmed, unfinished))
    return "looks like an image whose download or copy was not finished; left out: download or "
           "copy it again";
  const std::string_view packing = trimmed.starts_with(".gz") ? trimmed.substr(3) : trimmed;
  if (std::find(std::begin(packed), std::end(packed), packing) != std::end(packed))
    return fmt::format(
        "is an image that is compressed or packed as {}, which is not read; left out: unpack it to "
        "a .nii.gz file",
        packing);
  return fmt::format(
      "looks like an image, but its name does not end with .nii.gz; left out: if it counts, rename "
      "it to {}, otherwise name it under `ignore` in the recipe",
      image);
}

}  // namespace

std::string ending_of(const std::string& name) {
  constexpr std::size_t longest = 10;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name.size() - dot > longest) return "";
  const std::string ending = in_lower_case(name.substr(dot));
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  return std::any_of(ending.begin(), ending.end(), is_letter) ? ending : "";
}

FileKind kind_of_file(const std::string& name) {
  const std::string lower = in_lower_case(name);
  if (lower.ends_with(".nii") || lower.ends_with(".nii.gz")) return {"", name};
  const auto stem = [&](std::string_view ending) {
    return name.substr(0, name.size() - ending.size()) + ".nii.gz";
  };
  for (const auto& [what, endings] : other_formats)
    for (const std::string_view ending : endings)
      if (lower.ends_with(ending))
        return {
            fmt::format("is {}, which is not read; left out: convert it to a .nii.gz file", what),
            stem(ending)};
  for (const std::string_view ending : slices)
    if (lower.ends_with(ending))
      return {
          "is a DICOM file, which is not read; left out: convert its series to a .nii.gz file, "
          "with dcm2niix for example",
          stem(ending), true};
  const std::size_t at = place_of_nii(lower);
  if (at == std::string::npos || ends_with_any(lower, beside_images)) return {};
  const std::string image = name.substr(0, at) + ".nii.gz";
  return {flaw_behind_nii(std::string_view(lower).substr(at + nii.size()), image), image};
}

}  // namespace nicohort
