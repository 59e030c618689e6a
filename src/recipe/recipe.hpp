// A recipe (SPEC 5): how an archive is laid out, and what is done with it, as data.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/column_pattern.hpp"
#include "recipe/condition.hpp"
#include "recipe/derived_column.hpp"
#include "recipe/image_patterns.hpp"
#include "recipe/intensity_scale.hpp"
#include "recipe/label_groups.hpp"
#include "recipe/metadata_table.hpp"
#include "recipe/pattern.hpp"
#include "recipe/recipe_steps.hpp"
#include "recipe/split_plan.hpp"
#include "step/labels.hpp"
#include "step/window.hpp"

namespace nicohort {

// Values that a recipe gives for a column, with which those of samples are compared.
struct GivenValues {
  std::string column;
  std::string key;  // of the recipe, where they are given
  std::vector<std::string> values;
  int line = 0;
};

class Recipe {
 public:
  // `source` names it in errors. Throws UsageError: `recipe SOURCE, line N: …`.
  Recipe(const std::string& yaml, const std::string& source);

  const std::string& name() const { return name_; }      // of the archive, for people; can be empty
  const std::string& source() const { return source_; }  // what errors call it
  const std::string& text() const { return text_; }      // as given

  // The parts that all images have; a sample is known by their values. All PartValues are in this
  // order, which is that of the manifests' columns.
  const Parts& parts() const { return images_->parts(); }
  std::optional<std::size_t> part_index(std::string_view part) const;

  // As ImagePatterns::find(). A path whose sample could have no folder of its own in a dataset does
  // not match.
  std::optional<ImageKey> parse_image_path(const std::string& path) const;
  // Why a path does not match, for messages: `does not match the pattern …`.
  std::string misfit(const std::string& path) const;
  const ImagePatterns& images() const { return *images_; }
  const Channels& channels() const { return images_->channels(); }
  // Whether a part has this value, in short or in the archive, by a map of the recipe; or a pattern
  // has this folder. Says nothing of any patient.
  bool has_name(const std::string& name) const;
  // Whether the recipe knows of files that fit no pattern, and wants to hear nothing of this one.
  bool ignores(const std::string& path) const;

  // The name of a sample's folder and the beginning of its files' names.
  std::string sample_id(const PartValues& values) const;
  // Throws UsageError, with the line that says what samples are called: these two are called alike.
  [[noreturn]] void fail_id(const PartValues& one, const PartValues& other) const;
  // Above the sample's folder; empty: none.
  std::string folder(const PartValues& values) const;
  bool has_folder() const { return folder_.has_value(); }
  // Samples of one patient are never on two sides of a split.
  std::string patient(const PartValues& values) const;
  // Whether there is a patient, or each sample counts as one.
  bool has_patients() const { return patient_.has_value(); }
  // The parts that make the patient (indices), in its order; none where each sample is one.
  std::vector<std::size_t> patient_parts() const {
    return patient_ ? patient_->parts() : std::vector<std::size_t>();
  }
  // The values of these parts, by which splits sort.
  std::vector<std::string> patient_values(const PartValues& values) const;

  // Parts (indices) of which every patient should have all values.
  const std::vector<std::size_t>& complete() const { return complete_; }
  // Whether such a sample has no mask, rightly.
  bool is_without_mask(const ValueOf& value_of) const;
  // Whether such a sample is of the cohort, by its parts alone, and by all its columns.
  bool is_wanted(const PartValues& values) const;
  bool is_wanted(const ValueOf& value_of) const { return where_.is_fulfilled(value_of); }
  const Condition& where() const { return where_; }  // the same as a condition
  // Of several volumes of a sample, the path below the archive of the one that counts.
  const std::optional<ColumnPattern>& choose() const { return choose_; }

  const std::vector<MetadataTable>& metadata() const { return metadata_; }
  const std::vector<DerivedColumn>& columns() const { return columns_; }
  // Throws UsageError, with the line, where a condition, `choose` or a derived column names a
  // column that is neither a part nor one of these of the metadata nor a derived one. derived: what
  // the derived columns are called at last.
  void require_columns(const std::vector<std::string>& of_metadata,
                       const std::vector<std::string>& derived) const;
  // The columns on which it depends what becomes of samples: those of conditions, `choose` and
  // derived columns, but not of splits, and no parts.
  std::set<std::string> used_columns() const;

  // All values of conditions, derived columns and splits; also a pattern of a derived column for
  // each part that it has.
  std::vector<GivenValues> given_values() const;

  const LabelNames& labels() const { return labels_; }  // empty: none
  // Groups of these labels. Throws UsageError, with the line, where one is of a label that is not
  // among them.
  LabelGroups groups_of(const LabelNames& labels) const;
  const IntensityScale& intensity() const { return intensity_; }
  // Whether volumes are written with the voxels as they are stored in the archive, or as float32.
  bool keeps_volume_type() const { return keeps_volume_type_; }
  const RecipeSteps& steps() const { return steps_; }
  const std::vector<SplitPlan>& splits() const { return splits_; }

 private:
  void read_names(const class MapReader& reader, const RecipeSource& source);
  void read_columns(const class MapReader& reader, const RecipeSource& source);
  // Why a sample cannot be called and put like this; empty if it can.
  std::string name_fault(const PartValues& values) const;

  std::string name_, source_, text_;
  std::optional<ImagePatterns> images_;  // always there
  std::optional<Pattern> id_, folder_, patient_;
  int id_line_ = 0;  // of `id`, else of `volume`
  std::vector<std::string> ignored_;
  std::vector<std::size_t> complete_;
  std::optional<Condition> no_mask_;
  Condition where_, where_of_parts_;
  std::optional<ColumnPattern> choose_;
  int choose_line_ = 0;
  std::vector<MetadataTable> metadata_;
  std::vector<DerivedColumn> columns_;
  LabelNames labels_;
  std::vector<GivenGroup> groups_;
  IntensityScale intensity_;
  bool keeps_volume_type_ = false;
  RecipeSteps steps_;
  std::vector<SplitPlan> splits_;
};

// Throws UsageError where the masks have a file for each label and these labels, of a file of this
// name, are not those of the recipe, by which their voxels are numbered.
void require_labels_of_mask_files(const Recipe& recipe, const LabelNames& labels,
                                  const std::filesystem::path& file);

// The recipe of a built-in name (any case) or in a file; ESO-2025.10.31's if it is empty. Throws
// UsageError.
Recipe load_recipe(const std::filesystem::path& recipe = {});

}  // namespace nicohort
