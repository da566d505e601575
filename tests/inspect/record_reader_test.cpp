#include "inspect/record/record_reader.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::record;

struct Seen {
  RecordHeader header;
  ByteVector body;

  friend bool operator==(const Seen&, const Seen&) = default;
};

/// Collects records, and fails where a fragment comes outside of its record.
struct Collector {
  std::vector<Seen> records;
  ByteVector body;

  void fragment(const RecordHeader&, Bytes bytes) {
    EXPECT_FALSE(bytes.empty());
    body.insert(body.end(), bytes.begin(), bytes.end());
  }
  void record(const RecordHeader& header) {
    records.push_back({header, std::move(body)}), body = {};
  }
};

struct Outcome {
  std::vector<Seen> records;
  ByteVector unfinished;
  std::optional<ParseError> error;
  std::uint64_t offset = 0;
  bool incomplete = false;
  std::size_t missing = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(const ByteVector& stream, const std::vector<std::size_t>& cuts) {
  RecordReader reader;
  Collector collector;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    reader.feed(Bytes(stream).subspan(from, cut - from), collector);
    from = cut;
  }
  reader.feed(Bytes(stream).subspan(from), collector);
  return {collector.records, collector.body,      reader.error(),
          reader.offset(),   reader.incomplete(), reader.missing_bytes()};
}

/// Reads in one piece, split at every place, and byte by byte: always the same.
Outcome read_in_all_ways(const ByteVector& stream) {
  Outcome whole = read(stream, {});
  std::vector<std::size_t> every;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    EXPECT_EQ(read(stream, {cut}), whole) << "split at " << cut;
    every.push_back(cut);
  }
  EXPECT_EQ(read(stream, every), whole) << "byte by byte";
  for (std::size_t step = 2; step < 8; ++step) {
    std::vector<std::size_t> cuts;
    for (std::size_t cut = step; cut < stream.size(); cut += step) cuts.push_back(cut);
    EXPECT_EQ(read(stream, cuts), whole) << "pieces of " << step;
  }
  return whole;
}

RecordHeader header(std::uint8_t type, std::uint16_t version, std::uint16_t length) {
  return {ContentType{type}, ProtocolVersion{version}, length, false};
}

TEST(RecordReader, AnyChunkingGivesTheSameRecords) {
  const ByteVector stream = joined({record(22, 0x0301, ByteVector(9, 1)), record(20, 0x0303, {1}),
                                    record(23, 0x0303, ByteVector(40, 2)), record(23, 0x0303, {}),
                                    record(24, 0x0303, {7}), record(21, 0x0303, {2, 40})});
  const Outcome outcome = read_in_all_ways(stream);
  ASSERT_EQ(outcome.records.size(), 6U);
  EXPECT_EQ(outcome.records[0].header, header(22, 0x0301, 9));
  EXPECT_EQ(outcome.records[2].body, ByteVector(40, 2));
  EXPECT_EQ(outcome.records[3], (Seen{header(23, 0x0303, 0), {}}));
  EXPECT_EQ(outcome.records[5].body, (ByteVector{2, 40}));
  EXPECT_FALSE(outcome.error);
  EXPECT_FALSE(outcome.incomplete);
  EXPECT_EQ(outcome.missing, kRecordHeaderBytes);
  EXPECT_EQ(outcome.offset, stream.size());
}

TEST(RecordReader, EmptyRecordsOnly) {
  ByteVector stream;
  for (int i = 0; i < 20; ++i) stream = joined({stream, record(23, 0x0303, {})});
  EXPECT_EQ(read_in_all_ways(stream).records.size(), 20U);
}

TEST(RecordReader, TheLongestLengthPasses) {
  const ByteVector stream = record(23, 0x0303, ByteVector(65535, 9));
  const Outcome outcome = read(stream, {1, 3, 5, 6, 40000});
  ASSERT_EQ(outcome.records.size(), 1U);
  EXPECT_EQ(outcome.records[0].header.length, 65535);
  EXPECT_EQ(outcome.records[0].body.size(), 65535U);
  EXPECT_FALSE(outcome.error);
}

TEST(RecordReader, AnyMinorVersionPasses) {
  for (const std::uint16_t version :
       std::initializer_list<std::uint16_t>{0x0300, 0x0304, 0x037f, 0x03ff})
    EXPECT_EQ(read_in_all_ways(record(22, version, {1})).records.at(0).header.version.value,
              version);
}

