#include "step/extract.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "mask/dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Spec4Routine03Extract, a_binary_mask_is_where_the_mask_has_the_label, ()) {
  const Dense dense = random_dense(random_size(), 3);
  const auto masks = extract(to_labels(dense), {0, 2, 3, 7});
  RC_ASSERT(masks.size() == 4u);
  for (const auto& [label, mask] : masks) {
    RC_ASSERT(mask == to_binary(where(dense.size, [&, value = label](auto x, auto y, auto z) {
                return dense.at(x, y, z) == value;
              })));
  }
}

RC_GTEST_PROP(Foreground, is_every_label_but_the_background, ()) {
  const Dense dense = random_dense(random_size(), 3);
  const BinaryMask expected =
      to_binary(where(dense.size, [&](auto x, auto y, auto z) { return dense.at(x, y, z) != 0; }));
  RC_ASSERT(foreground(to_labels(dense)) == expected);
  RC_ASSERT(foreground(extract(to_labels(dense), {0, 1, 2, 3})) == expected);
  RC_ASSERT(foreground(extract(to_labels(dense), {1, 2, 3})) == expected);
}

TEST(Foreground, of_the_background_alone_is_empty_and_has_its_size) {
  const auto masks = extract(LabelMask(to_labels(Dense({4, 3, 2}))), {0});
  EXPECT_EQ(foreground(masks), to_binary(Dense({4, 3, 2})));
}

}  // namespace
}  // namespace nicohort
