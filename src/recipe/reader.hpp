// Reading the maps of a recipe. What is wrong is told with file, line and key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "table/yaml.hpp"

namespace nicohort {

// The recipe that is read, by the name that errors give it.
struct RecipeSource {
  std::string name;

  // Throws UsageError `recipe NAME, line N: …`.
  [[noreturn]] void fail(int line, const std::string& what) const;
  // What `work` gives. A UsageError that it throws says what is wrong with this key and not where.
  template <class Work>
  auto reading(int line, const std::string& key, Work&& work) const {
    try {
      return work();
    } catch (const UsageError& error) {
      fail(line, "`" + key + "` " + error.what());
    }
  }
  // A scalar that is not empty.
  const std::string& text(const YamlValue& value, const std::string& key) const;
  // Such scalars, or one alone; also empty ones (`""`), if they can be.
  std::vector<std::string> texts(const YamlValue& value, const std::string& key,
                                 bool can_be_empty = false) const;
  // Fails if a key of the map is there twice.
  void require_distinct_keys(const YamlValue& map, const std::string& key) const;
};

// A map with such keys, each once at most. Each read function gives the value of a key, or
// `otherwise` if the key is not there.
class MapReader {
 public:
  // name: of the map in messages; empty: the whole recipe.
  MapReader(const YamlValue& map, const RecipeSource& source, const std::string& name,
            const std::vector<std::string>& keys);

  const YamlValue* find(const std::string& key) const { return map_.find(key); }
  const YamlValue& need(const std::string& key, const std::string& what) const;

  std::string text(const std::string& key, const std::string& otherwise) const;
  std::vector<std::string> texts(const std::string& key) const;
  double number(const std::string& key, double otherwise, double lowest, double highest) const;
  std::uint32_t whole_number(const std::string& key, std::uint32_t otherwise) const;
  bool flag(const std::string& key, bool otherwise) const;

 private:
  const YamlValue& map_;
  const RecipeSource& source_;
  std::string name_;
};

// A scalar that is a number of YAML; nothing for others, also for one that is not finite.
bool read_number(const YamlValue& value, double& number);

}  // namespace nicohort
