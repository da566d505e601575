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

TEST(RecordReader, TheSslTwoForm) {
  const ByteVector body =
      test::sslv2_hello_body(0x0301, {0x00002f, 0x010080}, {}, ByteVector(16, 5));
  const ByteVector stream = joined({test::sslv2_record(body), record(22, 0x0301, {9})});
  const Outcome outcome = read_in_all_ways(stream);
  ASSERT_EQ(outcome.records.size(), 2U);
  EXPECT_TRUE(outcome.records[0].header.sslv2);
  EXPECT_EQ(outcome.records[0].header.type, kHandshake);
  EXPECT_EQ(outcome.records[0].header.version, kSsl2);
  EXPECT_EQ(outcome.records[0].header.length, body.size());
  EXPECT_EQ(outcome.records[0].body, ByteVector(body.begin() + 1, body.end()))
      << "the type byte is read with the header";
  EXPECT_EQ(outcome.records[1].header, header(22, 0x0301, 1));
  EXPECT_EQ(outcome.offset, stream.size());
}

TEST(RecordReader, TheSslTwoFormIsForTheFirstRecordOnly) {
  const ByteVector hello =
      test::sslv2_record(test::sslv2_hello_body(0x0301, {0x2f}, {}, ByteVector(16, 5)));
  const Outcome outcome = read_in_all_ways(joined({hello, hello}));
  EXPECT_EQ(outcome.records.size(), 1U);
  EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::bad_value, "record type", hello.size()}));
}

TEST(RecordReader, WhatOnlyLooksLikeTheSslTwoForm) {
  for (const char* hex : {"802e04 00010002", "800801 0301000000000000", "800001", "ff0000"}) {
    const Outcome outcome = read_in_all_ways(test::from_hex(hex));
    EXPECT_TRUE(outcome.records.empty()) << hex;
    EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::bad_value, "record type", 0})) << hex;
  }
}

}  // namespace
}  // namespace visavis::inspect
