#include "export/json_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nicohort {
namespace {

using Json = nlohmann::ordered_json;

Json any_json(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 4 : 2);
  if (kind == 0) return *rc::gen::arbitrary<int>();
  if (kind == 1) return "\"\n," + std::to_string(*rc::gen::arbitrary<int>());
  Json json = kind == 2 ? Json::array() : Json::object();
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left)
    if (kind == 2)
      json.push_back(any_json(depth - 1));
    else
      json["k\"" + std::to_string(left)] = any_json(depth - 1);
  return json;
}

// Some of it piece by piece, some as it is.
void put(const Json& json, JsonText& text) {
  for (const auto& [key, value] : json.items()) {
    const bool is_long = value.is_structured() && *rc::gen::arbitrary<bool>();
    if (is_long && json.is_object())
      value.is_object() ? text.begin_object(key) : text.begin_list(key);
    else if (is_long)
      value.is_object() ? text.begin_object() : text.begin_list();
    else
      json.is_object() ? text.member(key, value) : text.element(value);
    if (is_long) put(value, text);
  }
  text.end();
}

RC_GTEST_PROP(JsonText, is_what_dump_gives, ()) {
  Json json = any_json(4);
  if (!json.is_structured()) json = Json::array({json});
  const int indent = *rc::gen::inRange(0, 5);
  std::string whole;
  const TakeText take = [&](std::string_view piece) { whole += piece; };
  JsonText text(take, indent);
  json.is_object() ? text.begin_object() : text.begin_list();
  put(json, text);
  RC_ASSERT(whole == json.dump(indent));
}

}  // namespace
}  // namespace nicohort
