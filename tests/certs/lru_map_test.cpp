#include "certs/lru_map.h"

#include <gtest/gtest.h>

#include <string>

namespace visavis::certs {
namespace {

TEST(LruMap, FindsWhatWasPut) {
  LruMap<int, std::string> map(2);
  EXPECT_EQ(map.find(1), nullptr);
  map.put(1, "one");
  ASSERT_NE(map.find(1), nullptr);
  EXPECT_EQ(*map.find(1), "one");
}

TEST(LruMap, TheEntryUnusedForLongestGoes) {
  LruMap<int, std::string> map(2);
  map.put(1, "one");
  map.put(2, "two");
  EXPECT_NE(map.find(1), nullptr);  // 2 is now the oldest
  map.put(3, "three");
  EXPECT_EQ(map.size(), 2U);
  EXPECT_NE(map.find(1), nullptr);
  EXPECT_EQ(map.find(2), nullptr);
  EXPECT_NE(map.find(3), nullptr);
}

TEST(LruMap, PutReplacesAndMakesRecent) {
  LruMap<int, std::string> map(2);
  map.put(1, "one");
  map.put(2, "two");
  map.put(1, "uno");
  map.put(3, "three");
  EXPECT_EQ(map.size(), 2U);
  ASSERT_NE(map.find(1), nullptr);
  EXPECT_EQ(*map.find(1), "uno");
  EXPECT_EQ(map.find(2), nullptr);
}

TEST(LruMap, NothingIsKeptWithoutCapacity) {
  LruMap<int, std::string> map(0);
  map.put(1, "one");
  EXPECT_EQ(map.size(), 0U);
  EXPECT_EQ(map.find(1), nullptr);
}

}  // namespace
}  // namespace visavis::certs
