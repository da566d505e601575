#include "certs/der.h"

#include <gtest/gtest.h>

#include <vector>

namespace visavis::certs {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Der, AnElementOfEachLengthForm) {
  DerElement element;
  const Bytes brief{0x04, 0x02, 0xaa, 0xbb, 0xff};
  EXPECT_FALSE(read_der(brief, 0, brief.size(), element));
  EXPECT_EQ(element.tag, 0x04);
  EXPECT_EQ(element.content, 2U);
  EXPECT_EQ(element.end, 4U);

  Bytes extended{0x05, 0x00, 0x30, 0x82, 0x01, 0x00};
  extended.resize(6 + 256);
  EXPECT_FALSE(read_der(extended, 2, extended.size(), element));
  EXPECT_EQ(element.offset, 2U);
  EXPECT_EQ(element.content, 6U);
  EXPECT_EQ(element.end, 262U);

  const Bytes open{0x30, 0x80, 0x02, 0x01, 0x00, 0x00, 0x00};
  EXPECT_FALSE(read_der(open, 0, open.size(), element));
  EXPECT_TRUE(element.indefinite);
  EXPECT_EQ(element.end, open.size());
}

TEST(Der, WhatCanNotBe) {
  struct Case {
    Bytes bytes;
    std::size_t offset;
    const char* what;
  };
  for (const Case& c : {
           Case{{}, 0, "no room for a tag and a length"},
           Case{{0x30}, 0, "no room for a tag and a length"},
           Case{{0x1f, 0x01, 0x00}, 0, "a tag of several bytes"},
           Case{{0x02, 0x80}, 1, "0x80 begins no length that can be"},
           Case{{0x30, 0x85, 0, 0, 0, 0, 1}, 1, "0x85 begins no length that can be"},
           Case{{0x30, 0xff, 0, 0}, 1, "0xff begins no length that can be"},
           Case{{0x30, 0x82, 0x01}, 1, "a length that is cut off"},
           Case{{0x30, 0x03, 0x02, 0x01}, 1, "a length of 3 bytes where 2 are left"},
           Case{{0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
                1,
                "a length of 4294967295 bytes where 0 are left"},
       }) {
    DerElement element;
    const auto problem = read_der(c.bytes, 0, c.bytes.size(), element);
    ASSERT_TRUE(problem) << c.what;
    EXPECT_EQ(problem->offset, c.offset);
    EXPECT_EQ(problem->what, c.what);
  }
}

TEST(Der, TheInnermostProblemIsTheOneFound) {
  // SEQUENCE { INTEGER 1, SEQUENCE { OCTET STRING of 4 where 1 byte is left } }
  const Bytes bytes{0x30, 0x08, 0x02, 0x01, 0x01, 0x30, 0x03, 0x04, 0x04, 0xaa};
  DerElement outer;
  ASSERT_FALSE(read_der(bytes, 0, bytes.size(), outer));
  const auto problem = find_der_problem(bytes, outer);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->offset, 8U);
  EXPECT_EQ(problem->what, "a length of 4 bytes where 1 are left");

  Bytes whole = bytes;
  whole[8] = 1;
  EXPECT_FALSE(find_der_problem(whole, outer));
}

TEST(Der, NestingWithoutEndIsCut) {
  Bytes bytes;
  for (int i = 0; i < 60; ++i) {
    bytes.insert(bytes.begin(), static_cast<std::uint8_t>(bytes.size()));
    bytes.insert(bytes.begin(), 0x30);
  }
  DerElement outer;
  ASSERT_FALSE(read_der(bytes, 0, bytes.size(), outer));
  const auto problem = find_der_problem(bytes, outer);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->what, "nested too deep");
}

TEST(Der, TagsHaveNames) {
  EXPECT_EQ(tag_text(0x30), "SEQUENCE");
  EXPECT_EQ(tag_text(0x02), "INTEGER");
  EXPECT_EQ(tag_text(0xa3), "[3]");
  EXPECT_EQ(tag_text(0x82), "[2]");
  EXPECT_EQ(tag_text(0x16), "tag 0x16");
}

}  // namespace
}  // namespace visavis::certs
