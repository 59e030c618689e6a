// Times of the mask kernels on images of 512 × 512 × 100 voxels.
#include <benchmark/benchmark.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "mask/components.hpp"
#include "mask/merge.hpp"
#include "mask/morphology.hpp"
#include "mask/scan.hpp"
#include "mask/sets.hpp"

namespace nicohort {
namespace {

constexpr Size3 size{512, 512, 100};
using Voxels = std::vector<std::uint8_t>;

// A tumour of 40 slices and 30 voxels across with a rough surface, and 200 specks around it.
Voxels tumour() {
  Voxels v(size.voxels());
  std::mt19937 random(1);
  for (int z = 30; z < 70; ++z) {
    for (int y = 230; y < 290; ++y) {
      for (int x = 230; x < 290; ++x) {
        const double r = std::hypot((x - 260) / 15.0, (y - 260) / 15.0, (z - 50) / 20.0);
        const double rough = double(random() % 100) / 1000;
        v[x + size.x * (y + size.y * z)] = r < 0.95 + rough;
      }
    }
  }
  for (int i = 0; i < 200; ++i) {
    const auto x = 200 + random() % 120, y = 200 + random() % 120, z = 20 + random() % 60;
    v[x + size.x * (y + size.y * z)] = 1;
  }
  return v;
}

// Labels 1 to 116 as blocks that fill a body.
Voxels atlas() {
  Voxels v(size.voxels());
  for (int z = 5; z < 95; ++z) {
    for (int y = 60; y < 450; ++y) {
      for (int x = 60; x < 450; ++x) {
        v[x + size.x * (y + size.y * z)] =
            std::uint8_t(1 + (x / 50 + 9 * (y / 60) + 40 * (z / 30)) % 116);
      }
    }
  }
  return v;
}

// Every voxel set with a probability of `per_cent`.
Voxels noise(int per_cent) {
  Voxels v(size.voxels());
  std::mt19937 random(2);
  for (std::uint8_t& voxel : v) voxel = int(random() % 100) < per_cent;
  return v;
}

LabelMask scan(const Voxels& voxels) {
  // Pieces as they come from the inflater.
  constexpr std::size_t piece = 256 * 1024;
  LabelScanner scanner(size);
  for (std::size_t at = 0; at < voxels.size(); at += piece) {
    scanner.feed(std::span(voxels).subspan(at, std::min(piece, voxels.size() - at)));
  }
  return scanner.finish();
}

void paint(const LabelMask& mask, std::span<std::uint8_t> piece) {
  LabelPainter painter(mask);
  for (std::int64_t done = 0; done < mask.size().voxels(); done += std::int64_t(piece.size())) {
    painter.paint(piece);
    benchmark::DoNotOptimize(piece.data());
  }
}

BinaryMask open_small(const BinaryMask& mask) {
  const auto [small, large] = split_small(mask, Connectivity::slice_8, 0.64, 10);
  return unite(large, open_slices(small, 5, 5));
}

using LabelledMasks = std::vector<std::pair<std::uint8_t, BinaryMask>>;

LabelledMasks opened_masks(const LabelMask& mask) {
  const auto voxels = count_labels(mask);
  LabelledMasks masks;
  for (int label = 0; label < 256; ++label) {
    if (voxels[label] > 0) masks.emplace_back(label, open_small(select(mask, std::uint8_t(label))));
  }
  return masks;
}

using Benchmark = void (*)(benchmark::State&, const Voxels&);

void bench_scan(benchmark::State& state, const Voxels& voxels) {
  for (auto _ : state) benchmark::DoNotOptimize(scan(voxels));
}

void bench_paint(benchmark::State& state, const Voxels& voxels) {
  const LabelMask mask = scan(voxels);
  Voxels piece(256 * 1024);
  for (auto _ : state) paint(mask, piece);
}

void bench_select_all(benchmark::State& state, const Voxels& voxels) {
  const LabelMask mask = scan(voxels);
  const auto counts = count_labels(mask);
  for (auto _ : state) {
    for (int label = 0; label < 256; ++label) {
      if (counts[label] > 0) benchmark::DoNotOptimize(select(mask, std::uint8_t(label)));
    }
  }
}

template <int label>
void bench_regions(benchmark::State& state, const Voxels& voxels) {
  const LabelMask mask = scan(voxels);
  for (auto _ : state) benchmark::DoNotOptimize(find_regions(mask, label));
}

template <int label>
void bench_open_small(benchmark::State& state, const Voxels& voxels) {
  const BinaryMask mask = select(scan(voxels), label);
  for (auto _ : state) benchmark::DoNotOptimize(open_small(mask));
}

template <int label>
void bench_open(benchmark::State& state, const Voxels& voxels) {
  const BinaryMask mask = select(scan(voxels), label);
  for (auto _ : state) benchmark::DoNotOptimize(open_slices(mask, 5, 5));
}

void bench_merge(benchmark::State& state, const Voxels& voxels) {
  const LabelledMasks masks = opened_masks(scan(voxels));
  for (auto _ : state) benchmark::DoNotOptimize(merge(masks, 3, EmptyLabel::neighbourhood));
}

}  // namespace
}  // namespace nicohort

int main(int argc, char** argv) {
  using namespace nicohort;
  const std::vector<std::pair<std::string, Voxels>> images = {
      {"tumour", tumour()}, {"atlas", atlas()}, {"noise 1%", noise(1)}, {"noise 50%", noise(50)}};
  const std::vector<std::pair<std::string, Benchmark>> benchmarks = {
      {"scan", bench_scan},
      {"paint", bench_paint},
      {"select every label", bench_select_all},
      {"regions, foreground", bench_regions<1>},
      {"regions, background", bench_regions<0>},
      {"open small regions, foreground", bench_open_small<1>},
      {"open small regions, background", bench_open_small<0>},
      {"open everything, foreground", bench_open<1>},
      {"open everything, background", bench_open<0>},
      {"merge", bench_merge},
  };
  for (const auto& [image, voxels] : images) {
    for (const auto& [name, function] : benchmarks) {
      benchmark::RegisterBenchmark((image + ": " + name).c_str(), function, std::cref(voxels))
          ->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
