#include "table/text.hpp"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "table/table.hpp"

namespace nicohort {
namespace {

TEST(Text, is_what_it_was_made_of) {
  for (const std::string text : {"", "a", "sixteen letters!", "食管"})
    EXPECT_EQ(Text(text).view(), text);
  EXPECT_EQ(Text(std::string_view("a\0b", 3)).view().size(), 3U);
  const std::string longer(100'000, 'x');
  EXPECT_EQ(Text(longer).view(), longer);
  EXPECT_TRUE(Text().empty() && Text("").empty());
}

TEST(Text, stays_when_others_that_share_it_change) {
  Text one("one");
  {
    Text other = one;
    EXPECT_EQ(other.view().data(), one.view().data()) << "shared";
    other = Text("two");
    Text third = std::move(other);
    EXPECT_EQ(third.view(), "two");
    EXPECT_TRUE(other.empty());  // NOLINT(bugprone-use-after-move)
    third = one;
    const Text& itself = third;
    third = itself;
    EXPECT_EQ(third.view(), "one");
  }
  EXPECT_EQ(one.view(), "one");
  EXPECT_EQ(one, Text("one"));
  EXPECT_NE(one, Text("One"));
}

TEST(Text, can_be_copied_by_many_threads_at_once) {
  const Text shared("shared by all");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&shared] {
      for (int k = 0; k < 10'000; ++k) EXPECT_EQ(std::vector<Text>(3, shared).back(), shared);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared.view(), "shared by all");
}

// A cell of text is no boolean, although a pointer could be one.
TEST(Text, is_what_a_cell_is_made_of) {
  for (const Cell& cell :
       {Cell("TRUE"), Cell(std::string("TRUE")), Cell(std::string_view("TRUE"))}) {
    EXPECT_TRUE(std::holds_alternative<Text>(cell));
    EXPECT_EQ(to_text(cell), "TRUE");
  }
}

}  // namespace
}  // namespace nicohort
