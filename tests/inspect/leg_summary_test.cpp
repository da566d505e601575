#include "inspect/compare/leg_summary.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;

const ExtensionReport* value_of(const std::vector<ExtensionReport>& values, std::uint32_t type) {
  const auto found = std::find_if(values.begin(), values.end(), [type](const ExtensionReport& one) {
    return one.type.id == type;
  });
  return found == values.end() ? nullptr : &*found;
}

ClientHello hello_with(std::vector<test::ExtensionBytes> extensions) {
  test::HelloBytes bytes;
  bytes.extensions = std::move(extensions);
  auto hello = parse_client_hello(bytes.message());
  EXPECT_TRUE(hello.ok());
  return std::move(hello).value();
}

TEST(SummarizeHello, PutsExtensionsWithoutAFieldIntoWords) {
  const ClientHelloReport report = summarize_hello(hello_with({{0x1a1a, {}},
                                                               test::server_name("a.test"),
                                                               test::alpn({"h2"}),
                                                               {27, {2, 0, 2}},
                                                               {28, {0x40, 1}},
                                                               {23, {}}}));
  EXPECT_EQ(report.extensions.size(), 6U);
  EXPECT_EQ(report.extension_values,
            (std::vector<ExtensionReport>{{{0x1a1a, "GREASE"}, ""},
                                          {{27, "compress_certificate"}, "brotli"},
                                          {{28, "record_size_limit"}, "16385 bytes"},
                                          {{23, "extended_master_secret"}, ""}}))
      << "server_name and ALPN have fields of their own";
}

TEST(SummarizeHello, OfBrokenExtensionsTheProblemIsSaid) {
  std::vector<ParseError> problems;
  const ClientHelloReport report = summarize_hello(
      hello_with({{16, {0, 3, 2, 'h'}}, {28, {0x40}}, {27, {2, 0, 2}}, {27, {2, 0, 1}}}),
      &problems);
  EXPECT_FALSE(report.alpn);
  ASSERT_NE(value_of(report.extension_values, 16), nullptr);
  EXPECT_EQ(value_of(report.extension_values, 16)->value, "truncated: ProtocolNameList at byte 55");
  EXPECT_EQ(value_of(report.extension_values, 28)->value, "truncated: RecordSizeLimit at byte 61");
  EXPECT_EQ(report.extension_values.size(), 4U);
  EXPECT_EQ(report.extension_values.back().value, "zlib") << "the second one";
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(describe(problems[0]), "truncated: ProtocolNameList at byte 55");
  EXPECT_EQ(describe(problems[1]), "duplicate: compress_certificate at byte 73");
  EXPECT_EQ(describe(problems[2]), "truncated: RecordSizeLimit at byte 61");
}

TEST(SummarizeHello, AProblemThatBothFoundIsSaidOnce) {
  std::vector<ParseError> problems;
  summarize_hello(hello_with({{1, {}}, {50, {0, 3, 4, 3, 8}}}), &problems);
  EXPECT_EQ(problems.size(), 2U);
}

TEST(SummarizeHello, IsBounded) {
  std::vector<test::ExtensionBytes> many;
  for (std::uint16_t i = 0; i < 5000; ++i) many.push_back({28, {}});
  std::vector<ParseError> problems;
  const ClientHelloReport report = summarize_hello(hello_with(std::move(many)), &problems);
  EXPECT_EQ(report.extension_values.size(), limits::kMaxDescribedExtensions);
  EXPECT_LE(problems.size(), limits::kMaxExtensionProblems + limits::kMaxDescribedExtensions);
}

TEST(SummarizeLeg, AnswersAreDescribedFromTheRawBytes) {
  const ByteVector flight = data_file("server_flights/tls12_ecdhe");
  const ByteVector hello(flight.begin(), flight.begin() + 4 + flight[3]);
  for (const bool in_two_records : {false, true}) {
    TranscriptBuilder builder(LegKind::backend_leg);
    builder.observe_wire(
        1, Direction::s2c,
        in_two_records ? test::joined({test::record(22, 0x0303, {hello.begin(), hello.begin() + 9}),
                                       test::record(22, 0x0303, {hello.begin() + 9, hello.end()})})
                       : test::record(22, 0x0303, flight));
    builder.observe_message(2, Direction::s2c, hello);
    const LegReport leg = summarize_leg(builder.transcript());
    ASSERT_TRUE(leg.server_hello);
    EXPECT_EQ(leg.server_hello->extension_values,
              (std::vector<ExtensionReport>{
                  {{65281, "renegotiation_info"}, "first handshake"},
                  {{11, "ec_point_formats"},
                   "uncompressed, ansiX962_compressed_prime, ansiX962_compressed_char2"},
                  {{35, "session_ticket"}, ""},
                  {{23, "extended_master_secret"}, ""}}));
  }
  TranscriptBuilder without(LegKind::backend_leg);
  without.observe_message(2, Direction::s2c, hello);
  EXPECT_TRUE(summarize_leg(without.transcript()).server_hello->extension_values.empty());
}

