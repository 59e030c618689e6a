// Text in the cells of a worksheet (ECMA-376 part 1, 22.9.2.19 ST_Xstring): a UTF-16 unit that XML
// cannot hold is written `_xHHHH_`, and text that looks like that has its `_` written `_x005F_`.
#pragma once

#include <string>
#include <string_view>

namespace nicohort {

std::string decode_cell_text(std::string_view text);

// Also replaces what is markup in XML. Throws BadInput for bytes that are not UTF-8 and for text of
// more than Excel's 32,767 UTF-16 units.
std::string encode_cell_text(std::string_view text);

}  // namespace nicohort
