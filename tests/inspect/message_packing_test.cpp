#include "inspect/compare/message_packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/record_habits.h"

/// TLS 1.3's encrypted messages: by what the library says of them, and by the records' lengths.
/// Lengths as in sessions of `openssl s_server` and of the JDK's HttpsServer, seen by a forwarder.
namespace visavis::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint16_t kTag = 16;
constexpr std::uint16_t kShortTag = 8;  // of AES_128_CCM_8, RFC 6655 4

/// Flight is a leg of TLS 1.3 that is told message by message and record by record.
class Flight {
 public:
  explicit Flight(std::uint16_t suite = 0x1302, ProtocolVersion version = kTls13) {
    leg_.outcome = "established";
    leg_.established.emplace();
    leg_.established->version = code_point(version);
    leg_.established->cipher = code_point(CipherSuite{suite});
    extra_ = 1 + (suite == 0x1305 ? kShortTag : kTag);
    message("ClientHello", 328, true);
    message("ServerHello", 122);
    message("ChangeCipherSpec", 1);
    row(22, 328, true);
    row(22, 122, false);
    row(20, 1, false);
  }
  Flight& message(const char* what, std::uint64_t length, bool c2s = false) {
    return event("message", what, length, c2s);
  }
  Flight& alert(bool c2s = false) { return event("alert", "warning close_notify (0)", 2, c2s); }
  /// EncryptedExtensions to Finished, 1134 bytes.
  Flight& messages() {
    message("EncryptedExtensions", 6).message("Certificate", 812);
    return message("CertificateVerify", 264).message("Finished", 52);
  }
  Flight& records(const std::vector<std::uint16_t>& contents, std::uint16_t padding = 0,
                  bool c2s = false) {
    for (const std::uint16_t content : contents)
      row(23, static_cast<std::uint16_t>(content + extra_ + padding), c2s);
    return *this;
  }
  Flight& data(std::uint32_t plaintext, std::uint16_t padding = 0, bool c2s = false) {
    records({static_cast<std::uint16_t>(plaintext)}, padding, c2s);
    leg_.records.back().plaintext_length = plaintext;
    return *this;
  }
  [[nodiscard]] std::vector<std::string> habits() const { return record_habits(leg_, {}, {}); }
  [[nodiscard]] MessagePacking packing(bool c2s = false) const {
    return packing_encrypted(leg_, c2s);
  }
  [[nodiscard]] LegReport& leg() { return leg_; }

 private:
  Flight& event(const char* kind, const char* what, std::uint64_t length, bool c2s) {
    const auto i = static_cast<std::uint32_t>(leg_.events.size());
    leg_.events.push_back({i, 10, c2s ? "proxy" : "backend", kind, what, length});
    return *this;
  }
  void row(std::uint8_t type, std::uint16_t length, bool c2s) {
    leg_.records.push_back({10, c2s, type, 0x0303, length, std::nullopt});
  }

  LegReport leg_;
  std::uint16_t extra_ = 0;
};

TEST(MessagePacking, OneMessageARecordIsSeenAndIsNoHabit) {
  Flight flight;
  flight.messages().records({6, 812, 264, 52});
  EXPECT_EQ(flight.packing().records, 1U);
  EXPECT_EQ(flight.packing().messages, 1U);
  EXPECT_THAT(flight.habits(), IsEmpty());
}

/// s_server with -max_send_frag 512.
TEST(MessagePacking, AMessageOverSeveralRecords) {
  Flight flight;
  flight.messages().records({6, 512, 300, 264, 52});
  EXPECT_THAT(flight.habits(), ElementsAre("s2c: Certificate over 2 records"));
  Flight bytes;
  bytes.message("EncryptedExtensions", 6).message("Finished", 36);
  bytes.records(std::vector<std::uint16_t>(42, 1));
  EXPECT_THAT(bytes.habits(), ElementsAre("s2c: Finished over 36 records"));
}

TEST(MessagePacking, MessagesTogetherInOneRecord) {
  Flight flight;
  flight.messages().records({1134});
  EXPECT_THAT(flight.habits(), ElementsAre("s2c: 4 handshake messages in one record"));
  Flight cut;
  cut.messages().records({512, 512, 110});
  EXPECT_THAT(cut.habits(), ElementsAre("s2c: Certificate over 2 records",
                                        "s2c: 2 handshake messages in one record"))
      << "CertificateVerify begins in the second, Finished in the third";
  Flight own(0x1305);
  own.message("Certificate", 700, true).message("CertificateVerify", 264, true);
  own.message("Finished", 36, true).records({1000}, 0, true);
  EXPECT_THAT(own.habits(), ElementsAre("c2s: 3 handshake messages in one record"));
  EXPECT_EQ(own.packing().messages, 0U) << "of the other direction nothing is known";
}