TEST(RecordReader, AllAssignedTypesPassAndNoOthers) {
  for (unsigned type = 0; type < 128; ++type) {
    const Outcome outcome =
        read_in_all_ways(record(static_cast<std::uint8_t>(type), 0x0303, {1, 2}));
    const bool assigned = type >= 20 && type <= 26;
    EXPECT_EQ(outcome.records.size(), assigned ? 1U : 0U) << type;
    if (!assigned) {
      EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::bad_value, "record type", 0})) << type;
    }
  }
}

TEST(RecordReader, ABadTypeLaterIsNamedByItsPlaceInTheStream) {
  const ByteVector good = record(22, 0x0303, ByteVector(3, 1));
  for (const int type : {0x47, 0x00, 0x80, 0xff}) {
    const Outcome outcome = read_in_all_ways(
        joined({good, record(static_cast<std::uint8_t>(type), 0x0303, {1}), good}));
    EXPECT_EQ(outcome.records.size(), 1U);
    EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::bad_value, "record type", 8})) << type;
    EXPECT_EQ(outcome.offset, 9U) << "it reads no further";
  }
}

TEST(RecordReader, ABadVersion) {
  for (const std::uint16_t version :
       std::initializer_list<std::uint16_t>{0x0200, 0x0403, 0x0002, 0xfefd}) {
    const Outcome outcome = read_in_all_ways(record(22, version, {1}));
    EXPECT_TRUE(outcome.records.empty());
    EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::bad_value, "record version", 1}));
  }
}

TEST(RecordReader, CutAnywhereItSaysWhatIsMissing) {
  const ByteVector stream = record(22, 0x0303, ByteVector(6, 1));
  for (std::size_t cut = 0; cut < stream.size(); ++cut) {
    const Outcome outcome =
        read_in_all_ways({stream.begin(), stream.begin() + static_cast<long>(cut)});
    EXPECT_TRUE(outcome.records.empty());
    EXPECT_FALSE(outcome.error);
    EXPECT_EQ(outcome.incomplete, cut > 0);
    EXPECT_EQ(outcome.missing, cut < 5 ? 5 - cut : stream.size() - cut) << cut;
    EXPECT_EQ(outcome.unfinished.size(), cut < 5 ? 0 : cut - 5);
  }
}

ByteVector sslv2_hello(std::uint16_t version) {
  return test::sslv2_record(
      test::sslv2_hello_body(version, {0x00002f, 0x010080}, {}, ByteVector(16, 5)));
}

const ByteVector kMasterKey = test::from_hex("800e 02 010080 0000 0002 0002 1111 2222");

TEST(RecordReader, TheSslTwoForm) {
  const ByteVector hello = sslv2_hello(0x0301);
  const ByteVector stream = joined({hello, record(22, 0x0301, {9})});
  const Outcome outcome = read_in_all_ways(stream);
  ASSERT_EQ(outcome.records.size(), 2U);
  EXPECT_TRUE(outcome.records[0].header.sslv2);
  EXPECT_EQ(outcome.records[0].header.type, kHandshake);
  EXPECT_EQ(outcome.records[0].header.version, kSsl2);
  EXPECT_EQ(outcome.records[0].header.length, hello.size() - 2);
  EXPECT_EQ(outcome.records[0].body, ByteVector(hello.begin() + 2, hello.end()));
  EXPECT_EQ(outcome.records[1].header, header(22, 0x0301, 1));
  EXPECT_EQ(outcome.offset, stream.size());
}

TEST(RecordReader, AHelloThatOffersMoreMayBeFollowedByTheKeyMessageOfSslTwo) {
  const ByteVector hello = sslv2_hello(0x0301);
  const ByteVector finished = test::from_hex("8003 111111  0003 02 222222  8000");
  const Outcome outcome = read_in_all_ways(joined({hello, kMasterKey, finished}));
  ASSERT_EQ(outcome.records.size(), 5U);
  const auto sslv2 = [](std::uint16_t length, std::uint8_t padding) {
    return RecordHeader{kNoContentType, kSsl2, length, true, padding};
  };
  EXPECT_EQ(outcome.records[1].header, sslv2(14, 0));
  EXPECT_EQ(outcome.records[1].body, ByteVector(kMasterKey.begin() + 2, kMasterKey.end()));
  EXPECT_EQ(outcome.records[2], (Seen{sslv2(3, 0), ByteVector(3, 0x11)}));
  EXPECT_EQ(outcome.records[3], (Seen{sslv2(3, 2), ByteVector(3, 0x22)})) << "with padding";
  EXPECT_EQ(outcome.records[4], (Seen{sslv2(0, 0), {}}));
  EXPECT_FALSE(outcome.error);
}

