// JSON of any length: an index names millions of files, and is written as they are gone through.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nicohort {

// Takes a text piece by piece.
using TakeText = std::function<void(std::string_view)>;

// Gives the text that nlohmann::ordered_json::dump(indent) would give of the whole.
class JsonText {
 public:
  JsonText(const TakeText& take, int indent) : take_(take), indent_(indent) {}

  void begin_object() { begin('{', '}'); }
  void begin_object(const std::string& key);
  void begin_list() { begin('[', ']'); }
  void begin_list(const std::string& key);
  void member(const std::string& key, const nlohmann::ordered_json& value);  // of an object
  void element(const nlohmann::ordered_json& value);                         // of a list
  void end();  // of the object or list that was begun last

 private:
  struct Level {
    char close;
    bool is_empty = true;
  };
  void begin(char open, char close);
  void begin_line();
  void begin_item();
  void put_key(const std::string& key);
  void put_value(const nlohmann::ordered_json& value);

  const TakeText& take_;
  int indent_;
  std::vector<Level> levels_;
  bool has_key_ = false;  // that of what comes next
};

}  // namespace nicohort
