#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "certs/digest.h"
#include "inspect/capture/capture_sessions.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/http/http_observer.h"

/// Captures that carry their secrets: what we decrypt equals what tshark decrypts.
namespace visavis::corpora {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace inspect;

const fs::path kSource = VISAVIS_SOURCE_DIR;

/// The large set where it is there, else the repository's own.
fs::path set_of_captures() {
  if (const char* directory = std::getenv("VISAVIS_CORPORA")) return directory;
  const fs::path usual = kSource / "../shared/corpora";
  return fs::is_directory(usual / "truth") ? usual : kSource / "tests/data/captures";
}

struct HttpTap : PlaintextTap {
  HttpObserver http{true};
  PerDirection<std::uint64_t> bytes;
  PerDirection<std::string> first;  ///< record with data

  void plaintext(std::int64_t at, Direction direction, Bytes plaintext) override {
    bytes[direction] += plaintext.size();
    if (first[direction].empty()) first[direction].assign(plaintext.begin(), plaintext.end());
    if (direction == Direction::c2s)
      http.observe_request(plaintext, at);
    else
      http.observe_response(plaintext, at);
  }
};

/// The sessions of a capture by tshark's tcp.stream; `secrets`: with those in the file.
std::map<std::uint64_t, CapturedSession> read(const fs::path& file, bool secrets = true) {
  std::map<std::uint64_t, CapturedSession> found;
  ByteStream stream(file);
  CaptureReader reader(stream);
  KeyLog key_log;
  CaptureSessions sessions(
      [&](CapturedSession session) { found.emplace(session.connection, std::move(session)); },
      {&key_log, [](const auto&, std::int64_t) { return std::make_unique<HttpTap>(); }});
  CapturedPacket packet;
  while (reader.next(packet)) {
    const std::string text = reader.take_secrets();
    if (secrets) key_log.add(text);
    sessions.add(packet);
  }
  sessions.finish();
  EXPECT_EQ(key_log.bad_lines(), 0U) << file;
  EXPECT_EQ(key_log.empty(), !secrets) << file;
  return found;
}

std::string_view direction_of(Party party) { return party == Party::client ? "c2s" : "s2c"; }

json::object facts(const Transcript& transcript) {
  json::object handshakes{{"c2s", json::array{}}, {"s2c", json::array{}}};
  json::object alerts = handshakes;
  json::object certificates = handshakes;
  for (const Event& event : transcript.events) {
    const std::string_view direction = direction_of(event.sender);
    if (event.kind == EventKind::message && event.note != "ChangeCipherSpec")
      handshakes[direction].as_array().push_back(event.code);
    if (event.kind == EventKind::alert)
      alerts[direction].as_array().push_back(
          event.note.empty() ? json::value{event.level, event.code} : json::value("encrypted"));
  }
  for (const auto& der : transcript.certificates)
    certificates["s2c"].as_array().emplace_back(certs::hex(certs::sha256(der)));
  if (transcript.client_certificates)
    for (const auto& der : *transcript.client_certificates)
      certificates["c2s"].as_array().emplace_back(certs::hex(certs::sha256(der)));
  return {{"handshakes", handshakes}, {"alerts", alerts}, {"certificates", certificates}};
}

json::object facts(const json::value& with_secrets) {
  json::object handshakes{{"c2s", json::array{}}, {"s2c", json::array{}}};
  json::object alerts = handshakes;
  json::object certificates = handshakes;
  for (const json::value& one : with_secrets.at("handshakes").as_array())
    handshakes[one.at(0).as_string()].as_array().push_back(one.at(1));
  for (const json::value& one : with_secrets.at("alerts").as_array())
    alerts[one.at("dir").as_string()].as_array().push_back(
        json::value{one.at("level"), one.at("desc")});
  for (const json::value& one : with_secrets.at("certificates").as_array())
    certificates[one.at("dir").as_string()].as_array().push_back(one.at("sha256"));
  return {{"handshakes", handshakes}, {"alerts", alerts}, {"certificates", certificates}};
}

TEST(DecryptedCorpora, EqualTheirTruthWithSecrets) {
  const fs::path set = set_of_captures();
  std::size_t streams = 0;
  for (const auto& entry : fs::directory_iterator(set / "truth")) {
    std::ifstream stream(entry.path());
    const json::value truth = json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
    if (truth.at("dsb_blocks") == 0) continue;
    const std::string file(truth.at("file").as_string());
    const auto sessions = read(set / "pcap" / file);
    for (const json::value& one : truth.at("streams").as_array()) {
      const json::value* with_secrets = one.as_object().if_contains("with_secrets");
      if (with_secrets == nullptr) continue;
      ++streams;
      const auto session = sessions.find(one.at("stream").to_number<std::uint64_t>());
      ASSERT_NE(session, sessions.end()) << file;
      EXPECT_EQ(facts(session->second.transcript), facts(*with_secrets)) << file;
      EXPECT_TRUE(session->second.transcript.established) << file;
    }
  }
  std::cout << streams << " streams with secrets in " << set << "\n";
  EXPECT_EQ(streams, set == kSource / "tests/data/captures" ? 1U : 8U);
}

/// Where a capture of the large set is; empty when the set is not there.
fs::path capture(const char* name) {
  const fs::path file = set_of_captures() / "pcap" / name;
  if (!fs::exists(file)) std::cout << name << " is in the large set, which is not there\n";
  return fs::exists(file) ? file : fs::path();
}

const HttpTap& http_of(const CapturedSession& session) {
  return static_cast<const HttpTap&>(*session.plaintext);
}

/// tshark 4.0.17: http.request.method, http.request.uri; "HTTP/1.0 200 ok" and 1777 bytes of
/// `follow,tls`, in both connections, TLS 1.2 and 1.3.
TEST(DecryptedCorpora, ShowTheirHttp1) {
  const fs::path file = capture("derived__dsb-nss-example.pcapng");
  if (file.empty()) return;
  const auto sessions = read(file);
  ASSERT_EQ(sessions.size(), 2U);
  for (const auto& [number, session] : sessions) {
    const HttpTap& tap = http_of(session);
    EXPECT_EQ(tap.bytes.c2s, 32U);
    EXPECT_EQ(tap.bytes.s2c, 1777U);
    // Its header section ends in LF alone, which our observer does not take (RFC 9112 2.2 lets it).
    EXPECT_EQ(tap.first.c2s, "GET /pki/srv_key.pem HTTP/1.0\r\n\n");
    EXPECT_EQ(tap.first.s2c.substr(0, 15), "HTTP/1.0 200 ok");
  }
}

/// tshark 4.0.17: http2.headers.method, .path, .status of stream 1; bytes of `follow,tls,raw`.
TEST(DecryptedCorpora, ShowTheirHttp2) {
  const fs::path file = capture("ja4__chrome-cloudflare-quic-with-secrets.pcapng");
  if (file.empty()) return;
  const auto sessions = read(file);
  ASSERT_EQ(sessions.count(0), 1U);
  const HttpTap& tap = http_of(sessions.at(0));
  EXPECT_EQ(tap.bytes.c2s, 536U);
  EXPECT_EQ(tap.bytes.s2c, 10331U);
  ASSERT_EQ(tap.http.exchanges().size(), 1U);
  const HttpExchange& exchange = tap.http.exchanges().front();
  EXPECT_EQ(exchange.protocol, "http/2");
  EXPECT_EQ(exchange.method, "GET");
  EXPECT_EQ(exchange.target, "/");
  EXPECT_EQ(exchange.status, 200);
}

/// What a passthrough can't tell: each write is two records, and by tshark ("Decrypted TLS (15
/// bytes)" and no other) the first of them is empty.
TEST(DecryptedCorpora, TellA0nSplitFromA1nOne) {
  const fs::path file = capture("derived__dsb-tls1_0.pcapng");
  if (file.empty()) return;
  const CapturedSession session = std::move(read(file).at(0));
  const LegReport leg = summarize_leg(session.transcript);
  EXPECT_EQ(leg.split_c2s, "0/n");
  EXPECT_EQ(leg.split_s2c, "0/n");
  const auto& lengths = session.transcript.plaintext_lengths.c2s;
  ASSERT_GE(lengths.size(), 4U);
  // ClientHello, ClientKeyExchange, ChangeCipherSpec, Finished, then the first two writes.
  EXPECT_EQ(std::vector<std::int32_t>(lengths.begin() + 4, lengths.begin() + 8),
            (std::vector<std::int32_t>{0, 15, 0, 2}));
  const LegReport without = summarize_leg(read(file, false).at(0).transcript);
  EXPECT_EQ(without.split_c2s, "split-unknown");
}

/// Without the secrets nothing is shown to the tap.
TEST(DecryptedCorpora, StayClosedWithoutTheirSecrets) {
  const auto sessions = read(set_of_captures() / "pcap/derived__dsb-mTLS1_3_RSA.pcapng", false);
  ASSERT_EQ(sessions.size(), 1U);
  const CapturedSession& session = sessions.begin()->second;
  EXPECT_EQ(http_of(session).bytes.c2s + http_of(session).bytes.s2c, 0U);
  EXPECT_TRUE(session.transcript.certificates.empty());
  EXPECT_TRUE(session.transcript.plaintext_lengths.c2s.empty());
}

}  // namespace
}  // namespace visavis::corpora