TEST(RecordReader, AHelloThatOffersMoreIsNotFollowedByAnythingElse) {
  const ByteVector hello = sslv2_hello(0x0301);
  for (const char* next : {"802e01 0301", "8009 02 0100800000", "16 02", "0003 02"}) {
    const Outcome outcome = read_in_all_ways(joined({hello, test::from_hex(next), hello}));
    EXPECT_EQ(outcome.records.size(), 1U) << next;
    ASSERT_TRUE(outcome.error) << next;
    EXPECT_GE(outcome.error->offset, hello.size()) << next;
    EXPECT_LE(outcome.error->offset, hello.size() + 1) << next;
  }
}

TEST(RecordReader, ASessionInSslTwoStaysThere) {
  // What looks like TLS behind a hello of version 2.0 is a 3-byte header: length 0x1603.
  const ByteVector stream = joined({sslv2_hello(0x0002), test::from_hex("1603 01"),
                                    ByteVector(0x1603, 7), test::from_hex("ffff")});
  const Outcome outcome = read(stream, {1, 3, 30, 50});
  ASSERT_EQ(outcome.records.size(), 2U);
  EXPECT_EQ(outcome.records[1].header.length, 0x1603);
  EXPECT_EQ(outcome.records[1].header.padding, 1);
  EXPECT_TRUE(outcome.incomplete);
  EXPECT_EQ(outcome.missing, 0x7fffU);
}

TEST(RecordReader, TheSecurityEscapeIsNotLength) {
  const Outcome outcome =
      read_in_all_ways(joined({sslv2_hello(0x0002), test::from_hex("4002 00 0102")}));
  ASSERT_EQ(outcome.records.size(), 2U);
  EXPECT_EQ(outcome.records[1].header.length, 2);
}

TEST(RecordReader, MorePaddingThanBody) {
  const ByteVector hello = sslv2_hello(0x0002);
  const Outcome outcome = read_in_all_ways(joined({hello, test::from_hex("0002 03 010203")}));
  EXPECT_EQ(outcome.error,
            (ParseError{ParseErrorCode::bad_value, "record padding", hello.size() + 2}));
}

TEST(RecordReader, AServersOpeningInSslTwo) {
  const char* hello = "800d 04 00 01 0002 0000 0000 0002 abcd";
  const Outcome outcome =
      read_in_all_ways(joined({test::from_hex(hello), test::from_hex("8001ee")}));
  ASSERT_EQ(outcome.records.size(), 2U);
  EXPECT_EQ(outcome.records[0].header, (RecordHeader{kHandshake, kSsl2, 13, true, 0}));
  EXPECT_EQ(outcome.records[0].body.size(), 13U);
  EXPECT_EQ(outcome.records[1].header, (RecordHeader{kNoContentType, kSsl2, 1, true, 0}));

  const Outcome refused = read_in_all_ways(test::from_hex("8003 00 0001"));
  ASSERT_EQ(refused.records.size(), 1U);
  EXPECT_EQ(refused.records[0].body, (ByteVector{0, 0, 1}));
}

TEST(RecordReader, WhatOnlyLooksLikeTheSslTwoForm) {
  for (const char* hex : {"802e05 00010002", "800801 0301000000000000", "800001", "ff0000 0001",
                          "802e01 0401 0000", "802e01 0003 0000", "802e04 0201 0002",
                          "802e04 0002 0002", "800a04 0001 0002", "800400 0001 00"}) {
    const Outcome outcome = read_in_all_ways(test::from_hex(hex));
    EXPECT_TRUE(outcome.records.empty()) << hex;
    if (outcome.error || test::from_hex(hex).size() >= 5) {
      EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::bad_value, "record type", 0})) << hex;
    }
  }
}

}  // namespace
}  // namespace visavis::inspect
