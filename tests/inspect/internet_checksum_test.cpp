#include "inspect/capture/internet_checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace visavis::inspect {
namespace {

std::uint16_t checksum(Bytes bytes) {
  InternetChecksum checksum;
  checksum.add(bytes);
  return checksum.value();
}

/// RFC 1071 word for word: 16 bits at a time, each carry added at once.
std::uint16_t word_by_word(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

TEST(InternetChecksum, IsThatOfTheRfcsExample) {  // RFC 1071 3
  const std::vector<std::uint8_t> bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(checksum(bytes), 0xffff & ~0xddf2);
}

/// From RFC 791's format, as it is worked through in many texts: UDP from 192.168.0.1 to .199.
TEST(InternetChecksum, OfAHeaderThatHoldsItIsZero) {
  std::vector<std::uint8_t> header{0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                   0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
  EXPECT_EQ(checksum(header), 0);
  header[10] = header[11] = 0;
  EXPECT_EQ(checksum(header), 0xb861);
}

TEST(InternetChecksum, IsTheSameOfAnyLengthAndInParts) {
  std::mt19937 generator(7);
  std::vector<std::uint8_t> bytes(70'000);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(generator());
  for (std::size_t length = 0; length < 200; ++length)
    ASSERT_EQ(checksum(Bytes(bytes).first(length)), word_by_word(Bytes(bytes).first(length)))
        << length;
  EXPECT_EQ(checksum(bytes), word_by_word(bytes));
  // All ones carry the most.
  const std::vector<std::uint8_t> ones(65'535, 0xff);
  EXPECT_EQ(checksum(ones), word_by_word(ones));
  InternetChecksum parts;
  parts.add(Bytes(bytes).first(34));
  parts.add_word(static_cast<std::uint16_t>(bytes[34] << 8 | bytes[35]));
  parts.add(Bytes(bytes).subspan(36, 101));
  EXPECT_EQ(parts.value(), word_by_word(Bytes(bytes).first(137)));
}

}  // namespace
}  // namespace visavis::inspect
