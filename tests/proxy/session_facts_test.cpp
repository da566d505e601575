#include "proxy/session_facts.h"

#include <gtest/gtest.h>

namespace visavis::proxy {
namespace {

/// A capture's times may lie anywhere, before 1970 too: the fraction is counted forward.
TEST(SessionFacts, TimesHaveMilliseconds) {
  const auto at = [](std::int64_t ms) {
    return rfc3339(std::chrono::system_clock::time_point(std::chrono::milliseconds(ms)));
  };
  EXPECT_EQ(at(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(at(1'800'000'000'007), "2027-01-15T08:00:00.007Z");
  EXPECT_EQ(at(999), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(at(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace visavis::proxy
