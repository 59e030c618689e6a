#include "propose/piece_values.hpp"

#include "propose/file_names.hpp"

namespace nicohort {
namespace {

bool has_word(const std::string& text, bool (*is)(const std::string&)) {
  const auto words = words_of(text);
  return std::any_of(words.begin(), words.end(), is);
}

}  // namespace

Shares shares_of(const PathPiece& piece, const std::vector<std::string>& pids) {
  Shares shares;
  for (std::size_t i = 0; i < pids.size(); ++i) shares.of_patients[pids[i]].insert(piece.texts[i]);
  for (const auto& [pid, values] : shares.of_patients) {
    if (values.size() > 1) ++shares.with_several;
    for (const std::string& value : values) ++shares.of_values[value];
  }
  return shares;
}

std::vector<std::string> paths_of_one(const CutPaths& cut, const Shares& shares) {
  const auto most = std::max_element(
      shares.of_patients.begin(), shares.of_patients.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  std::vector<std::string> paths;
  const auto pids = cut.pids();
  for (std::size_t i = 0; i < pids.size(); ++i)
    if (pids[i] == most->first) paths.push_back(cut.paths[i]);
  return paths;
}

bool is_in(const std::string& path, const std::vector<std::string>& paths) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

bool are_like(const PieceValues& a, const PieceValues& b) {
  const std::size_t common =
      std::count_if(a.begin(), a.end(), [&](const auto& value) { return b.contains(value); });
  return common > 0 && common * 2 >= std::min(a.size(), b.size());
}

WordAround word_around(const CutPaths& cut, const PathPiece& piece) {
  if (!piece.optional_sign.empty()) return {};
  const std::size_t at = &piece - cut.pieces.data();
  const auto literal = [&](std::size_t beside) {
    return beside < cut.pieces.size() && cut.pieces[beside].level == piece.level &&
                   cut.pieces[beside].kind == PathPiece::Kind::literal
               ? cut.pieces[beside].texts.front()
               : "";
  };
  return {at > 0 ? word_at_end(literal(at - 1)) : "", word_at_begin(literal(at + 1))};
}

PieceValues whole_words(const CutPaths& cut, const PathPiece& piece) {
  const auto [before, behind] = word_around(cut, piece);
  PieceValues words;
  for (std::string value : piece.values()) words.insert(value.insert(0, before).append(behind));
  return words;
}

std::optional<std::pair<std::size_t, std::string>> value_in(const std::string& text,
                                                            const PieceValues& values) {
  std::optional<std::pair<std::size_t, std::string>> best;
  for (const std::string& value : values)
    for (std::size_t at = text.find(value); at != std::string::npos;
         at = text.find(value, at + 1)) {
      const bool is_whole =
          words_of(text).size() == words_of(text.substr(0, at)).size() + words_of(value).size() +
                                       words_of(text.substr(at + value.size())).size();
      if (is_whole && (!best || value.size() > best->second.size())) best = {at, value};
    }
  return best;
}

bool has_phase_word(const std::string& value) {
  return has_word(value, is_phase_word);
}
bool has_prediction_word(const std::string& value) {
  return has_word(value, is_prediction_word);
}
bool has_reader_word(const std::string& value) {
  return has_word(value, is_reader_word);
}

}  // namespace nicohort
