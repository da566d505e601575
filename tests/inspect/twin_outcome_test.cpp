#include "inspect/compare/twin_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/transcript/wire_decoder.h"
#include "tests/support/wire_dialogue.h"

/// What a direct twin proves by itself: bytes of both sides in, a result out. DESIGN.md section 5.
namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::HelloBytes;
using test::ServerHelloBytes;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Twin plays a twin: what it sends, what comes back, how it ends.
class Twin {
 public:
  Twin() { builder_.observe_connected(0, Party::proxy, 100); }

  Twin& hello(const HelloBytes& hello) {
    return wire(Direction::c2s, test::record(22, 0x0301, hello.message()));
  }
  Twin& part_of_hello(const HelloBytes& hello) {
    ByteVector bytes = test::record(22, 0x0301, hello.message());
    bytes.resize(bytes.size() / 2);
    return wire(Direction::c2s, bytes);
  }
  Twin& answer(const ServerHelloBytes& answer) {
    return wire(Direction::s2c, test::record(22, 0x0303, answer.message()));
  }
  Twin& server_hello_done() {
    return wire(Direction::s2c, test::record(22, 0x0303, test::message(14, {})));
  }
  Twin& says(const ByteVector& bytes) { return wire(Direction::s2c, bytes); }
  Twin& alert(std::uint8_t level, std::uint8_t description) {
    return says(test::record(21, 0x0303, {level, description}));
  }
  Twin& close(Party by, CloseHow how) {
    builder_.observe_close(99, by, how);
    return *this;
  }
  Twin& beside() {
    builder_.observe_tcp(1, Party::proxy, tcp_note::kBesideSession);
    return *this;
  }
  Twin& failure(const std::string& why) {
    builder_.observe_failure(why);
    return *this;
  }

  [[nodiscard]] TwinOutcome outcome() const { return judge_twin(builder_.transcript()); }
  /// We left when the answer was there.
  [[nodiscard]] TwinOutcome answered() { return close(Party::proxy, CloseHow::fin).outcome(); }

 private:
  Twin& wire(Direction direction, const ByteVector& bytes) {
    decoder_.observe(++at_, direction, bytes);
    return *this;
  }

  TranscriptBuilder builder_{LegKind::direct_leg};
  WireDecoder decoder_{builder_};
  std::int64_t at_ = 0;
};

/// Offers TLS 1.3 and 1.2 by name.
HelloBytes modern() {
  HelloBytes hello;
  hello.ciphers = {0x1301, 0xc02f, 0x00ff};
  hello.extensions = {test::supported_versions({0x0304, 0x0303}),
                      test::supported_groups({0x001d, 0x0017}),
                      test::key_shares({0x001d}),
                      test::alpn({"h2", "http/1.1"}),
                      {23, {}}};
  return hello;
}

/// Names its highest version only.
HelloBytes old(std::uint16_t version) {
  HelloBytes hello;
  hello.legacy_version = version;
  hello.ciphers = {0xc013, 0x002f};
  hello.with_extensions = false;
  return hello;
}

ServerHelloBytes chooses(std::uint16_t cipher, std::vector<test::ExtensionBytes> extensions = {},
                         std::uint16_t version = 0x0303) {
  ServerHelloBytes answer;
  answer.legacy_version = version;
  answer.cipher = cipher;
  answer.extensions = std::move(extensions);
  answer.with_extensions = !answer.extensions.empty();
  return answer;
}

/// supported_versions and key_share of a TLS 1.3 ServerHello (RFC 8446 4.2.1, 4.2.8).
std::vector<test::ExtensionBytes> tls13(std::uint16_t version, std::uint16_t group) {
  ByteVector share = test::big_endian(group, 2);
  const ByteVector key = test::vector_of(2, ByteVector(32, 7));
  share.insert(share.end(), key.begin(), key.end());
  return {{43, test::big_endian(version, 2)}, {51, share}};
}

/// RFC 8446 4.1.3.
ServerHelloBytes retry(std::uint16_t group) {
  ServerHelloBytes answer =
      chooses(0x1301, {{43, test::big_endian(0x0304, 2)}, {51, test::big_endian(group, 2)}});
  answer.random =
      test::from_hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");
  return answer;
}

