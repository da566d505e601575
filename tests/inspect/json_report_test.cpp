#include "inspect/report/json_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

boost::json::object parsed(const SessionReport& session) {
  return boost::json::parse(render_json(session)).as_object();
}

std::vector<std::string> names_of(const boost::json::value& value) {
  std::vector<std::string> names;
  for (const auto& field : value.as_object()) names.emplace_back(field.key());
  return names;
}

std::string written(const auto& value) {
  std::string out;
  JsonWriter(out).value(value);
  return out;
}

TEST(JsonReport, SessionHasTheContractsFieldsInItsOrder) {
  const auto json = parsed(test::healthy_session());
  EXPECT_THAT(names_of(json),
              ElementsAre("schema", "type", "id", "started", "duration_ms", "source", "mode",
                          "client", "listener", "backend", "backend_address", "sni", "verdict",
                          "client_leg", "backend_leg", "direct_leg", "mirror", "split_policy",
                          "split_segments", "twin", "connect", "passed_through_because",
                          "comparison", "findings", "windows_reading", "http", "bytes"));
  EXPECT_EQ(json.at("schema"), 1);
  EXPECT_EQ(json.at("type"), "session");
  EXPECT_THAT(names_of(json.at("verdict")),
              ElementsAre("class", "proxied", "direct", "direct_known_by", "headline"));
  EXPECT_THAT(names_of(json.at("mirror")), ElementsAre("hello", "answer", "unmirrored", "faults"));
  EXPECT_THAT(names_of(json.at("mirror").at("unmirrored").at(0)),
              ElementsAre("leg", "feature", "reason"));
  EXPECT_THAT(names_of(json.at("comparison").at(0)),
              ElementsAre("aspect", "client", "backend", "relation", "origin"));
  EXPECT_THAT(names_of(json.at("http").at(0)),
              ElementsAre("protocol", "method", "target", "status", "request_bytes",
                          "response_bytes", "time_to_first_byte_ms", "cut_short"));
  EXPECT_THAT(names_of(json.at("bytes")), ElementsAre("client_to_backend", "backend_to_client"));
}

TEST(JsonReport, LegHasTheContractsFields) {
  const auto json = parsed(test::incomplete_chain_session());
  const auto& leg = json.at("backend_leg");
  EXPECT_THAT(names_of(leg),
              ElementsAre("endpoints", "outcome", "reached", "established", "client_hello",
                          "hello_retry", "server_hello", "certificates", "chain",
                          "certificate_request", "alerts", "close", "timing", "history",
                          "record_split", "record_habits", "events", "records", "records_total",
                          "raw", "first_bytes", "failure", "malformed", "client_certificates",
                          "client_signature", "encrypted_extensions", "stapled_ocsp_bytes",
                          "stapled_ocsp", "key_proof", "session_tickets", "key_updates"));
  EXPECT_THAT(names_of(leg.at("endpoints")), ElementsAre("from", "to"));
  EXPECT_THAT(names_of(leg.at("established")),
              ElementsAre("version", "cipher", "group", "signature", "alpn", "resumed",
                          "encrypt_then_mac", "extended_master_secret", "dh_bits"));
  EXPECT_THAT(
      names_of(leg.at("server_hello")),
      ElementsAre("legacy_version", "version", "random", "session_id", "cipher", "compression",
                  "extensions", "key_share_group", "alpn", "ja3s", "extension_values"));
  EXPECT_THAT(names_of(leg.at("certificates").at(0)),
              ElementsAre("subject", "issuer", "serial", "not_before", "not_after", "san", "key",
                          "signature", "sha256", "problems", "ca", "must_staple", "key_usage"));
  EXPECT_THAT(names_of(leg.at("chain")),
              ElementsAre("trusted", "problems", "missing_issuer", "stores", "found_issuer",
                          "fetch_problem"));
  EXPECT_THAT(names_of(leg.at("chain").at("problems").at(0)),
              ElementsAre("depth", "code", "hresult"));
  EXPECT_THAT(names_of(leg.at("chain").at("stores").at(0)),
              ElementsAre("name", "trusted", "problems"));
  EXPECT_THAT(names_of(leg.at("close")), ElementsAre("by", "how"));
  EXPECT_THAT(names_of(leg.at("timing")), ElementsAre("connect_ms", "handshake_ms"));
  EXPECT_THAT(names_of(leg.at("record_split")), ElementsAre("c2s", "s2c"));
  EXPECT_THAT(names_of(leg.at("events").at(0)),
              ElementsAre("i", "t_us", "sender", "kind", "what", "length"));
  EXPECT_THAT(names_of(leg.at("raw")), ElementsAre("c2s", "s2c", "cut"));
}

