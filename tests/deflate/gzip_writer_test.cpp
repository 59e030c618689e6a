#include "deflate/gzip_writer.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <cstring>
#include <stdexcept>

#include "base/temporary_folder.hpp"
#include "inflate.hpp"
#include "voxels.hpp"

namespace nicohort {
namespace {

using namespace testing;

using Cuts = std::vector<std::size_t>;
struct Part {
  Content content;
  std::string bytes;
};

constexpr std::size_t block = 65536;  // voxels

std::string gzip(const std::vector<Part>& parts, std::size_t piece = std::string::npos,
                 Compression compression = Compression::balanced, Threads threads = Threads::one) {
  std::string made;
  GzipWriter writer(
      [&](std::span<const std::byte> bytes) {
        made.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      },
      compression, threads);
  for (const auto& [content, bytes] : parts) {
    writer.expect(content);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      writer.write(std::as_bytes(std::span(bytes)).subspan(at, std::min(piece, bytes.size() - at)));
      if (piece > bytes.size()) break;
    }
  }
  writer.finish();
  return made;
}

std::string whole(const std::vector<Part>& parts) {
  std::string bytes;
  for (const Part& part : parts) bytes += part.bytes;
  return bytes;
}

std::string random_bytes(unsigned values) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  std::string bytes(*rc::gen::element(0, 1, 8, 9, 100, 262143, 262144, 262145, 600000), 'a');
  for (char& byte : bytes) byte = char(random() % values);
  return bytes;
}

// Up to three blocks and a voxel, with what is no whole number in none, one or all of them.
std::string random_voxels() {
  const std::size_t count =
      *rc::gen::element<std::size_t>(0, 1, 2, 100, block - 1, block, block + 1, 2 * block + 1,
                                     3 * block - 1, 3 * block, 3 * block + 1);
  auto values = voxels(*rc::gen::elementOf(all_manners), count,
                       *rc::gen::arbitrary<std::uint32_t>(), *rc::gen::element(8191, 8192, 8193));
  for (int odd = *rc::gen::inRange(0, 3); odd > 0 && count > 0; --odd)
    values[*rc::gen::inRange<std::size_t>(0, count)] = *rc::gen::elementOf(odd_values);
  return text_of(values);
}

std::vector<Part> random_parts() {
  std::vector<Part> parts;
  for (int count = *rc::gen::inRange(1, 4); count > 0; --count) {
    const Content content = *rc::gen::element(Content::any, Content::runs, Content::floats);
    const bool is_as_expected = *rc::gen::inRange(0, 5) > 0;
    parts.push_back({content, content == Content::floats && is_as_expected
                                  ? random_voxels()
                                  : random_bytes(*rc::gen::element(1u, 3u, 256u))});
  }
  return parts;
}

RC_GTEST_PROP(GzipWriter, all_read_what_is_written, ()) {
  const auto parts = random_parts();
  const Compression compression =
      *rc::gen::element(Compression::balanced, Compression::balanced, Compression::fast);
  RC_ASSERT(gives(gzip(parts, std::string::npos, compression), whole(parts)));
}

RC_GTEST_PROP(Spec2DeterminismGzip, output_does_not_depend_on_how_it_is_cut_into_calls, ()) {
  const auto parts = random_parts();
  RC_ASSERT(gzip(parts) == gzip(parts, *rc::gen::element<std::size_t>(5000, 65537, 262144)));
}

RC_GTEST_PROP(Spec2DeterminismGzip, output_does_not_depend_on_the_number_of_threads, ()) {
  const auto parts = random_parts();
  const auto compression = *rc::gen::element(Compression::balanced, Compression::fast);
  const auto piece = *rc::gen::element<std::size_t>(65537, 262144, std::string::npos);
  RC_ASSERT(gzip(parts, piece, compression, Threads::more) ==
            gzip(parts, piece, compression, Threads::one));
}

// Where the disk is full, at the beginning, in the middle and at the end.
TEST(GzipWriter, an_error_of_the_sink_is_not_lost_among_threads) {
  const std::string text = text_of(voxels(Manner::wide, 12 * block, 1));
  int calls = 0;
  const auto write = [&](int failing) {
    calls = 0;
    GzipWriter writer(
        [&](std::span<const std::byte>) {
          if (++calls == failing) throw std::runtime_error("no room");
        },
        Compression::balanced, Threads::more);
    writer.expect(Content::floats);
    writer.write(std::as_bytes(std::span(text)));
    writer.finish();
  };
  write(-1);
  const int all = calls;
  ASSERT_GE(all, 12);
  for (const int failing : {1, all / 2, all})
    EXPECT_EQ(message_of<std::runtime_error>([&] { write(failing); }), "no room") << failing;
}

