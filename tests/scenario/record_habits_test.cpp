// How programs make their records: each habit with a program that has it, and what a report says.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Habits = std::vector<std::string>;
using Lengths = std::vector<std::size_t>;

constexpr char kApplicationData = 23;
/// What a record of TLS 1.3 is longer than its content: the inner type and the tag. RFC 8446 5.2.
constexpr std::size_t kOverhead = 17;
constexpr std::size_t kFinishedBytes = 4 + 48;  // of a suite with SHA-384
const std::string kHealthy = "healthy proxied ok direct ok by offer";

/// The contents of the encrypted records of TLS 1.3, as a witness saw them on the wire.
Lengths encrypted(const std::string& wire) {
  Lengths lengths;
  for (std::size_t at = 0; at + 5 <= wire.size();) {
    const std::size_t high = static_cast<unsigned char>(wire[at + 3]);
    const std::size_t length = high << 8 | static_cast<unsigned char>(wire[at + 4]);
    if (wire[at] == kApplicationData) lengths.push_back(length - kOverhead);
    at += 5 + length;
  }
  return lengths;
}

Habits habits(const Session& session, const std::string& leg) {
  Habits lines;
  for (const auto& line : session.at(leg).at("record_habits").as_array())
    lines.emplace_back(line.as_string());
  return lines;
}

class RecordHabits : public ::testing::Test {
 protected:
  /// piecemeal.py says `text` in records of `piece` bytes.
  static Ran in_pieces(const Visit& visit, std::size_t piece, const std::string& text) {
    return run({python("piecemeal.py",
                       {"--port", std::to_string(visit.port), "--ca", visit.trusted.string(),
                        "--name", visit.host, "--piece", std::to_string(piece), "--text", text}),
                "",
                {"OPENSSL_CONF=/dev/null"}});
  }

  /// What became of one request: the contents of its records as a witness of the direct connection
  /// saw them, and the session of visavis.
  struct Seen {
    Lengths on_the_wire;
    Session session;
  };
  [[nodiscard]] Seen both_ways(std::size_t piece, const std::string& text) const {
    const Nginx nginx(credentials_);
    const Recorder wire(nginx.port());
    const Ran direct = in_pieces({wire.port(), credentials_.root}, piece, text);
    EXPECT_EQ(body_of(direct.output), "hello from nginx\n") << direct.errors;
    Lengths lengths = encrypted(wire.bytes(0, "c2s"));
    EXPECT_EQ(lengths.front(), kFinishedBytes);
    lengths.erase(lengths.begin());
    const ProxyProcess proxy(Mode::terminate, nginx, credentials_);
    const Ran proxied = in_pieces(proxy.visit(), piece, text);
    EXPECT_EQ(body_of(proxied.output), "hello from nginx\n") << proxied.errors;
    Session session = proxy.session();
    EXPECT_EQ(verdict(session), kHealthy);
    EXPECT_THAT(findings(session), IsEmpty());
    return {lengths, session};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// s_server cuts the Certificate of its encrypted flight, and the page. visavis sends its own
/// flight whole; the page's records it keeps.
TEST_F(RecordHabits, AnEncryptedMessageOverSeveralRecords) {
  const OpensslServer backend(credentials_, {"-www", "-max_send_frag", "1024"});
  const Recorder wire(backend.port());
  ASSERT_EQ(curl({wire.port(), credentials_.root}).exit_code, 0);
  const Lengths direct = encrypted(wire.bytes(0, "s2c"));
  ASSERT_GT(direct.size(), 5U);
  ASSERT_LT(direct[0], 50U) << "EncryptedExtensions";
  ASSERT_EQ(direct[1], 1024U);
  ASSERT_LT(direct[2], 1024U) << "the rest of the Certificate";
  ASSERT_EQ(direct[3], 264U) << "CertificateVerify with RSA 2048";

  const ProxyProcess proxy(Mode::terminate, backend, credentials_);
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), kHealthy);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_THAT(habits(session, "backend_leg"), ElementsAre("s2c: Certificate over 2 records"));
  EXPECT_THAT(habits(session, "client_leg"), IsEmpty());
}

/// JSSE's engine, as the JDK's HttpsServer has it, sends all of its encrypted flight in one record,
/// and pads each record by 16 bytes.
TEST_F(RecordHabits, EncryptedMessagesTogether) {
  const JavaServer backend(credentials_, "httpsserver", {"1.3"});
  const Recorder wire(backend.port());
  ASSERT_EQ(curl({wire.port(), credentials_.root}).exit_code, 0);
  const Lengths direct = encrypted(wire.bytes(0, "s2c"));
  ASSERT_GT(direct.size(), 1U);
  ASSERT_GT(direct[0], 1200U) << "the two certificates and their signature";
  ASSERT_LT(direct.size(), 5U) << "no room for four messages, a ticket and the answer";

  const ProxyProcess proxy(Mode::terminate, backend, credentials_);
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), kHealthy);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_THAT(habits(session, "backend_leg"),
              ElementsAre("s2c: 4 handshake messages in one record"));
  EXPECT_THAT(habits(session, "client_leg"), IsEmpty());
}

TEST_F(RecordHabits, ByteByByte) {
  const std::string request = "GET / HTTP/1.0\r\n\r\n";
  const Seen seen = both_ways(1, request);
  ASSERT_EQ(seen.on_the_wire, Lengths(request.size(), 1));
  for (const std::string leg : {"client_leg", "backend_leg"})
    EXPECT_THAT(habits(seen.session, leg),
                ElementsAre("c2s: application data in tiny records, 1 byte at most"));
}

TEST_F(RecordHabits, ManyRecordsWhereOneWouldDo) {
  const std::string request = "GET / HTTP/1.0\r\nX-Long: " + std::string(332, 'x') + "\r\n\r\n";
  const Seen seen = both_ways(20, request);
  ASSERT_EQ(seen.on_the_wire, Lengths(18, 20));
  EXPECT_THAT(habits(seen.session, "client_leg"),
              ElementsAre("c2s: 18 records at one instant for 360 bytes of application data, where "
                          "one would do"));
}

/// Typing is no habit: each letter has a record, and waits for its echo.
TEST_F(RecordHabits, TypingIsNone) {
  const JavaServer server(credentials_, "echo");
  const ProxyProcess proxy(Mode::terminate, server, credentials_);
  const Ran ran = run({python("keystrokes.py", {"--port", std::to_string(proxy.port()), "--ca",
                                                proxy.ca_certificate().string(), "--name",
                                                std::string(kHost), "--text", "who types fast"}),
                       "",
                       {"OPENSSL_CONF=/dev/null"}});
  EXPECT_EQ(ran.output, "who types fast\n") << ran.errors;
  const Session session = proxy.session();
  EXPECT_EQ(plaintext_lengths(session, "client_leg", "c2s"), std::vector<std::int64_t>(14, 1));
  EXPECT_THAT(habits(session, "client_leg"), IsEmpty());
  EXPECT_THAT(habits(session, "backend_leg"), IsEmpty());
  EXPECT_THAT(findings(session), IsEmpty());
}

}  // namespace
}  // namespace visavis::testing
