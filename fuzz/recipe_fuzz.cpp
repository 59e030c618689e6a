// Recipes: the layout and the pipeline. A recipe that is taken must be able to name samples.
#include "cohort/recipe.hpp"
#include "input.hpp"
#include "run/pipeline.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  const std::string_view text = text_of(data, size);
  is_good([&] {
    const Recipe recipe(text, "input");
    recipe.parse_image_path("tongji/pre-therapy/images/TJ_0012.nii.gz");
    for (const std::string& site : recipe.sites()) {
      recipe.metadata_path(site);
      for (const std::string& phase : recipe.phases())
        require(!recipe.sample_id(site, "0012", phase).empty());
    }
  });
  is_good([&] { parse_pipeline(text, "input"); });
  return 0;
}
