// The built-in recipes: their names, or the text of one.
#include <fmt/format.h>

#include "cli/all_commands.hpp"
#include "recipe/built_in_recipes.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {
namespace {

std::string list_of_recipes() {
  std::string list;
  for (const BuiltInRecipe& recipe : built_in_recipes())
    list += fmt::format("{:<28}{}\n", recipe.name, load_recipe(recipe.name).name());
  return list;
}

}  // namespace

void add_recipes(Program& program) {
  Command command = program.command(
      "recipes", "", "List the built-in recipes, or print one of them",
      "nicohort recipes eso-2025.10.31 > my_recipe.yaml    (to change it for another archive)");
  auto name = std::make_shared<std::string>();
  command.option("name", *name, "The recipe to print (default: list all of them)")
      .type_name("RECIPE");
  command.work([=](const Context& context) {
    context.listener.output(name->empty() ? list_of_recipes()
                                          : std::string(built_in_recipe(*name).text));
    return 0;
  });
}

}  // namespace nicohort
