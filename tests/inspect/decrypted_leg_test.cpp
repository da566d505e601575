#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/http/http_observer.h"
#include "inspect/transcript/wire_decoder.h"
#include "tests/inspect/tls_pair.h"

/// What comes out of a leg with its secrets is what OpenSSL says that it put in.
namespace visavis::inspect {
namespace {

using test::TlsPair;
using test::TlsPairOptions;
using test::TlsParties;

struct Plaintexts : PlaintextTap {
  PerDirection<std::string> text;
  PerDirection<std::vector<std::size_t>> lengths;

  void plaintext(std::int64_t, Direction direction, Bytes bytes) override {
    text[direction].append(bytes.begin(), bytes.end());
    lengths[direction].push_back(bytes.size());
  }
};

struct Decoded {
  Transcript transcript;
  PerDirection<std::string> text;
};

Decoded decode(const test::WireDialogue& dialogue, const KeyLog& key_log, std::size_t piece = 0) {
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  Plaintexts plaintexts;
  decoder.use_key_log(key_log, &plaintexts);
  std::int64_t at = 0;
  for (const auto& step : dialogue) {
    ++at;
    for (Bytes left(step.bytes); !left.empty();) {
      const std::size_t count = piece == 0 ? left.size() : std::min(piece, left.size());
      decoder.observe(at, step.direction, left.first(count));
      left = left.subspan(count);
    }
  }
  return {std::move(builder.transcript()), std::move(plaintexts.text)};
}

Decoded decode(const TlsPair& pair, std::size_t piece = 0) {
  KeyLog key_log;
  key_log.add(pair.key_log);
  return decode(pair.dialogue, key_log, piece);
}

LegReport comparable(const Transcript& transcript) {
  LegReport report = summarize_leg(transcript);
  if (report.client_hello) report.client_hello->segments.clear();
  return report;
}

/// Codes of the events of one kind that a side sent.
std::vector<int> codes(const Transcript& seen, EventKind kind, Party by) {
  std::vector<int> found;
  for (const Event& event : seen.events)
    if (event.kind == kind && event.sender == by && event.note != "ChangeCipherSpec")
      found.push_back(event.code);
  return found;
}

/// All messages, alerts and bytes that OpenSSL sent are seen, in any chunking; nothing stays
/// encrypted.
Transcript expect_all_read(const TlsPair& pair) {
  Decoded seen = decode(pair);
  const Transcript& transcript = seen.transcript;
  EXPECT_EQ(codes(transcript, EventKind::message, Party::client), pair.messages.c2s);
  EXPECT_EQ(codes(transcript, EventKind::message, Party::backend), pair.messages.s2c);
  EXPECT_EQ(codes(transcript, EventKind::alert, Party::client), pair.alerts.c2s);
  EXPECT_EQ(codes(transcript, EventKind::alert, Party::backend), pair.alerts.s2c);
  EXPECT_EQ(seen.text.c2s, pair.text.c2s);
  EXPECT_EQ(seen.text.s2c, pair.text.s2c);
  EXPECT_TRUE(transcript.established);
  EXPECT_TRUE(transcript.malformed.empty());
  for (const Event& event : transcript.events) EXPECT_NE(event.note, "alert (encrypted)");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    const Decoded cut = decode(pair, piece);
    EXPECT_EQ(comparable(cut.transcript), comparable(transcript)) << "in pieces of " << piece;
    EXPECT_EQ(cut.text.c2s, seen.text.c2s);
    EXPECT_EQ(cut.text.s2c, seen.text.s2c);
  }
  return transcript;
}

/// A request, an answer of two records, and close_notify from both sides.
void converse(TlsPair& pair) {
  ASSERT_TRUE(pair.handshake());
  pair.send(true, "GET / HTTP/1.0\r\n\r\n");
  pair.send(false, std::string(20000, 'x'));
  pair.close();
}

struct SuiteCase {
  int version;
  const char* suite;
  bool encrypt_then_mac = false;
};

class EverySuite : public ::testing::TestWithParam<SuiteCase> {};

TEST_P(EverySuite, IsReadAsItsPartiesWroteIt) {
  TlsPairOptions options;
  options.version = GetParam().version;
  options.suites = GetParam().suite;
  options.encrypt_then_mac = GetParam().encrypt_then_mac;
  TlsParties parties(options);
  TlsPair pair(parties);
  converse(pair);
  const Transcript seen = expect_all_read(pair);
  EXPECT_FALSE(seen.resumed);
  EXPECT_EQ(seen.certificates.size(), 1U);
  EXPECT_EQ(seen.plaintext_lengths.c2s[seen.plaintext_lengths.c2s.size() - 1], 18);
  const auto& answer = seen.plaintext_lengths.s2c;
  ASSERT_GE(answer.size(), 2U);
  EXPECT_EQ(answer[answer.size() - 2], 16384);
  EXPECT_EQ(answer[answer.size() - 1], 20000 - 16384);
}

INSTANTIATE_TEST_SUITE_P(
    Decrypted, EverySuite,
    ::testing::Values(
        SuiteCase{TLS1_VERSION, "AES128-SHA"}, SuiteCase{TLS1_VERSION, "AES256-SHA", true},
        SuiteCase{TLS1_VERSION, "CAMELLIA128-SHA"}, SuiteCase{TLS1_VERSION, "NULL-SHA"},
        SuiteCase{TLS1_VERSION, "NULL-MD5"}, SuiteCase{TLS1_1_VERSION, "ECDHE-RSA-AES256-SHA"},
        SuiteCase{TLS1_1_VERSION, "AES128-SHA", true}, SuiteCase{TLS1_2_VERSION, "AES128-SHA"},
        SuiteCase{TLS1_2_VERSION, "AES256-SHA256", true},
        SuiteCase{TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384"},
        SuiteCase{TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384", true},
        SuiteCase{TLS1_2_VERSION, "CAMELLIA256-SHA256"}, SuiteCase{TLS1_2_VERSION, "NULL-SHA256"},
        SuiteCase{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256"},
        SuiteCase{TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384"},
        SuiteCase{TLS1_2_VERSION, "AES128-CCM"}, SuiteCase{TLS1_2_VERSION, "AES256-CCM8"},
        SuiteCase{TLS1_2_VERSION, "ARIA128-GCM-SHA256"},
        SuiteCase{TLS1_2_VERSION, "ECDHE-ARIA256-GCM-SHA384"},
        SuiteCase{TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305"},
        SuiteCase{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
        SuiteCase{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
        SuiteCase{TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
        SuiteCase{TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256"},
        SuiteCase{TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256"}),
    [](const ::testing::TestParamInfo<SuiteCase>& suite) {
      std::string name = suite.param.suite + std::string("_") + std::to_string(suite.index);
      for (char& letter : name)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
      return name;
    });

TlsPairOptions tls13() {
  TlsPairOptions options;
  options.version = TLS1_3_VERSION;
  return options;
}

TEST(DecryptedLeg, ShowsWhatTls13HidesOfAHandshakeWithBothCertificates) {
  TlsPairOptions options = tls13();
  options.client_certificate = true;
  TlsParties parties(options);
  TlsPair pair(parties);
  converse(pair);
  const Transcript seen = expect_all_read(pair);
  EXPECT_TRUE(seen.certificate_request);
  ASSERT_TRUE(seen.client_certificates);
  EXPECT_EQ(seen.client_certificates->size(), 1U);
  EXPECT_TRUE(seen.client_signature);
  EXPECT_EQ(seen.session_tickets, 2U);
  EXPECT_EQ(seen.history, "CsiorxyfIXYFttDdL.l.");
  ASSERT_TRUE(seen.close);
  EXPECT_EQ(seen.close->how, CloseHow::close_notify);
  EXPECT_EQ(seen.close->by, Party::client);
}

TEST(DecryptedLeg, TellsASplitOfNoBytesFromOneOfOneByte) {
  TlsPairOptions options;
  options.version = TLS1_VERSION;
  options.suites = "AES128-SHA";
  {
    TlsParties parties(options);
    TlsPair pair(parties);
    ASSERT_TRUE(pair.handshake());
    pair.send(true, "G");
    pair.send(true, "ET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(summarize_leg(expect_all_read(pair)).split_c2s, "1/n-1");
  }
  options.empty_fragments = true;
  TlsParties parties(options);
  TlsPair pair(parties);
  ASSERT_TRUE(pair.handshake());
  pair.send(true, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(summarize_leg(expect_all_read(pair)).split_c2s, "0/n");
}

TEST(DecryptedLeg, FollowsKeyUpdatesOfBothSides) {
  TlsParties parties(tls13());
  TlsPair pair(parties);
  ASSERT_TRUE(pair.handshake());
  pair.send(true, "one");
  pair.key_update(true, true);
  pair.send(true, "two");
  pair.send(false, "three");
  pair.key_update(false, false);
  pair.key_update(false, false);
  pair.send(false, "four");
  pair.close();
  EXPECT_EQ(expect_all_read(pair).key_updates, 4U);
}

TEST(DecryptedLeg, GoesThroughAHelloRetryRequest) {
  TlsPairOptions options = tls13();
  options.server_groups = "P-384";
  TlsParties parties(options);
  TlsPair pair(parties);
  converse(pair);
  EXPECT_TRUE(expect_all_read(pair).hello_retry);
}

TEST(DecryptedLeg, FollowsARenegotiationToItsNewKeys) {
  TlsPairOptions options;
  options.version = TLS1_2_VERSION;
  options.suites = "ECDHE-RSA-AES128-GCM-SHA256";
  TlsParties parties(options);
  TlsPair pair(parties);
  ASSERT_TRUE(pair.handshake());
  pair.send(true, "one");
  pair.renegotiate();
  pair.send(true, "two");
  pair.send(false, "three");
  pair.close();
  const Transcript seen = expect_all_read(pair);
  EXPECT_EQ(std::count(seen.history.begin(), seen.history.end(), 'h'), 1);
  EXPECT_EQ(std::count(seen.history.begin(), seen.history.end(), 'C'), 2);
}

/// As a relay shows it to the observer, live.
struct HttpTap : PlaintextTap {
  HttpObserver http{true};

  void plaintext(std::int64_t at, Direction direction, Bytes bytes) override {
    if (direction == Direction::c2s) return http.observe_request(bytes, at);
    http.observe_response(bytes, at);
  }
};

TEST(DecryptedLeg, FeedsTheHttpObserver) {
  TlsParties parties(tls13());
  TlsPair pair(parties);
  ASSERT_TRUE(pair.handshake());
  pair.send(true, "GET /one HTTP/1.1\r\nHost: a.example\r\n\r\n");
  pair.send(false, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
  KeyLog key_log;
  key_log.add(pair.key_log);
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  HttpTap tap;
  decoder.use_key_log(key_log, &tap);
  for (const auto& step : pair.dialogue) decoder.observe(1, step.direction, step.bytes);
  ASSERT_EQ(tap.http.exchanges().size(), 1U);
  EXPECT_EQ(tap.http.exchanges()[0].method, "GET");
  EXPECT_EQ(tap.http.exchanges()[0].target, "/one");
  EXPECT_EQ(tap.http.exchanges()[0].status, 404);
}

/// The secrets may be written after the hellos, as long as they come before what needs them.
TEST(DecryptedLeg, LooksItsSecretsUpWhenItNeedsThem) {
  TlsPairOptions options;
  options.version = TLS1_2_VERSION;
  TlsParties parties(options);
  TlsPair pair(parties);
  converse(pair);
  KeyLog key_log;
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  Plaintexts plaintexts;
  decoder.use_key_log(key_log, &plaintexts);
  for (const auto& step : pair.dialogue) {
    if (builder.transcript().server_hello && key_log.empty()) key_log.add(pair.key_log);
    decoder.observe(1, step.direction, step.bytes);
  }
  EXPECT_EQ(plaintexts.text.c2s, pair.text.c2s);
  EXPECT_EQ(plaintexts.text.s2c, pair.text.s2c);
}

/// A capture that ends anywhere: what was read of it is the beginning of the whole.
TEST(DecryptedLeg, EndsAtAnyByte) {
  TlsParties parties(tls13());
  TlsPair pair(parties);
  converse(pair);
  KeyLog key_log;
  key_log.add(pair.key_log);
  const Decoded whole = decode(pair);
  for (std::size_t step = 0; step < pair.dialogue.size(); ++step) {
    const std::size_t size = pair.dialogue[step].bytes.size();
    for (std::size_t cut = 0; cut<size; cut += size> 4000 ? 97 : 1) {
      test::WireDialogue shorter(pair.dialogue.begin(),
                                 pair.dialogue.begin() + static_cast<std::ptrdiff_t>(step) + 1);
      shorter.back().bytes.resize(cut);
      const Decoded seen = decode(shorter, key_log);
      const std::string& history = seen.transcript.history;
      EXPECT_TRUE(whole.transcript.history.starts_with(history)) << history;
      EXPECT_TRUE(whole.text.c2s.starts_with(seen.text.c2s));
      EXPECT_TRUE(whole.text.s2c.starts_with(seen.text.s2c));
      EXPECT_TRUE(seen.transcript.malformed.empty());
    }
  }
}

struct Resumed {
  explicit Resumed(const TlsPairOptions& options) : parties(options) {
    TlsPair first(parties);
    EXPECT_TRUE(first.handshake());
    first.send(false, "a ticket may be read with this");
    session = first.session();
    first.close();  // one that is not closed can't be resumed
  }
  ~Resumed() { SSL_SESSION_free(session); }
  Resumed(const Resumed&) = delete;
  Resumed& operator=(const Resumed&) = delete;

  TlsParties parties;
  SSL_SESSION* session = nullptr;
};

TEST(DecryptedLeg, KnowsAResumedHandshake) {
  for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPairOptions options;
    options.version = version;
    Resumed first(options);
    TlsPair pair(first.parties, first.session);
    converse(pair);
    const Transcript seen = expect_all_read(pair);
    EXPECT_TRUE(seen.resumed) << version;
    EXPECT_TRUE(seen.certificates.empty());
  }
}

TEST(DecryptedLeg, ShowsEarlyDataThatTheServerTook) {
  TlsPairOptions options = tls13();
  options.early_data = 16384;
  Resumed first(options);
  TlsPair pair(first.parties, first.session);
  pair.send_early("early", true);
  ASSERT_TRUE(pair.handshake());
  pair.send(true, "late");
  pair.send(false, "answer");
  const Transcript seen = expect_all_read(pair);
  EXPECT_EQ(seen.history.substr(0, 2), "CI");
  EXPECT_NE(seen.history.find("E"), std::string::npos);
  // Hello, ChangeCipherSpec, early data, EndOfEarlyData, Finished, data.
  EXPECT_EQ(seen.plaintext_lengths.c2s, (std::vector<std::int32_t>{-1, -1, 5, -1, -1, 4}));
}

TEST(DecryptedLeg, KeepsEarlyDataThatWasRefusedFromWhoReadsThePlaintext) {
  TlsPairOptions options = tls13();
  options.early_data = 16384;
  Resumed first(options);
  SSL_CTX_set_max_early_data(first.parties.server, 0);
  TlsPair pair(first.parties, first.session);
  pair.send_early("early", false);
  ASSERT_TRUE(pair.handshake());
  pair.text.c2s.clear();
  pair.send(true, "once more");
  const Transcript seen = expect_all_read(pair);
  EXPECT_EQ(seen.plaintext_lengths.c2s, (std::vector<std::int32_t>{-1, -1, 5, -1, 9}));
}

TEST(DecryptedLeg, PassesOverEarlyDataThatNobodyCanRead) {
  TlsPairOptions options = tls13();
  options.early_data = 16384;
  Resumed first(options);
  SSL_CTX_set_max_early_data(first.parties.server, 0);
  TlsPair pair(first.parties, first.session);
  pair.send_early("early", false);
  ASSERT_TRUE(pair.handshake());
  pair.text.c2s.clear();
  pair.send(true, "once more");
  const std::size_t line = pair.key_log.find("CLIENT_EARLY_TRAFFIC_SECRET");
  ASSERT_NE(line, std::string::npos);
  pair.key_log.erase(line, pair.key_log.find('\n', line) - line);
  EXPECT_EQ(expect_all_read(pair).plaintext_lengths.c2s,
            (std::vector<std::int32_t>{-1, -1, -1, -1, 9}));
}

}  // namespace
}  // namespace visavis::inspect
