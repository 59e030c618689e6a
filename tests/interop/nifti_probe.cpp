// Shows the NIfTI library to tests in other languages. One line of JSON a file:
//
//   nifti_probe header FILE...   the header (affine as bit-exact hexadecimal numbers), or
//   {"problem": ...} nifti_probe verify FILE...   the same after reading the file through
//   nifti_probe values FILE...   the same after writing the values to FILE.float32
//   nifti_probe labels FILE...   the same after writing the labels to FILE.uint8
//   nifti_probe write FILE OUT   the same after copying FILE to OUT as float32

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <string>

#include "base/problem.hpp"
#include "image/image_file.hpp"

namespace {

using namespace nicohort;

std::string json(const Header& header) {
  const Geometry& g = header.geometry;
  std::string affine;
  for (int row = 0; row < 4; ++row)
    for (int column = 0; column < 4; ++column)
      affine += fmt::format("{}\"{:a}\"", affine.empty() ? "" : ",", g.affine(row, column));
  return fmt::format(
      R"({{"size":[{},{},{}],"spacing":[{:.17g},{:.17g},{:.17g}],"spacing_is_float":{},)"
      R"("affine":[{}],"orientation_to":"{}","orientation_from":"{}","dtype":"{}","transform":{},)"
      R"("qform_code":{},"sform_code":{}}})",
      g.size.x, g.size.y, g.size.z, g.spacing[0], g.spacing[1], g.spacing[2], g.spacing_is_float,
      affine, orientation_to(g.affine), orientation_from(g.affine), name(header.type),
      transform_json(g.affine), g.qform_code, g.sform_code);
}

template <class T>
void dump(std::ofstream& file, std::span<const T> piece) {
  file.write(reinterpret_cast<const char*>(piece.data()), piece.size_bytes());
}

Header run(const std::string& command, const std::string& path, const std::string& out) {
  if (command == "header" || command == "verify") return read_header(path, command == "verify");
  ImageReader reader(path);
  if (command == "values") {
    std::ofstream file(path + ".float32", std::ios::binary);
    reader.read_values([&](std::span<const float> piece) { dump(file, piece); });
  } else if (command == "labels") {
    std::ofstream file(path + ".uint8", std::ios::binary);
    reader.read_labels([&](std::span<const std::uint8_t> piece) { dump(file, piece); });
  } else {
    ImageWriter writer(out, reader.header().geometry, DataType::float32);
    reader.read_values([&](std::span<const float> piece) { writer.write(piece); });
    writer.finish();
    writer.commit();
  }
  return reader.header();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string command = argv[1];
  const bool writes = command == "write";
  if (writes && argc != 4) return 2;
  for (int i = 2; i < (writes ? 3 : argc); ++i) {
    try {
      std::cout << json(run(command, argv[i], writes ? argv[3] : "")) << '\n';
    } catch (const BadInput& problem) {
      std::cout << fmt::format("{{\"problem\":{:?}}}\n", std::string(problem.what()));
    }
  }
}