TEST(JsonReport, HelloHasTheContractsFields) {
  const auto json = parsed(test::healthy_session());
  const auto& hello = json.at("client_leg").at("client_hello");
  EXPECT_THAT(names_of(hello),
              ElementsAre("record_version", "legacy_version", "random", "session_id", "ciphers",
                          "compression", "extensions", "sni", "supported_versions", "groups",
                          "sig_algs", "ec_point_formats", "alpn", "key_share_groups",
                          "session_ticket_len", "psk_identities", "length", "segments",
                          "segments_exact", "sslv2", "ja3", "ja3_full", "ja4", "extension_values"));
  EXPECT_EQ(boost::json::serialize(hello.at("extension_values").at(1)),
            R"({"id":23,"name":"extended_master_secret","value":""})");
  EXPECT_EQ(boost::json::serialize(hello.at("ciphers").at(1)),
            R"({"id":4865,"name":"TLS_AES_128_GCM_SHA256"})");
  EXPECT_EQ(hello.at("ciphers").at(0).at("name"), "GREASE");
  EXPECT_EQ(boost::json::serialize(hello.at("segments")), "[518]");
  EXPECT_EQ(boost::json::serialize(hello.at("compression")), "[0]");
}

TEST(JsonReport, ClientAuthenticationHasTheContractsFields) {
  const auto json = parsed(test::client_certificate_session());
  const auto& backend = json.at("backend_leg");
  const auto& request = backend.at("certificate_request");
  EXPECT_THAT(names_of(request), ElementsAre("types", "sig_algs", "issuers", "issuers_total"));
  EXPECT_EQ(boost::json::serialize(request.at("types").at(0)), R"({"id":1,"name":"rsa_sign"})");
  EXPECT_EQ(request.at("sig_algs").at(0).at("name"), "ecdsa_secp256r1_sha256");
  EXPECT_EQ(request.at("issuers").as_array().size(), 5U);
  EXPECT_EQ(request.at("issuers_total"), 212);
  EXPECT_TRUE(backend.at("client_certificates").as_array().empty()) << "it sent none";
  EXPECT_EQ(backend.at("stapled_ocsp_bytes"), 471);
  EXPECT_EQ(backend.at("established").at("dh_bits"), 1024);
  const auto& client = json.at("client_leg");
  EXPECT_EQ(client.at("client_certificates").at(0).at("subject"), "CN=alice,O=Example Shop");
  EXPECT_EQ(client.at("client_signature").at("name"), "rsa_pss_rsae_sha256");
}

TEST(JsonReport, RecordsAreRows) {
  const auto json = parsed(test::healthy_session());
  const auto& records = json.at("client_leg").at("records");
  EXPECT_EQ(boost::json::serialize(records.at(0)), R"([200,"c2s",22,771,517,null])");
  EXPECT_EQ(boost::json::serialize(records.at(7)), R"([4477,"s2c",23,771,16408,16391])");
}

TEST(JsonReport, FindingHasItsFieldsAndOnlyTheCodesThatItHas) {
  const auto json = parsed(test::incomplete_chain_session());
  const auto& finding = json.at("findings").at(0);
  EXPECT_THAT(
      names_of(finding),
      ElementsAre("id", "severity", "side", "confidence", "title", "cause", "expected", "presented",
                  "remedy", "judged_by", "evidence", "codes", "source", "kind", "role"));
  EXPECT_THAT(names_of(finding.at("codes")), ElementsAre("x509", "hresult", "java"));
  EXPECT_THAT(names_of(finding.at("evidence").at(0)), ElementsAre("leg", "event", "what"));
  EXPECT_TRUE(finding.at("evidence").at(1).at("event").is_null());
}

TEST(JsonReport, EveryCodeHasItsName) {
  auto session = test::no_common_version_session();
  session.findings[0].codes = {70, "X509", "0x1", 36874, "chrome", "firefox", "java"};
  const auto json = parsed(session);
  EXPECT_EQ(boost::json::serialize(json.at("findings").at(0).at("codes")),
            R"({"alert":70,"x509":"X509","hresult":"0x1","schannel_event":36874,)"
            R"("chrome":"chrome","firefox":"firefox","java":"java"})");
}

