// Times the mask kernels on one mask in memory, from its voxels to the result.
// usage: mask_kernels [--benchmark_...] FILE X Y Z PIXEL_AREA    (raw_mask.hpp; mm²)
#include <benchmark/benchmark.h>

#include "mask/components.hpp"
#include "mask/morphology.hpp"
#include "mask/scan.hpp"
#include "mask/sets.hpp"
#include "mask/slices.hpp"
#include "raw_mask.hpp"

namespace {
using namespace nicohort;

LabelMask scan(const RawMask& raw) {
  LabelScanner scanner({raw.x, raw.y, raw.z});
  scanner.feed(raw.voxels);
  return scanner.finish();
}

void components(benchmark::State& state, const RawMask& raw) {
  std::size_t regions = 0;
  for (auto _ : state) regions = find_regions(scan(raw), 1).size();
  state.counters["result"] = double(regions);
}

// The small regions of the mask and of its background, 2 × 2 voxels and 10 mm² as in the tutorial;
// the result is voxels again.
void opening(benchmark::State& state, const RawMask& raw, double pixel_area) {
  std::vector<std::uint8_t> opened(raw.voxels.size());
  std::int64_t set = 0;
  for (auto _ : state) {
    set = 0;
    const LabelMask mask = scan(raw);
    for (const std::uint8_t label : {0, 1}) {
      const LabelMask result = by_slices(mask, [&](const LabelMask& part) {
        const auto [small, large] =
            split_small(select(part, label), Connectivity::slice_8, pixel_area, 10);
        return relabel(unite(large, open_slices(small, 2, 2)), 1);
      });
      LabelPainter(result).paint(opened);
      benchmark::DoNotOptimize(opened.data());
      set += count_labels(result)[1];
    }
  }
  state.counters["result"] = double(set);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 6) return 2;
  const RawMask raw = read_raw_mask(argv + 1);
  const double pixel_area = std::atof(argv[5]);
  for (auto* timed : {benchmark::RegisterBenchmark("components", components, std::cref(raw)),
                      benchmark::RegisterBenchmark("opening", opening, std::cref(raw), pixel_area)})
    timed->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
}
