#include "inspect/bytes/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace visavis::inspect {
namespace {

const ParseError kError{ParseErrorCode::bad_value, "field", 3};

TEST(Result, HoldsAValue) {
  Result<std::string> result(std::string("text"));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(*result, "text");
  EXPECT_EQ(result->size(), 4U);
  *result += "!";
  EXPECT_EQ(std::move(result).value(), "text!");
}

TEST(Result, HoldsAnError) {
  const Result<std::string> result(kError);
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error(), kError);
  EXPECT_EQ(describe(result.error()), "bad value: field at byte 3");
}

TEST(Result, TakesValuesThatCanOnlyMove) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  EXPECT_EQ(*std::move(result).value(), 7);
}

TEST(StreamResult, HasThreeAnswers) {
  const StreamResult<int> value(7);
  EXPECT_TRUE(value.ok() && !value.needs_more() && !value.failed());
  EXPECT_EQ(*value, 7);

  const StreamResult<int> more(NeedMore{12});
  EXPECT_TRUE(!more.ok() && more.needs_more() && !more.failed());
  EXPECT_EQ(more.missing_bytes(), 12U);

  const StreamResult<int> error(kError);
  EXPECT_TRUE(!error.ok() && !error.needs_more() && error.failed());
  EXPECT_EQ(error.error(), kError);
}

TEST(ParseError, EveryCodeHasWords) {
  for (const auto code :
       {ParseErrorCode::truncated, ParseErrorCode::trailing, ParseErrorCode::bad_length,
        ParseErrorCode::bad_value, ParseErrorCode::too_large})
    EXPECT_NE(name(code), "?");
}

}  // namespace
}  // namespace visavis::inspect
