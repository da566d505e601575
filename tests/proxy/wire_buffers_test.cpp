#include "proxy/wire_buffers.h"

#include <gtest/gtest.h>

#include "inspect/bytes/byte_owner.h"

namespace visavis::proxy {
namespace {

WireBuffer filled(WireBuffers& buffers, std::size_t size) {
  WireBuffer buffer = buffers.take();
  buffer->assign(size, 1);
  return buffer;
}

TEST(WireBuffers, TheOneGivenBackLastIsTakenFirst) {
  WireBuffers buffers;
  WireBuffer one = filled(buffers, 10);
  WireBuffer other = filled(buffers, 10);
  const auto* const last = other.get();
  buffers.give_back(std::move(one));
  buffers.give_back(std::move(other));
  EXPECT_EQ(buffers.take().get(), last);
}

TEST(WireBuffers, WhatOthersKeepIsNotTaken) {
  WireBuffers buffers;
  WireBuffer buffer = filled(buffers, 10);
  const auto* const address = buffer.get();
  inspect::ByteOwner keeper = buffer;
  EXPECT_TRUE(is_lent(buffer));
  buffers.give_back(std::move(buffer));
  const WireBuffer another = buffers.take();
  EXPECT_NE(another.get(), address);
  keeper.reset();
  EXPECT_EQ(buffers.take().get(), address);
}

/// In bulk transfer the oldest of those that are kept is free first.
TEST(WireBuffers, TheOneKeptForLongestIsTakenOnceItIsFree) {
  WireBuffers buffers;
  std::vector<inspect::ByteOwner> keepers;
  for (int i = 0; i < 5; ++i) {
    WireBuffer buffer = std::make_shared<std::vector<std::uint8_t>>(10);
    keepers.emplace_back(buffer);
    buffers.give_back(std::move(buffer));
  }
  const void* const oldest = keepers.front().get();
  keepers.front().reset();
  EXPECT_EQ(buffers.take().get(), oldest);
}

TEST(WireBuffers, AreBounded) {
  WireBuffers buffers;
  std::vector<inspect::ByteOwner> keepers;
  const auto give_back = [&](std::size_t count, std::size_t size, bool keep) {
    for (std::size_t i = 0; i < count; ++i) {
      WireBuffer buffer = std::make_shared<std::vector<std::uint8_t>>(size);
      if (keep) keepers.emplace_back(buffer);
      buffers.give_back(std::move(buffer));
    }
  };
  const auto count_kept = [&] {
    std::size_t count = 0;
    while (buffers.take()->capacity() > 0) ++count;
    return count;
  };
  give_back(2 * WireBuffers::kMostKept, 10, false);
  EXPECT_EQ(count_kept(), WireBuffers::kMostKept);
  give_back(4, WireBuffers::kLargestKept + 1, false);
  EXPECT_EQ(count_kept(), 0U);
  give_back(2 * WireBuffers::kMostLent, 10, true);
  keepers.clear();
  EXPECT_LE(count_kept(), WireBuffers::kMostLent);
}

}  // namespace
}  // namespace visavis::proxy