TEST(JsonReport, AbsentValuesAreNull) {
  SessionReport session;
  session.client_leg.emplace();
  session.client_leg->client_hello.emplace();
  session.client_leg->server_hello.emplace();
  session.client_leg->established.emplace();
  session.client_leg->chain.emplace();
  session.http.emplace_back();
  const auto json = parsed(session);
  for (const char* name : {"backend_address", "sni", "backend_leg", "direct_leg"})
    EXPECT_TRUE(json.at(name).is_null()) << name;
  const auto& leg = json.at("client_leg");
  for (const char* name : {"certificate_request", "close", "first_bytes", "failure",
                           "client_certificates", "client_signature", "stapled_ocsp_bytes"})
    EXPECT_TRUE(leg.at(name).is_null()) << name;
  for (const char* name : {"connect_ms", "handshake_ms"})
    EXPECT_TRUE(leg.at("timing").at(name).is_null()) << name;
  for (const char* name : {"sni", "supported_versions", "groups", "sig_algs", "ec_point_formats",
                           "alpn", "key_share_groups", "session_ticket_len"})
    EXPECT_TRUE(leg.at("client_hello").at(name).is_null()) << name;
  for (const char* name : {"group", "signature", "alpn", "dh_bits"})
    EXPECT_TRUE(leg.at("established").at(name).is_null()) << name;
  for (const char* name : {"key_share_group", "alpn"})
    EXPECT_TRUE(leg.at("server_hello").at(name).is_null()) << name;
  EXPECT_TRUE(leg.at("chain").at("missing_issuer").is_null());
  EXPECT_TRUE(json.at("http").at(0).at("status").is_null());
  EXPECT_TRUE(json.at("http").at(0).at("time_to_first_byte_ms").is_null());
}

TEST(JsonReport, IsOneLineOfUtf8WhateverThePeerSent) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const std::string& hostile :
       {every_byte, std::string("\xf0\x9f\x98"), std::string("\"\\")}) {
    const std::string json = render_json(test::hostile_session(hostile));
    boost::json::error_code error;
    boost::json::parse(json, error);
    EXPECT_FALSE(error) << error.message();
    EXPECT_THAT(json, Not(HasSubstr("\n")));
  }
}

TEST(JsonWriter, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(written("a\"b\\c\n\r\t\x01\x1f\x7f"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(written(std::string("\0", 1)), "\"\\u0000\"");
}

TEST(JsonWriter, FindsASpecialByteAtEveryPlace) {
  for (const std::string special : {"\"", "\\", "\x1f", "\xff"}) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(19, 'a');
      text.insert(at, special);
      const auto json = boost::json::parse(written(text));
      const std::string expected = special == "\xff" ? "\xEF\xBF\xBD" : special;
      EXPECT_EQ(json.as_string(), text.replace(at, 1, expected)) << at;
    }
  }
}

TEST(JsonWriter, KeepsUtf8AndReplacesWhatIsNot) {
  const std::string_view r = "\xEF\xBF\xBD";
  const struct {
    std::string bytes;
    std::string expected;
  } cases[] = {
      {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
       "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"\xc3", std::string(r)},                       // cut
      {"\xe2\x82", std::string(r)},                   // cut: one character's bytes
      {"\xe2\x82x", std::string(r) + "x"},            // cut by another
      {"\xc0\xaf", std::string(r) + std::string(r)},  // overlong
      {"\xed\xa0\x80", std::string(r) + std::string(r) + std::string(r)},  // surrogate
      {"\xf4\x90\x80\x80", std::string(r) + std::string(r) + std::string(r) + std::string(r)},
      {"\x80\xfe", std::string(r) + std::string(r)}};
  for (const auto& [bytes, expected] : cases) EXPECT_EQ(written(bytes), '"' + expected + '"');
}

TEST(JsonWriter, NumbersAreShortAndAlwaysNumbers) {
  EXPECT_EQ(written(12.3), "12.3");
  EXPECT_EQ(written(12.34567), "12.346");
  EXPECT_EQ(written(100.0), "100");
  EXPECT_EQ(written(0.0004), "0");
  EXPECT_EQ(written(-0.0001), "0");
  EXPECT_EQ(written(-2.5), "-2.5");
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "0");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "0");
  EXPECT_EQ(written(1e300), "100000000000");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::uint8_t{23}), "23");
}

TEST(JsonWriter, PlacesCommas) {
  std::string out = "before";
  JsonWriter json(out);
  json.object([&] {
    json.field("empty", std::vector<int>{});
    json.field("texts", std::vector<std::string>{"[", "{", ":", ""});
    json.key("inner");
    json.object([] {});
    json.field("flag", true);
  });
  EXPECT_EQ(out, R"(before{"empty":[],"texts":["[","{",":",""],"inner":{},"flag":true})");
}

}  // namespace
}  // namespace visavis::inspect
