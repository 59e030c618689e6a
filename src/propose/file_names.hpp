// What file and folder names look like, and what their words mean to people.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nicohort {

// `imagesTr/AB_0012` is images, tr, ab, 0012.
std::vector<std::string> words_of(std::string_view text);

// The letters and digits that the text ends or begins with.
std::string word_at_end(const std::string& text);
std::string word_at_begin(const std::string& text);

// The path without `.nii` or `.nii.gz`.
std::string without_image_ending(const std::string& path);

// The names of a path's folders and of its file.
std::vector<std::string> segments_of(const std::string& path);
// The last of them.
std::string last_segment(const std::string& path);

// A regular expression (RE2) that these texts match, and others like them: what they begin with in
// common stays, the rest becomes a class of characters.
std::string expression_for(const std::vector<std::string>& texts);

// How all texts begin and end, up to where a word or number begins or ends; never the whole of one.
std::string common_prefix(const std::vector<std::string>& texts);
std::string common_suffix(const std::vector<std::string>& texts);

// The text as a literal in a pattern, where braces and brackets mean something: {any} is instead.
std::string pattern_literal(const std::string& text);

// What the subset of a split is called usually, `train` for `Tr`; nothing if it is none.
std::optional<std::string> subset_meant(std::string_view text);

// Sorts parts of an archive's names as people say them: train, val, test, others.
void sort_subsets(std::vector<std::pair<std::string, std::string>>& values);

bool has_digit(std::string_view text);
bool is_number_text(std::string_view text);

// Whether a word says that an image is a mask; `probable`: also those that say so less clearly.
bool is_mask_word(const std::string& word, bool probable);
// Whether it says that a program made the mask, that an image is a map of probabilities, or who has
// drawn a mask.
bool is_prediction_word(const std::string& word);
bool is_map_word(const std::string& word);
bool is_reader_word(const std::string& word);
// Whether a word names a kind of image of the same patient, such as t1 or flair.
bool is_channel_word(const std::string& word);
// Whether it says how an image was made, as CT does.
bool is_modality_word(const std::string& word);
// Whether it names a time or state of the same patient.
bool is_phase_word(const std::string& word);
bool is_patient_word(const std::string& word);
bool is_site_word(const std::string& word);

}  // namespace nicohort