TEST(SummarizeLeg, OfTwoHellosTheLastOneIsDescribed) {
  const ByteVector both = data_file("server_flights/tls13_retry");
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_wire(1, Direction::s2c, test::record(22, 0x0303, both));
  builder.observe_message(2, Direction::s2c, Bytes(both).first(88));
  EXPECT_TRUE(summarize_leg(builder.transcript()).server_hello->extension_values.empty())
      << "version and group have fields";
  test::ServerHelloBytes answer;
  answer.random = ByteVector(32, 0x77);
  answer.extensions = {{43, {3, 4}}, {41, {0, 1}}};
  builder.observe_wire(3, Direction::s2c, test::record(22, 0x0303, answer.message()));
  builder.observe_message(4, Direction::s2c, answer.message());
  EXPECT_EQ(summarize_leg(builder.transcript()).server_hello->extension_values,
            (std::vector<ExtensionReport>{{{41, "pre_shared_key"}, "identity 1"}}));
}

TEST(SummarizeLeg, WhatIsWrongWithHellosStandsBesideMalformedMessages) {
  TranscriptBuilder builder(LegKind::direct_leg);
  test::HelloBytes hello;
  hello.extensions = {{23, {}}, {23, {}}};
  builder.observe_message(1, Direction::c2s, hello.message());
  test::ServerHelloBytes answer;
  answer.extensions = {{16, {}}};
  builder.observe_message(2, Direction::s2c, answer.message());
  builder.observe_message(3, Direction::s2c, test::message(14, {1}));
  const LegReport leg = summarize_leg(builder.transcript());
  EXPECT_EQ(leg.malformed,
            (std::vector<std::string>{
                "ClientHello sent by client: duplicate: extended_master_secret at byte 57",
                "ServerHello sent by backend: truncated: ProtocolNameList at byte 48",
                "ServerHelloDone sent by backend: trailing bytes: body at byte 4"}));
  TranscriptBuilder odd(LegKind::direct_leg);
  odd.observe_message(1, Direction::c2s, hello.message());
  EXPECT_EQ(summarize_leg(odd.transcript()).outcome, "incomplete") << "it was read all the same";
}

TEST(SummarizeLeg, ClientAuthentication) {
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_message(1, Direction::s2c, test::ServerHelloBytes{}.message());
  EXPECT_FALSE(summarize_leg(builder.transcript()).certificate_request);
  EXPECT_FALSE(summarize_leg(builder.transcript()).client_certificates);
  builder.observe_message(2, Direction::s2c, data_file("messages/certificate_request_tls12"));
  builder.observe_message(3, Direction::c2s, test::certificate_message({}, false));
  const LegReport leg = summarize_leg(builder.transcript());
  ASSERT_TRUE(leg.certificate_request);
  EXPECT_EQ(leg.certificate_request->types,
            (std::vector<CodePoint>{{1, "rsa_sign"}, {2, "dss_sign"}, {64, "ecdsa_sign"}}));
  ASSERT_TRUE(leg.certificate_request->sig_algs);
  EXPECT_EQ(leg.certificate_request->sig_algs->size(), 15U);
  EXPECT_EQ(leg.certificate_request->issuers_total, 1U);
  EXPECT_TRUE(leg.certificate_request->issuers.empty()) << "added by who can read DER";
  ASSERT_TRUE(leg.client_certificates);
  EXPECT_TRUE(leg.client_certificates->empty());
  EXPECT_FALSE(leg.client_signature);
  builder.observe_message(4, Direction::c2s, data_file("messages/certificate_verify_tls12"));
  EXPECT_EQ(summarize_leg(builder.transcript()).client_signature,
            (CodePoint{0x0403, "ecdsa_secp256r1_sha256"}));
}

TEST(SummarizeLeg, AnSslTwoServer) {
  TranscriptBuilder builder(LegKind::direct_leg);
  Sslv2ServerHello hello;
  hello.version = kSsl2;
  hello.connection_id = {0xab, 0xcd};
  builder.transcript().sslv2_server_hello = hello;
  LegReport leg = summarize_leg(builder.transcript());
  ASSERT_TRUE(leg.server_hello);
  EXPECT_EQ(leg.server_hello->version.name, "SSL 2.0");
  EXPECT_EQ(leg.server_hello->session_id, "abcd");
  EXPECT_FALSE(leg.established);
  builder.transcript().sslv2_cipher = Sslv2Cipher{0x0700c0};
  builder.observe_established(1, false);
  leg = summarize_leg(builder.transcript());
  ASSERT_TRUE(leg.established);
  EXPECT_EQ(leg.established->version.name, "SSL 2.0");
  EXPECT_EQ(leg.established->cipher.id, 0x0700c0U);
  EXPECT_EQ(leg.established->cipher, leg.server_hello->cipher);
}

}  // namespace
}  // namespace visavis::inspect
