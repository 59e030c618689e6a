// Recipes. What a recipe takes for an image has an ID and a folder that stay below the dataset, and
// is taken for the same with the value that its parts already have.
#include "recipe/recipe.hpp"

#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  is_good([&] {
    const std::string text(text_of(data, size));
    const Recipe recipe(text, "input");
    require(recipe.text() == text && !recipe.parts().empty());
    for (const std::string path :
         {"tongji/pre-therapy/images/TJ_0012.nii.gz", "0012.nii", "a/b.nii.gz", "../.nii.gz"}) {
      recipe.ignores(path);
      const auto key = recipe.parse_image_path(path);
      if (!key) {
        require(!recipe.misfit(path).empty());
        continue;
      }
      const PartValues& values = key->parts;
      require(values.size() == recipe.parts().size());
      const std::string id = recipe.sample_id(values), folder = "/" + recipe.folder(values);
      require(!id.empty() && id.front() != '.' && id.find('/') == id.npos);
      require(folder.find("/.") == folder.npos);
      for (std::size_t part = 0; part < values.size(); ++part)
        if (!values[part].empty())
          require(recipe.images().with_part(path, *key, part, values[part]) == path);
      recipe.patient_values(values);
      for (const MetadataTable& table : recipe.metadata()) {
        table.file.fill(values);
        table.key_of(values);
      }
    }
  });
  return 0;
}
