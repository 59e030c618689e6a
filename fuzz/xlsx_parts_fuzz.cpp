// The parts of a workbook, which the zip's compression and checksums would hide from the fuzzer:
// the input is workbook, worksheet, shared strings and styles, with a line `====` between them.
#include "input.hpp"
#include "table/table_file.hpp"
#include "table/xlsx_package.hpp"
#include "table/xlsx_put_sheet.hpp"

namespace {

constexpr std::string_view types =
    R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>)";
constexpr std::string_view root_links =
    R"(<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>)";
constexpr std::string_view links =
    R"(<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="sheet.xml"/>)"
    R"(<Relationship Id="r2" Type="http://x/sharedStrings" Target="strings.xml"/>)"
    R"(<Relationship Id="r3" Type="http://x/styles" Target="styles.xml"/></Relationships>)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  std::string_view rest = text_of(data, size);
  Package package;
  package.put("[Content_Types].xml", std::string(types));
  package.put("_rels/.rels", std::string(root_links));
  package.put("xl/_rels/workbook.xml.rels", std::string(links));
  for (const char* part : {"xl/workbook.xml", "xl/sheet.xml", "xl/strings.xml", "xl/styles.xml"}) {
    constexpr std::string_view border = "\n====\n";
    const std::size_t end = std::min(rest.find(border), rest.size());
    package.put(part, std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + border.size(), rest.size()));
  }
  const std::string bytes = std::move(package).finish();
  const MemoryFile file(bytes);
  is_good([&] { sheet_names(file.path()); });
  is_good([&] { read_table(file.path()); });
  is_good([&] { put_sheet_bytes(bytes, {"split", {{"ID"}, {{std::string("0012")}}}}); });
  return 0;
}
