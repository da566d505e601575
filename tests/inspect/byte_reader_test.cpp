#include "inspect/bytes/byte_reader.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;

struct Number16 {
  std::uint16_t value = 0;
};

TEST(ByteReader, ReadsNumbersBigEndian) {
  const ByteVector bytes = test::from_hex("01 0203 040506 0708090a ff");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8("a"), 0x01);
  EXPECT_EQ(reader.u16("b"), 0x0203);
  EXPECT_EQ(reader.u24("c"), 0x040506U);
  EXPECT_EQ(reader.u32("d"), 0x0708090aU);
  EXPECT_EQ(reader.offset(), 10U);
  EXPECT_EQ(reader.remaining(), 1U);
  EXPECT_TRUE(reader.more());
  EXPECT_EQ(reader.u8("e"), 0xff);
  EXPECT_FALSE(reader.more());
  reader.done("all");
  EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, TheFirstErrorStaysAndAllLaterReadsAreEmpty) {
  const ByteVector bytes = test::from_hex("01 02");
  ByteReader reader(bytes);
  (void)reader.u8("first");
  EXPECT_EQ(reader.u16("second"), 0U);
  EXPECT_EQ(reader.u8("third"), 0U) << "a byte is left, but the reader has failed";
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_FALSE(reader.more());
  reader.done("done");
  reader.fail(ParseErrorCode::bad_value, "later");
  EXPECT_EQ(reader.error(), (ParseError{ParseErrorCode::truncated, "second", 1}));
}

TEST(ByteReader, EnclosedVectorsShareTheErrorAndCountOffsetsFromTheStart) {
  const ByteVector bytes = test::from_hex("aa 0004 02 bbcc dd ee");
  ByteReader reader(bytes);
  (void)reader.u8("before");
  ByteReader outer = reader.vector16("outer");
  EXPECT_EQ(outer.offset(), 3U);
  ByteReader inner = outer.vector8("inner");
  EXPECT_EQ(inner.offset(), 4U);
  EXPECT_EQ(inner.remaining(), 2U);
  (void)inner.u24("too much");
  EXPECT_TRUE(inner.failed());
  EXPECT_TRUE(outer.failed());
  EXPECT_EQ(reader.error(), (ParseError{ParseErrorCode::truncated, "too much", 4}));
}

TEST(ByteReader, AVectorThatIsLongerThanWhatEnclosesItIsTruncated) {
  const ByteVector bytes = test::from_hex("03 02 0102 ff");
  ByteReader reader(bytes);
  ByteReader outer = reader.vector8("outer");
  ByteReader inner = outer.vector16("inner");
  EXPECT_EQ(inner.remaining(), 0U);
  EXPECT_EQ(reader.error(), (ParseError{ParseErrorCode::truncated, "inner", 3}))
      << "the byte behind the outer vector does not count";
}

TEST(ByteReader, VectorsOfAllWidths) {
  const ByteVector bytes = test::from_hex("01 aa 0001 bb 000001 cc");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.vector8("8").u8("x"), 0xaa);
  EXPECT_EQ(reader.vector16("16").u8("x"), 0xbb);
  EXPECT_EQ(reader.vector24("24").u8("x"), 0xcc);
  reader.done("all");
  EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, Lists) {
  const ByteVector bytes = test::from_hex("0102 0304");
  ByteReader reader(bytes);
  const auto values = reader.list16<Number16>("list");
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[1].value, 0x0304);

  ByteReader odd(Bytes(bytes).first(3));
  EXPECT_TRUE(odd.list16<Number16>("list").empty());
  EXPECT_EQ(odd.error(), (ParseError{ParseErrorCode::bad_length, "list", 0}));
}

TEST(ByteReader, LeftoversAreAnError) {
  const ByteVector bytes = test::from_hex("0102");
  ByteReader reader(bytes);
  (void)reader.u8("first");
  reader.done("the message");
  EXPECT_EQ(reader.error(), (ParseError{ParseErrorCode::trailing, "the message", 1}));
  EXPECT_EQ(describe(*reader.error()), "trailing bytes: the message at byte 1");
}

TEST(ByteReader, NothingToReadIsNoErrorUntilAsked) {
  ByteReader reader(Bytes{});
  reader.done("nothing");
  EXPECT_FALSE(reader.failed());
  EXPECT_FALSE(reader.more());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.failed());
  (void)reader.u8("one");
  EXPECT_EQ(reader.error(), (ParseError{ParseErrorCode::truncated, "one", 0}));
}

TEST(ByteReader, AHugeLengthDoesNotWrapAround) {
  const ByteVector bytes = test::from_hex("ffffff 01");
  ByteReader reader(bytes);
  (void)reader.vector24("vector");
  EXPECT_EQ(reader.error()->code, ParseErrorCode::truncated);
  ByteReader again(bytes);
  (void)again.u8("one");
  EXPECT_TRUE(again.bytes(static_cast<std::size_t>(-1), "all of memory").empty());
  EXPECT_TRUE(again.failed());
}

}  // namespace
}  // namespace visavis::inspect
