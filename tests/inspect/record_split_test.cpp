#include "inspect/compare/record_split.h"

#include <gtest/gtest.h>

#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/protocol_version.h"

/// Record lengths as measured of real stacks: an AES-CBC-SHA record of TLS 1.0 with 0 or 1 byte in
/// it is 32 bytes (36 with encrypt-then-MAC), one of 3DES 24 (28).
namespace visavis::inspect {
namespace {

constexpr CipherSuite kAes{0x002f};
constexpr CipherSuite kTripleDes{0x000a};
constexpr CipherSuite kRc4{0x0005};

struct Row {
  bool c2s;
  std::uint16_t length;
  std::optional<std::uint32_t> plaintext;
  std::uint8_t type = 23;
};

constexpr auto kUnknown = std::nullopt;

LegReport leg(const std::vector<Row>& rows, ProtocolVersion version = kTls10,
              CipherSuite suite = kAes, bool encrypt_then_mac = false) {
  LegReport report;
  report.outcome = "established";
  report.established.emplace();
  report.established->version = code_point(version);
  report.established->cipher = code_point(suite);
  report.established->encrypt_then_mac = encrypt_then_mac;
  report.records = {{0, true, 22, 0x0301, 150, std::nullopt},
                    {1, false, 22, 0x0301, 900, kUnknown}};
  for (const Row& row : rows)
    report.records.push_back({2, row.c2s, row.type, 0x0301, row.length, row.plaintext});
  return report;
}

std::string c2s(const std::vector<Row>& rows, ProtocolVersion version = kTls10,
                CipherSuite suite = kAes, bool encrypt_then_mac = false) {
  return split_kind(leg(rows, version, suite, encrypt_then_mac), true);
}

TEST(RecordSplit, KindsByPlaintextLength) {
  EXPECT_EQ(c2s({{true, 32, 0}, {true, 48, 27}}), "0/n");
  EXPECT_EQ(c2s({{true, 32, 1}, {true, 48, 26}}), "1/n-1");
  EXPECT_EQ(c2s({{true, 48, 27}, {false, 400, 370}, {true, 32, 1}, {true, 48, 26}}),
            "1/n-1-after-first");
  EXPECT_EQ(c2s({{true, 48, 27}}), "none");
  EXPECT_EQ(c2s({{true, 48, 27}, {true, 48, 27}}), "none");
  EXPECT_EQ(c2s({{true, 32, 0}, {true, 32, 1}, {true, 32, 0}, {true, 48, 20}}), "0/n")
      << "one byte written under 0/n";
  EXPECT_EQ(c2s({{true, 24, 0}, {true, 40, 17}}, kSsl3, kTripleDes), "0/n");
}

TEST(RecordSplit, EachDirectionHasItsOwn) {
  const LegReport report = leg({{true, 48, 27}, {false, 32, 0}, {false, 400, 370}});
  EXPECT_EQ(split_kind(report, true), "none");
  EXPECT_EQ(split_kind(report, false), "0/n");
}

TEST(RecordSplit, OnTheWireTheKindIsUnknown) {
  EXPECT_EQ(c2s({{true, 32, kUnknown}, {true, 48, kUnknown}}), "split-unknown");
  EXPECT_EQ(c2s({{true, 36, kUnknown}, {true, 52, kUnknown}}, kTls10, kAes, true), "split-unknown");
  EXPECT_EQ(c2s({{true, 24, kUnknown}, {true, 40, kUnknown}}, kTls10, kTripleDes), "split-unknown");
  EXPECT_EQ(c2s({{true, 28, kUnknown}, {true, 36, kUnknown}}, kTls10, kTripleDes, true),
            "split-unknown");
  EXPECT_EQ(c2s({{true, 64, kUnknown},
                 {false, 400, kUnknown},
                 {true, 32, kUnknown},
                 {true, 64, kUnknown}}),
            "split-unknown")
      << "as Java does: the first one whole";
}

TEST(RecordSplit, OnTheWireASmallRecordMustBeTheSmallest) {
  EXPECT_EQ(c2s({{true, 32, kUnknown}, {true, 48, kUnknown}}, kTls10, kTripleDes), "none")
      << "4 to 11 bytes under 3DES";
  EXPECT_EQ(c2s({{true, 36, kUnknown}, {true, 52, kUnknown}}), "none")
      << "not with MAC-then-encrypt";
  EXPECT_EQ(c2s({{true, 32, kUnknown}, {true, 32, kUnknown}}), "none");
  EXPECT_EQ(c2s({{true, 48, kUnknown}, {true, 64, kUnknown}}), "none");
  EXPECT_EQ(c2s({{true, 32, kUnknown}}), "none");
}

TEST(RecordSplit, AWriteOfOneByteIsNoSplit) {
  EXPECT_EQ(c2s({{true, 32, 1}}), "none");
  EXPECT_EQ(c2s({{true, 32, 1}, {true, 32, 1}, {true, 32, 1}}), "none");
  EXPECT_EQ(c2s({{true, 32, 1}, {true, 48, 26}, {false, 48, 20}, {true, 48, 27}}), "none")
      << "the next write is whole: the first byte was a write of its own";
  EXPECT_EQ(c2s({{true, 32, kUnknown},
                 {true, 48, kUnknown},
                 {false, 48, kUnknown},
                 {true, 64, kUnknown}}),
            "none");
  EXPECT_EQ(c2s({{true, 32, 1}, {false, 48, 20}, {true, 32, 1}, {true, 48, 26}}), "1/n-1")
      << "nothing was left whole before";
}

TEST(RecordSplit, WhoWritesByteByByteSplitsNothing) {
  EXPECT_EQ(c2s({{true, 32, 1}, {true, 32, 1}, {true, 32, 1}, {true, 48, 26}}), "none");
  EXPECT_EQ(c2s({{true, 32, kUnknown}, {true, 32, kUnknown}, {true, 48, kUnknown}}), "none");
  EXPECT_EQ(c2s({{true, 32, 1},
                 {true, 32, 1},
                 {true, 48, 26},
                 {false, 48, 20},
                 {true, 32, 1},
                 {true, 48, 26}}),
            "1/n-1")
      << "the second write shows it";
}

/// The peer's data between the full records of one long write begins no new write.
TEST(RecordSplit, ALongWriteIsOneWrite) {
  EXPECT_EQ(c2s({{true, 32, 0}, {true, 16416, 16384}, {true, 16416, 16384}, {true, 7264, 7232}}),
            "0/n")
      << "as OpenSSL does: one empty record a write";
  EXPECT_EQ(c2s({{true, 32, 1},
                 {true, 16416, 16384},
                 {false, 16416, 16384},
                 {true, 16416, 16384},
                 {false, 16416, 16384},
                 {true, 7264, 7231}}),
            "1/n-1");
}

TEST(RecordSplit, TheSmallestRecordOfEachSuite) {
  struct Smallest {
    std::uint16_t suite;
    bool encrypt_then_mac;
    std::uint16_t length;
  };
  // AES, Camellia and SEED: blocks of 16 bytes; DES, 3DES, RC2 and IDEA: of 8. MD5's MAC has 16.
  constexpr Smallest kRows[] = {
      {0x0035, false, 32}, {0x0035, true, 36}, {0x0041, false, 32}, {0x0096, true, 36},
      {0x000a, false, 24}, {0x000a, true, 28}, {0x0009, false, 24}, {0x0007, true, 28},
      {0x0006, false, 24}, {0x0006, true, 24}, {0xc013, false, 32}, {0xc012, true, 28},
  };
  for (const Smallest& row : kRows) {
    SCOPED_TRACE(known_name(CipherSuite{row.suite}));
    const auto split = [&row](int change) {
      const auto small = static_cast<std::uint16_t>(row.length + change);
      return c2s({{true, small, kUnknown}, {true, 160, kUnknown}}, kTls10, CipherSuite{row.suite},
                 row.encrypt_then_mac);
    };
    EXPECT_EQ(split(0), "split-unknown");
    EXPECT_EQ(split(-8), "none");
    EXPECT_EQ(split(8), "none");
  }
}

TEST(RecordSplit, AnAnswerBetweenMeansTwoWrites) {
  EXPECT_EQ(c2s({{true, 32, 1}, {false, 48, 20}, {true, 64, 40}}), "none");
  EXPECT_EQ(c2s({{true, 32, kUnknown}, {false, 48, kUnknown}, {true, 64, kUnknown}}), "none");
  EXPECT_EQ(c2s({{true, 64, 40}, {true, 32, 1}, {false, 48, 20}, {true, 64, 40}}), "none");
}

TEST(RecordSplit, OnlyTlsTenWithCbcIsSplit) {
  const std::vector<Row> split{{true, 32, 1}, {true, 64, 26}};
  for (const auto version : {kTls11, kTls12, kTls13}) EXPECT_EQ(c2s(split, version), "none");
  EXPECT_EQ(c2s(split, kTls10, kRc4), "none");
  EXPECT_EQ(c2s(split, kSsl3), "1/n-1");
}

TEST(RecordSplit, WithoutApplicationDataThereIsNothingToSay) {
  EXPECT_EQ(c2s({}), "n/a");
  EXPECT_EQ(c2s({{false, 48, 20}}), "n/a");
  EXPECT_EQ(c2s({{true, 32, kUnknown, 21}}), "n/a");
  EXPECT_EQ(c2s({{true, 53, kUnknown}}, kTls13, CipherSuite{0x1301}), "n/a")
      << "an encrypted Finished";
  EXPECT_EQ(split_kind(LegReport{}, true), "n/a");
}

TEST(RecordSplit, ATwoRecordWriteIsNoSplit) {
  EXPECT_EQ(c2s({{true, 16416, 16384}, {true, 32, 1}}), "none");
  EXPECT_EQ(c2s({{true, 16416, kUnknown}, {true, 32, kUnknown}}), "none");
}

}  // namespace
}  // namespace visavis::inspect
