#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>

#include "inspect/bytes/byte_reader.h"
#include "tests/support/hello_builder.h"

/// Handshake messages, damaged in every way that their lengths allow.
namespace visavis::test {

/// expect_cuts_fail cuts a message at every byte, once as it is and once with a header that agrees
/// with what is left: `parse` must refuse it, and name a place within it.
template <class Parse>
void expect_cuts_fail(const ByteVector& whole, const Parse& parse) {
  ASSERT_TRUE(parse(inspect::Bytes(whole)).ok()) << "the whole message is good";
  for (std::size_t count = 0; count < whole.size(); ++count) {
    const auto cut = parse(inspect::Bytes(whole).first(count));
    ASSERT_FALSE(cut.ok()) << "cut to " << count;
    EXPECT_LE(cut.error().offset, count);
    EXPECT_FALSE(cut.error().field.empty());
    if (count < 4) continue;
    const ByteVector agreed =
        message(whole[0],
                ByteVector(whole.begin() + 4, whole.begin() + static_cast<std::ptrdiff_t>(count)));
    const auto shorter = parse(inspect::Bytes(agreed));
    ASSERT_FALSE(shorter.ok()) << "a message of " << count;
    EXPECT_LE(shorter.error().offset, count);
  }
}

/// expect_wrong_lengths_fail changes each of the length fields (given by their last byte) by one,
/// both ways, and puts a byte behind the body.
template <class Parse>
void expect_wrong_lengths_fail(const ByteVector& whole, std::initializer_list<std::size_t> lengths,
                               const Parse& parse) {
  for (const std::size_t at : lengths)
    for (const int change : {-1, 1}) {
      ByteVector wrong = whole;
      wrong.at(at) = static_cast<std::uint8_t>(wrong.at(at) + change);
      const auto parsed = parse(inspect::Bytes(wrong));
      ASSERT_FALSE(parsed.ok()) << "the length at byte " << at << ' ' << change;
      EXPECT_LE(parsed.error().offset, wrong.size());
      EXPECT_FALSE(parsed.error().field.empty());
    }
  ByteVector body(whole.begin() + 4, whole.end());
  body.push_back(0);
  const auto longer = parse(inspect::Bytes(message(whole[0], body)));
  ASSERT_FALSE(longer.ok()) << "a byte behind the body";
  EXPECT_EQ(longer.error().code, inspect::ParseErrorCode::trailing);
}

/// expect_other_type_fails gives the message another type.
template <class Parse>
void expect_other_type_fails(ByteVector whole, const Parse& parse) {
  whole[0] ^= 0x40;
  const auto parsed = parse(inspect::Bytes(whole));
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error(),
            (inspect::ParseError{inspect::ParseErrorCode::bad_value, "handshake type", 1}));
}

}  // namespace visavis::test
