#include "certs/digest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace visavis::certs {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Digest, Sha256OfKnownTexts) {  // FIPS 180-4 examples
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, Md5OfKnownTexts) {  // RFC 1321 A.5
  EXPECT_EQ(hex(md5({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(md5(bytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, PartsAreHashedOneAfterAnother) {
  const std::array parts{bytes("a"), bytes(""), bytes("bc")};
  EXPECT_EQ(sha256_of_parts(parts), sha256(bytes("abc")));
  EXPECT_EQ(sha256_of_parts({}), sha256({}));
}

TEST(Digest, HexOfEveryByte) {
  EXPECT_EQ(hex({}), "");
  for (unsigned value = 0; value < 256; ++value) {
    const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(value)};
    std::array<char, 3> expected{};
    std::snprintf(expected.data(), expected.size(), "%02x", value);
    EXPECT_EQ(hex(byte), expected.data());
  }
}

TEST(Digest, EveryThreadHasItsOwnContext) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      const std::string text(1000, static_cast<char>('a' + t));
      const Sha256 expected = sha256(bytes(text));
      for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(sha256(bytes(text)), expected);
        EXPECT_NE(hex(md5(bytes(text))), "");
      }
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(Digest, HashTakesTheFirstBytes) {
  Sha256 one{};
  Sha256 other{};
  other[0] = 1;
  EXPECT_NE(Sha256Hash{}(one), Sha256Hash{}(other));
  other[0] = 0;
  EXPECT_EQ(Sha256Hash{}(one), Sha256Hash{}(other));
}

}  // namespace
}  // namespace visavis::certs
