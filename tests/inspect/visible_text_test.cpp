#include "inspect/report/visible_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::inspect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(VisibleText, VisibleWritesOutWhatATerminalWouldObey) {
  EXPECT_EQ(visible("plain \xc3\xa9"), "plain \xc3\xa9");
  EXPECT_EQ(visible("\x1b[31m\n\x7f"), "\\x1b[31m\\x0a\\x7f");
  EXPECT_EQ(visible("\xc2\x9b"), "\\x9b");  // C1: CSI in one character
  EXPECT_EQ(visible("a\xe2\x80\xae"
                    "b"),
            "a\\u202eb");                               // right-to-left override
  EXPECT_EQ(visible("\xf3\xa0\x80\x81"), "\\u0e0001");  // tag character
  EXPECT_EQ(visible("\xff"), "\xEF\xBF\xBD");
  EXPECT_EQ(visible("\xc3\xa9\xc3\xa9\xc3\xa9", 2), "\xc3\xa9\xc3\xa9...");
}

TEST(VisibleText, WidthCountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\xc3\xa9"), 1U);
  EXPECT_EQ(display_width("\xe6\xbc\xa2\xe5\xad\x97"), 4U);  // two CJK characters
  EXPECT_EQ(display_width("\xf0\x9f\x98\x80"), 2U);
}

TEST(VisibleText, ShortenedKeepsTheWidth) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(shortened("\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2", 5), "\xe6\xbc\xa2...");
}

TEST(VisibleText, WrapBreaksWhereAReaderWould) {
  EXPECT_THAT(wrap("", 10), IsEmpty());
  EXPECT_THAT(wrap("one two three", 8), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("one two three", 9, 2), ElementsAre("one two", "  three"));
  EXPECT_THAT(wrap("TLS_RSA_WITH_AES_128", 10), ElementsAre("TLS_RSA_", "WITH_AES_", "128"));
  EXPECT_THAT(wrap("aaaaaaaaaaaa", 5), ElementsAre("aaaaa", "aaaaa", "aa"));
  EXPECT_THAT(wrap("\xe6\xbc\xa2\xe5\xad\x97", 3), ElementsAre("\xe6\xbc\xa2", "\xe5\xad\x97"));
}

/// Texts of ASCII alone take a shorter way, to the same breaks: a character of two bytes and one
/// column in front makes a text go the other.
TEST(VisibleText, WrapBreaksPlainTextsAsOthers) {
  std::mt19937 random(1);
  const std::string_view characters = "abcdefgh    _,/-";
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string text = "x";
    for (std::size_t left = random() % 80; left > 0; --left)
      text += characters[random() % characters.size()];
    std::string other = text;
    other.replace(0, 1, "\xc3\xa9");
    const std::size_t width = 5 + random() % 40;
    const std::size_t hanging = random() % 3;
    std::vector<std::string> expected = wrap(other, width, hanging);
    expected.front().replace(0, 2, "x");
    ASSERT_EQ(wrap(text, width, hanging), expected) << '"' << text << '"' << ", width " << width;
  }
}

TEST(VisibleText, WrapKeepsEveryWordAndTheWidth) {
  const std::string text =
      "CN=a.example.com,O=Example  Trust Services; see https://example.com/a_b-c ok";
  for (std::size_t width = 3; width < 90; ++width) {
    std::string kept;
    for (const std::string& line : wrap(text, width)) {
      EXPECT_LE(display_width(line), width);
      kept += line;
    }
    const auto no_spaces = [](std::string s) {
      std::erase(s, ' ');
      return s;
    };
    EXPECT_EQ(no_spaces(kept), no_spaces(text)) << width;
  }
}

}  // namespace
}  // namespace visavis::inspect
