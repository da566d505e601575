#include "inspect/decrypt/key_log.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace visavis::inspect {
namespace {

HelloRandom random_of(std::uint8_t byte) {
  HelloRandom random{};
  random.fill(byte);
  return random;
}

std::string hex(std::uint8_t byte, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

std::string line(std::string_view label, std::uint8_t random, std::uint8_t secret,
                 std::size_t secret_bytes) {
  return std::string(label) + " " + hex(random, 32) + " " + hex(secret, secret_bytes) + "\n";
}

TEST(KeyLog, KeepsEverySecretInItsPlace) {
  KeyLog log;
  EXPECT_TRUE(log.empty());
  log.add("# SSL/TLS secrets log file\n\n" + line("CLIENT_RANDOM", 1, 0xa0, 48) +
          line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2, 0xa1, 32) +
          line("SERVER_HANDSHAKE_TRAFFIC_SECRET", 2, 0xa2, 32) +
          line("CLIENT_TRAFFIC_SECRET_0", 2, 0xa3, 48) +
          line("SERVER_TRAFFIC_SECRET_0", 2, 0xa4, 48) +
          line("CLIENT_EARLY_TRAFFIC_SECRET", 2, 0xa5, 32) + line("EXPORTER_SECRET", 2, 0xa6, 32) +
          "RSA 0102030405060708 " + hex(7, 48) + "\n");
  EXPECT_EQ(log.sessions(), 2U);
  EXPECT_EQ(log.bad_lines(), 0U);
  ASSERT_NE(log.find(random_of(1)), nullptr);
  EXPECT_TRUE(log.find(random_of(1))->master_secret == Secret(48, 0xa0));
  EXPECT_TRUE(log.find(random_of(1))->client_traffic.empty());
  const SessionSecrets* tls13 = log.find(random_of(2));
  ASSERT_NE(tls13, nullptr);
  EXPECT_TRUE(tls13->client_handshake_traffic == Secret(32, 0xa1));
  EXPECT_TRUE(tls13->server_handshake_traffic == Secret(32, 0xa2));
  EXPECT_TRUE(tls13->client_traffic == Secret(48, 0xa3));
  EXPECT_TRUE(tls13->server_traffic == Secret(48, 0xa4));
  EXPECT_TRUE(tls13->client_early_traffic == Secret(32, 0xa5));
  EXPECT_TRUE(tls13->master_secret.empty());
  EXPECT_EQ(log.find(random_of(3)), nullptr);
}

TEST(KeyLog, TakesWhatEditorsAndWindowsMakeOfIt) {
  KeyLog log;
  std::string upper = line("CLIENT_RANDOM", 0xab, 0xcd, 48);
  for (char& letter : upper)
    if (letter >= 'a' && letter <= 'f') letter = static_cast<char>(letter - 'a' + 'A');
  upper.pop_back();
  log.add("\xEF\xBB\xBF# by an editor\r\n" + upper + "\r\n  \r\n" + "  CLIENT_RANDOM\t" +
          hex(2, 32) + "  " + hex(3, 48) + " ");  // and no end of line
  EXPECT_EQ(log.sessions(), 2U);
  EXPECT_EQ(log.bad_lines(), 0U);
  ASSERT_NE(log.find(random_of(0xab)), nullptr);
  EXPECT_TRUE(log.find(random_of(0xab))->master_secret == Secret(48, 0xcd));
}

TEST(KeyLog, CountsLinesThatAreNone) {
  const std::string whole = line("CLIENT_RANDOM", 1, 2, 48);
  for (std::size_t cut = 1; cut + 1 < whole.size(); ++cut) {
    KeyLog log;
    log.add(whole.substr(0, cut) + "\n");
    EXPECT_TRUE(log.empty()) << "cut to " << cut;
    EXPECT_EQ(log.bad_lines(), 1U) << "cut to " << cut;
  }
  for (const std::string& bad :
       {line("CLIENT_RANDOM", 1, 2, 47), line("CLIENT_RANDOM", 1, 2, 49),
        line("CLIENT_TRAFFIC_SECRET_0", 1, 2, 31), line("CLIENT_TRAFFIC_SECRET_0", 1, 2, 65),
        line("client_random", 1, 2, 48), "CLIENT_RANDOM " + hex(1, 31) + " " + hex(2, 48),
        "CLIENT_RANDOM " + hex(1, 33) + " " + hex(2, 48),
        "CLIENT_RANDOM " + hex(1, 32) + " " + hex(2, 47) + "0g",
        "CLIENT_RANDOM " + hex(1, 32) + " " + hex(2, 48) + " more", std::string("\0\0\0", 3),
        std::string(1'000'000, 'A')}) {
    KeyLog log;
    log.add(bad);
    EXPECT_TRUE(log.empty()) << bad.substr(0, 200);
    EXPECT_EQ(log.bad_lines(), 1U) << bad.substr(0, 200);
  }
}

TEST(KeyLog, GrowsAndTakesWhatWasSaidLast) {
  KeyLog log;
  log.add(line("CLIENT_RANDOM", 1, 2, 48));
  log.add(line("CLIENT_RANDOM", 1, 9, 48) + line("CLIENT_RANDOM", 3, 4, 48));
  EXPECT_EQ(log.sessions(), 2U);
  EXPECT_TRUE(log.find(random_of(1))->master_secret == Secret(48, 9));
}

TEST(KeyLog, ForgetsTheFirstWhenFull) {
  KeyLog log(3);
  for (std::uint8_t session = 1; session <= 5; ++session) {
    log.add(line("CLIENT_TRAFFIC_SECRET_0", session, session, 32));
    log.add(line("SERVER_TRAFFIC_SECRET_0", session, session, 32));
  }
  EXPECT_EQ(log.sessions(), 3U);
  EXPECT_EQ(log.forgotten(), 2U);
  EXPECT_EQ(log.find(random_of(2)), nullptr);
  for (std::uint8_t session = 3; session <= 5; ++session) {
    ASSERT_NE(log.find(random_of(session)), nullptr);
    EXPECT_FALSE(log.find(random_of(session))->client_traffic.empty());
    EXPECT_FALSE(log.find(random_of(session))->server_traffic.empty());
  }
}

/// Watches what CleansingAllocator gives back: the block's bytes when it is freed.
TEST(Secret, IsOverwrittenBeforeItsMemoryGoesBack) {
  std::array<std::uint8_t, 32> memory{};
  memory.fill(0x77);
  cleanse(memory.data(), memory.size());
  for (const std::uint8_t byte : memory) EXPECT_EQ(byte, 0);
  static_assert(std::is_same_v<Secret::allocator_type, CleansingAllocator<std::uint8_t>>);
}

}  // namespace
}  // namespace visavis::inspect
