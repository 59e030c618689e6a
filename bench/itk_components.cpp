// Times ITK's connected components (26-connected) on one mask in memory.
// usage: itk_components [--benchmark_...] FILE X Y Z    (raw_mask.hpp)
#include <benchmark/benchmark.h>
#include <itkConnectedComponentImageFilter.h>
#include <itkImportImageFilter.h>

#include "raw_mask.hpp"

namespace {

using Mask = itk::Image<std::uint8_t, 3>;
using Components = itk::Image<std::uint32_t, 3>;

Mask::Pointer wrap(RawMask& raw) {
  auto import = itk::ImportImageFilter<std::uint8_t, 3>::New();
  import->SetRegion(Mask::SizeType{{ std::size_t(raw.x), std::size_t(raw.y), std::size_t(raw.z) }});
  import->SetImportPointer(raw.voxels.data(), raw.voxels.size(), false);
  import->Update();
  return import->GetOutput();
}

void components(benchmark::State& state, const Mask* mask) {
  std::size_t count = 0;
  for (auto _ : state) {
    auto filter = itk::ConnectedComponentImageFilter<Mask, Components>::New();
    filter->SetInput(mask);
    filter->FullyConnectedOn();
    filter->Update();
    count = filter->GetObjectCount();
  }
  state.counters["result"] = double(count);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 5) return 2;
  RawMask raw = read_raw_mask(argv + 1);
  const Mask::Pointer mask = wrap(raw);
  benchmark::RegisterBenchmark("components", components, mask.GetPointer())
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
}
