#include "export/json_text.hpp"

namespace nicohort {

void JsonText::begin_line() {
  take_("\n" + std::string(levels_.size() * indent_, ' '));
}

void JsonText::begin_item() {
  if (has_key_ || levels_.empty()) {
    has_key_ = false;
    return;
  }
  if (!levels_.back().is_empty) take_(",");
  levels_.back().is_empty = false;
  begin_line();
}

void JsonText::begin(char open, char close) {
  begin_item();
  take_(std::string_view(&open, 1));
  levels_.push_back({close});
}

void JsonText::put_key(const std::string& key) {
  begin_item();
  take_(nlohmann::ordered_json(key).dump() + ": ");
  has_key_ = true;
}

void JsonText::begin_object(const std::string& key) {
  put_key(key);
  begin_object();
}

void JsonText::begin_list(const std::string& key) {
  put_key(key);
  begin_list();
}

void JsonText::put_value(const nlohmann::ordered_json& value) {
  begin_item();
  const std::string text = value.dump(indent_);
  std::size_t at = 0;  // the lines behind the first are as deep as this place is
  for (std::size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    take_(std::string_view(text).substr(at, end - at));
    begin_line();
  }
  take_(std::string_view(text).substr(at));
}

void JsonText::member(const std::string& key, const nlohmann::ordered_json& value) {
  put_key(key);
  put_value(value);
}

void JsonText::element(const nlohmann::ordered_json& value) {
  put_value(value);
}

void JsonText::end() {
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.is_empty) begin_line();
  take_(std::string_view(&level.close, 1));
}

}  // namespace nicohort