void expect(const TwinOutcome& outcome, const std::string& result, const std::string& why,
            bool holds = true) {
  EXPECT_EQ(outcome.report.result, result) << outcome.report.why;
  EXPECT_THAT(outcome.report.why, HasSubstr(why));
  EXPECT_EQ(outcome.holds_for_others, holds) << outcome.report.why;
  EXPECT_FALSE(outcome.report.cached);
}

TEST(TwinOutcome, OkIsAnAnswerWithinTheOffer) {
  expect(Twin().hello(modern()).answer(chooses(0x1301, tls13(0x0304, 0x001d))).answered(), "ok",
         "answers the client's own hello: TLS 1.3, TLS_AES_128_GCM_SHA256");
  expect(Twin()
             .hello(modern())
             .answer(chooses(0xc02f, {{23, {}}, {0xff01, {0}}, {16, {0, 3, 2, 'h', '2'}}}))
             .server_hello_done()
             .answered(),
         "ok", "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  expect(Twin().hello(modern()).answer(retry(0x0017)).answered(), "ok", "TLS 1.3");
  expect(
      Twin().hello(old(0x0301)).answer(chooses(0x002f, {}, 0x0301)).server_hello_done().answered(),
      "ok", "TLS 1.0, TLS_RSA_WITH_AES_128_CBC_SHA");
}

TEST(TwinOutcome, UnknownIsAnAnswerThatTheClientDidNotOffer) {
  const struct {
    const char* what;
    ServerHelloBytes answer;
    HelloBytes hello = modern();
  } cases[] = {
      {"TLS 1.0", chooses(0xc02f, {}, 0x0301)},
      {"TLS_RSA_WITH_AES_128_CBC_SHA", chooses(0x002f)},
      {"secp384r1", chooses(0x1301, tls13(0x0304, 0x0018))},
      {"secp256r1", chooses(0x1301, tls13(0x0304, 0x0017))},  // offered, without a key share
      {"x25519", retry(0x001d)},                              // it has that share already
      {"extension session_ticket", chooses(0xc02f, {{35, {}}})},
      {"extension renegotiation_info", chooses(0x002f, {{0xff01, {0}}}), old(0x0303)},
      {"ALPN spdy", chooses(0xc02f, {{16, {0, 5, 4, 's', 'p', 'd', 'y'}}})},
      {"TLS 1.2", chooses(0x002f, {}, 0x0303), old(0x0301)},
  };
  for (const auto& each : cases)
    expect(Twin().hello(each.hello).answer(each.answer).server_hello_done().answered(), "unknown",
           each.what);
  ServerHelloBytes compressed = chooses(0xc02f);
  compressed.compression = 1;
  expect(Twin().hello(modern()).answer(compressed).server_hello_done().answered(), "unknown",
         "compression");
}

/// Hellos of a client that has TLS 1.0 and of one that has not are the same. RFC 5246 E.1.
TEST(TwinOutcome, UnknownIsAVersionBelowAHelloThatHidesItsMinimum) {
  for (const std::uint16_t version : std::initializer_list<std::uint16_t>{0x0300, 0x0301, 0x0302})
    expect(Twin()
               .hello(old(0x0303))
               .answer(chooses(0x002f, {}, version))
               .server_hello_done()
               .answered(),
           "unknown", "whether the client takes that, its hello does not say");
  expect(
      Twin().hello(old(0x0303)).answer(chooses(0x002f, {}, 0x0303)).server_hello_done().answered(),
      "ok", "TLS 1.2");
}

TEST(TwinOutcome, FailedIsWhatNoClientSurvives) {
  expect(Twin().hello(modern()).alert(2, 40).answered(), "failed",
         "sends a fatal handshake_failure (40) alert in answer to the client's own hello");
  expect(Twin().hello(modern()).alert(2, 70).close(Party::backend, CloseHow::fin).outcome(),
         "failed", "protocol_version (70)");
  expect(Twin().hello(modern()).close(Party::backend, CloseHow::fin).outcome(), "failed",
         "closes the connection (FIN) in answer to");
  expect(Twin().hello(modern()).close(Party::backend, CloseHow::rst).outcome(), "failed",
         "resets the connection (RST) in answer to");
  expect(Twin().hello(modern()).close(Party::proxy, CloseHow::timeout).outcome(), "failed",
         "goes silent in answer to");
  expect(
      Twin().hello(modern()).says(test::text_bytes("HTTP/1.1 400 Bad Request\r\n\r\n")).answered(),
      "failed", "which is not TLS");
  for (const CloseHow how : {CloseHow::fin, CloseHow::rst})
    expect(Twin().hello(modern()).answer(chooses(0xc02f)).close(Party::backend, how).outcome(),
           "failed", "in the middle of its answer");
  expect(Twin()
             .hello(modern())
             .answer(chooses(0xc02f))
             .close(Party::proxy, CloseHow::timeout)
             .outcome(),
         "failed", "goes silent in the middle of its answer");
}

TEST(TwinOutcome, AWarningIsNoRefusal) {
  expect(
      Twin().hello(modern()).alert(1, 112).answer(chooses(0xc02f)).server_hello_done().answered(),
      "ok", "TLS 1.2");
}

/// A backend that reads once takes the first segment for the whole hello.
TEST(TwinOutcome, FailedIsWhatIsSaidBeforeTheHelloIsWhole) {
  const std::string why = "does not wait for the rest";
  expect(Twin().part_of_hello(modern()).alert(2, 50).answered(), "failed", why);
  expect(Twin().part_of_hello(modern()).close(Party::backend, CloseHow::fin).outcome(), "failed",
         why);
  expect(Twin().part_of_hello(modern()).close(Party::backend, CloseHow::rst).outcome(), "failed",
         why);
  expect(Twin().part_of_hello(modern()).close(Party::proxy, CloseHow::timeout).outcome(), "unknown",
         "did not reach the backend in time", false);
}

/// Beside the session's own connection a close may mean the number of connections.
TEST(TwinOutcome, BesideTheSessionsOwnConnectionOnlyWordsCount) {
  const std::string why = "it may take one at a time";
  for (const CloseHow how : {CloseHow::fin, CloseHow::rst})
    expect(Twin().beside().hello(modern()).close(Party::backend, how).outcome(), "unknown", why,
           false);
  expect(Twin().beside().hello(modern()).close(Party::proxy, CloseHow::timeout).outcome(),
         "unknown", why, false);
  expect(Twin().beside().hello(modern()).alert(2, 40).answered(), "failed", "handshake_failure");
  expect(Twin().beside().hello(modern()).answer(chooses(0x1301, tls13(0x0304, 0x001d))).answered(),
         "ok", "TLS 1.3");
}

TEST(TwinOutcome, UnknownIsWhatNothingCameOf) {
  TranscriptBuilder refused(LegKind::direct_leg);
  refused.observe_failure("connection refused by 192.0.2.1:443");
  expect(judge_twin(refused.transcript()), "unknown", "connection refused by 192.0.2.1:443", false);
  expect(judge_twin(Transcript{}), "unknown", "No connection", false);
  expect(Twin().hello(modern()).failure("the proxy was stopped").answered(), "unknown",
         "the proxy was stopped", false);
  expect(Twin().hello(modern()).says(test::record(22, 0x0303, {2, 0, 0, 1, 0})).answered(),
         "unknown", "can't be judged");
}

/// Whatever of an answer is cut off, at every byte: never ok before it is whole, never a crash.
TEST(TwinOutcome, AnAnswerCutAnywhereFails) {
  ByteVector answer = test::record(22, 0x0303, chooses(0xc02f, {{23, {}}}).message());
  const ByteVector done = test::record(22, 0x0303, test::message(14, {}));
  answer.insert(answer.end(), done.begin(), done.end());
  for (std::size_t size = 0; size < answer.size(); ++size) {
    const ByteVector part(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
    expect(Twin().hello(modern()).says(part).close(Party::backend, CloseHow::fin).outcome(),
           "failed", "closes the connection (FIN)");
  }
}

}  // namespace
}  // namespace visavis::inspect