/// The JDK's HttpsServer: each record is 16 bytes longer than it must be.
TEST(MessagePacking, PaddingIsKnownByTheData) {
  Flight flight;
  flight.messages().message("NewSessionTicket", 1345);
  flight.records({1134, 1345}, 16).data(76, 16).data(47, 16);
  EXPECT_THAT(flight.habits(), ElementsAre("s2c: 4 handshake messages in one record"));
  Flight without_data;
  without_data.messages().records({1134}, 16);
  EXPECT_THAT(without_data.habits(), IsEmpty()) << "the sums differ";
  Flight hidden;
  hidden.messages().records({1134}).data(76, 0).data(47, 16);
  EXPECT_THAT(hidden.habits(), IsEmpty()) << "sizes are hidden";
  Flight lying;
  lying.messages().records({1134}).data(76);
  lying.leg().records.back().plaintext_length = 77;
  EXPECT_THAT(lying.habits(), IsEmpty()) << "longer than its record";
}

TEST(MessagePacking, TicketsAndAlertsFollow) {
  Flight flight;
  flight.messages().message("NewSessionTicket", 233).message("NewSessionTicket", 233).alert();
  const Flight begun = flight;
  EXPECT_THAT(flight.records({6, 812, 264, 52, 233, 233, 2}).habits(), IsEmpty());
  EXPECT_EQ(flight.packing().messages, 1U);
  Flight together = begun;
  EXPECT_THAT(together.records({6, 812, 264, 52, 466, 2}).habits(),
              ElementsAre("s2c: 2 handshake messages in one record"));
  Flight later = begun;  // tickets that come behind data are not looked at
  EXPECT_EQ(later.records({6, 812, 264, 52}).data(100).records({466}).packing().messages, 1U);
  EXPECT_THAT(later.habits(), IsEmpty());
}

/// Where the sums do not agree, something was not seen: nothing is claimed.
TEST(MessagePacking, NothingIsClaimedWithoutEvidence) {
  const std::vector<std::vector<std::uint16_t>> wrong = {
      {},                        // no record
      {1133},                    // one byte is missing
      {1135},                    // or too many
      {6, 512, 300, 264},        // the last one is not there
      {6, 512, 300, 264, 52, 9}  // one more, of what is not known
  };
  for (const auto& contents : wrong) {
    Flight flight;
    flight.messages().records(contents);
    EXPECT_EQ(flight.packing().records, 0U) << ::testing::PrintToString(contents);
    EXPECT_THAT(flight.habits(), IsEmpty());
  }
  Flight over_keys;  // RFC 8446 5.1: Finished ends a record
  over_keys.messages().message("NewSessionTicket", 233).records({1134 + 233});
  EXPECT_THAT(over_keys.habits(), IsEmpty());
  Flight with_alert;
  with_alert.messages().alert().records({1136});
  EXPECT_THAT(with_alert.habits(), IsEmpty());
  Flight no_alert;
  no_alert.messages().alert().records({1134, 1, 1});
  EXPECT_THAT(no_alert.habits(), IsEmpty());
  Flight unfinished;
  unfinished.message("EncryptedExtensions", 6).message("Certificate", 812).records({818});
  EXPECT_THAT(unfinished.habits(), IsEmpty());
  Flight passed;  // in passthrough the messages are not seen
  passed.records({1134});
  EXPECT_THAT(passed.habits(), IsEmpty());
}

TEST(MessagePacking, IsOfTls13WithAKnownSuiteOnly) {
  for (const auto& [suite, version, lines] :
       {std::tuple{0x1301, kTls13, 1U}, std::tuple{0x1303, kTls13, 1U},
        std::tuple{0x1305, kTls13, 1U}, std::tuple{0x1306, kTls13, 0U},
        std::tuple{0x1300, kTls13, 0U}, std::tuple{0x1301, kTls12, 0U}}) {
    Flight flight(static_cast<std::uint16_t>(suite), version);
    flight.messages().records({1134});
    EXPECT_EQ(flight.habits().size(), lines) << suite;
    flight.leg().established.reset();
    EXPECT_THAT(flight.habits(), IsEmpty()) << "without an end of the handshake";
  }
}

/// Whatever record is cut off or shortened: nothing is said that the whole did not say.
TEST(MessagePacking, EveryRecordCounts) {
  Flight whole;
  whole.messages().records({6, 512, 300, 264, 52});
  const std::size_t all = whole.leg().records.size();
  for (std::size_t count = 0; count < all; ++count) {
    Flight cut = whole;
    cut.leg().records.resize(count);
    EXPECT_THAT(cut.habits(), IsEmpty()) << count;
  }
  for (std::size_t i = all - 5; i < all; ++i)
    for (const int by : {-1, 1}) {
      Flight wrong = whole;
      wrong.leg().records[i].length =
          static_cast<std::uint16_t>(wrong.leg().records[i].length + by);
      EXPECT_THAT(wrong.habits(), IsEmpty()) << i;
    }
}

}  // namespace
}  // namespace visavis::inspect
