// The package a workbook is (ECMA-376 part 2, Open Packaging Conventions): a zip of parts that
// point at one another by relationships.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/xml.hpp"

namespace nicohort {

struct Relationship {
  std::string id;
  std::string type;        // a URI
  std::string target;      // name of a part; empty where it is outside of the package
  std::size_t begin, end;  // the element's bytes in the relationships part

  // Whether the type's last word is this one, which is the same in both of the standard's
  // namespaces.
  bool is(std::string_view last_word) const;
};

using PieceSink = std::function<void(std::string_view piece)>;
// Hands the bytes of a new part to the sink, piece by piece.
using PartWriter = std::function<void(const PieceSink& sink)>;

// Part names have no slash in front: `xl/workbook.xml`. They are looked up without case, as OPC has
// it. All functions throw BadInput for what is damaged.
class Package {
 public:
  Package();                                 // an empty one
  explicit Package(std::string_view bytes);  // of a file
  ~Package();
  Package(const Package&) = delete;
  Package& operator=(const Package&) = delete;

  bool has(std::string_view part) const;

  // Hands a part's bytes to `sink`, piece by piece. No more than 512 MB, or 200 times the bytes of
  // the zip: a small one can hold more than any machine does.
  void stream(std::string_view part, const PieceSink& sink) const;
  // The same for XML.
  void parse(std::string_view part, XmlEvents events) const;
  // All of them at once; for the parts that list others, so no more than 32 MB.
  std::string read(std::string_view part) const;

  // Of a part, or of the package itself for "". A part without any has none.
  std::vector<Relationship> relationships(std::string_view part) const;

  // Adds a part behind the others, or replaces it where it stands; takes one out.
  void put(const std::string& part, const PartWriter& write);
  void put(const std::string& part, std::string_view content);
  void remove(std::string_view part);

  std::size_t file_bytes() const;  // of the zip that it was read from; 0: it is new

  // The bytes of the zip. Parts that were not touched keep their compressed bytes, new ones get a
  // fixed time. The package cannot be used any more.
  std::string finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// `xl/_rels/workbook.xml.rels` for `xl/workbook.xml`.
std::string relationships_part(std::string_view part);

// The same name for two spellings of a part: small letters, `/` only and none in front.
std::string canonical_part(std::string_view part);

}  // namespace nicohort
