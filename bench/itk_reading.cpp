// Times how ITK reads two files of the same volume, by turns in one thread.
// usage: itk_reading ROUNDS OURS THEIRS    (NIfTI)
// Prints, as JSON: medians of CPU seconds, and the median of their ratios within a round.
#include <itkImageFileReader.h>
#include <itkMultiThreaderBase.h>
#include <itkNiftiImageIO.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace {

using Volume = itk::Image<float, 3>;

double read(const char* path, Volume::Pointer& volume) {
  const std::clock_t begin = std::clock();
  const auto reader = itk::ImageFileReader<Volume>::New();
  reader->SetImageIO(itk::NiftiImageIO::New());
  reader->SetFileName(path);
  reader->Update();
  volume = reader->GetOutput();
  return double(std::clock() - begin) / CLOCKS_PER_SEC;
}

bool are_equal(const Volume& a, const Volume& b) {
  const std::size_t voxels = a.GetBufferedRegion().GetNumberOfPixels();
  return voxels == b.GetBufferedRegion().GetNumberOfPixels() &&
         std::equal(a.GetBufferPointer(), a.GetBufferPointer() + voxels, b.GetBufferPointer());
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
  std::vector<double> ours, theirs, ratios;
  for (int round = std::atoi(argv[1]); round > 0; --round) {
    Volume::Pointer a, b;
    const bool theirs_first = round % 2 == 0;
    if (theirs_first) theirs.push_back(read(argv[3], b));
    ours.push_back(read(argv[2], a));
    if (!theirs_first) theirs.push_back(read(argv[3], b));
    ratios.push_back(ours.back() / theirs.back());
    if (!are_equal(*a, *b)) return 3;
  }
  std::printf("[%.4f, %.4f, %.3f]\n", median(ours), median(theirs), median(ratios));
}