TEST(GzipWriter, that_is_not_finished_ends_its_threads) {
  const std::string text = text_of(voxels(Manner::wide, 12 * block, 1));
  for (const bool fails : {false, true}) {
    std::atomic<int> calls = 0;
    {
      GzipWriter writer(
          [&](std::span<const std::byte>) {
            ++calls;
            if (fails) throw std::runtime_error("no room");
          },
          Compression::balanced, Threads::more);
      writer.expect(Content::floats);
      writer.write(std::as_bytes(std::span(text)).first(2 * block));
    }
    const int at_end = calls;
    EXPECT_LE(at_end, 1);  // of half a block nothing, of its threads at most what they began
  }
}

TEST(GzipWriter, voxels_of_every_manner_and_size) {
  for (const Manner manner : all_manners)
    for (const std::size_t count : {block - 1, block, block + 1, 3 * block + 1}) {
      const std::vector<Part> parts{{Content::runs, std::string(352, '\0')},
                                    {Content::floats, text_of(voxels(manner, count, 1))}};
      const std::string made = gzip(parts);
      EXPECT_TRUE(gives(made, whole(parts))) << int(manner) << ", " << count;
      EXPECT_LT(made.size(), whole(parts).size() * 3 / 4) << int(manner) << ", " << count;
    }
}

// Blocks that are whole numbers and others, in every order of four.
TEST(GzipWriter, falls_back_and_returns_without_a_seam) {
  for (int odd = 0; odd < 16; ++odd) {
    auto values = voxels(Manner::wide, 3 * block + 100, 1);
    for (std::size_t i = 0; i < 4; ++i)
      if (odd >> i & 1) values[i * block + 50] += 0.5F;
    const std::vector<Part> parts{{Content::runs, "header"}, {Content::floats, text_of(values)}};
    EXPECT_TRUE(gives(gzip(parts), whole(parts))) << odd;
  }
}

TEST(GzipWriter, an_image_that_ends_with_a_block) {
  for (const float last : {7.0F, 0.5F}) {
    auto values = voxels(Manner::wide, 2 * block, 1);
    values.back() = last;
    const std::vector<Part> parts{{Content::floats, text_of(values)}};
    EXPECT_TRUE(gives(gzip(parts), whole(parts)));
  }
}

// What is written of whole numbers is of the same size wherever others are.
TEST(GzipWriter, one_odd_voxel_costs_no_more_than_its_block) {
  auto values = voxels(Manner::narrow, 20 * block, 1);
  const std::size_t all = gzip({{Content::floats, text_of(values)}}).size();
  values[7 * block] = 0.5F;
  const std::size_t with = gzip({{Content::floats, text_of(values)}}).size();
  EXPECT_LT(with, all + all / 20);
}

TEST(GzipWriter, nothing_is_a_member_too) {
  for (const Compression compression :
       {Compression::fast, Compression::balanced, Compression::small})
    EXPECT_TRUE(gives(gzip({}, std::string::npos, compression), ""));
  EXPECT_TRUE(gives(gzip({{Content::floats, ""}}), ""));
  EXPECT_TRUE(gives(gzip({{Content::runs, ""}}), ""));
}

// With short data a compressor's tables are small, and what an address does to them is seen soon.
TEST(Spec2DeterminismGzip, output_does_not_depend_on_where_memory_lies) {
  const std::string data = "\x5c\x01" + std::string(58, '\0');
  auto odd = voxels(Manner::wide, 30, 1);
  odd.back() = 0.5F;
  for (const Compression compression :
       {Compression::fast, Compression::balanced, Compression::small})
    for (const std::vector<Part>& parts :
         {std::vector<Part>{{Content::any, data}},
          std::vector<Part>{{Content::any, data.substr(0, 2)}, {Content::any, data.substr(2)}},
          std::vector<Part>{{Content::runs, data}, {Content::floats, text_of(odd)}}}) {
      const std::string first = gzip(parts, std::string::npos, compression);
      std::vector<std::unique_ptr<std::byte[]>> in_the_way;
      for (std::size_t i = is_long() ? 1500 : 300; i > 0; --i) {
        in_the_way.push_back(std::make_unique_for_overwrite<std::byte[]>(64 * 1024));
        ASSERT_EQ(gzip(parts, std::string::npos, compression), first) << i;
      }
    }
}

TEST(Spec2DeterminismGzip, header_has_neither_time_nor_name) {
  for (const Content content : {Content::any, Content::runs}) {
    const std::string made = gzip({{content, "text"}});
    EXPECT_EQ(made.substr(0, 3), "\x1f\x8b\x08");
    EXPECT_EQ(made.substr(3, 5), std::string(5, '\0'));  // flags, time
    EXPECT_EQ(made.substr(made.size() - 4), std::string("\4\0\0\0", 4));
  }
}

}  // namespace
}  // namespace nicohort
