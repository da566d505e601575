#include "certs/unix_time.h"

#include <gtest/gtest.h>

namespace visavis::certs {
namespace {

/// RFC 3339 5.6: a year has four digits. The seconds are those of `date -u -d TEXT +%s`.
TEST(UnixTime, Rfc3339) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(1'800'000'000), "2027-01-15T08:00:00Z");
  EXPECT_EQ(rfc3339(-30'610'224'000), "1000-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(-30'610'224'001), "0999-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339(-62'167'219'200), "0000-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(-62'167'219'201), "");
  EXPECT_EQ(rfc3339(253'402'300'799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339(253'402'300'800), "");
  EXPECT_EQ(unix_seconds(nullptr), std::nullopt);
}

}  // namespace
}  // namespace visavis::certs
