// What of a connection gets into a bundle: everything that is known to be harmless, and of the rest
// not a byte. The planted values are looked for in what comes out, whole, cut and in any chunks.
#include "inspect/bundle/connection_masking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/bundle/client_names.h"
#include "inspect/bundle/plain_text.h"
#include "inspect/handshake/client_hello.h"
#include "tests/support/hello_builder.h"
#include "tests/support/test_certificates.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::text_bytes;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint16_t kTls12 = 0x0303;
constexpr std::uint8_t kCcsType = 20;
constexpr std::uint8_t kHandshakeType = 22;
constexpr std::uint8_t kDataType = 23;
constexpr std::size_t kClient = 0;
constexpr std::size_t kServer = 1;

const Mask::Key kKey{1, 2, 3};
const std::string kSecret = "PlantedSecretValue";

ByteVector psk_extension(std::string_view identity) {
  const ByteVector one = joined({test::vector_of(2, text_bytes(identity)), ByteVector(4, 9)});
  return joined(
      {test::vector_of(2, one), test::vector_of(2, test::vector_of(1, ByteVector(32, 7)))});
}

test::HelloBytes hello_with(std::uint16_t type, const ByteVector& body) {
  test::HelloBytes hello = test::full_hello();
  std::erase_if(hello.extensions, [type](const auto& extension) {
    return extension.type == 41 || extension.type == type;
  });
  hello.extensions.push_back({type, body});
  return hello;
}

ByteVector handshake(const ByteVector& message) {
  return test::record(kHandshakeType, kTls12, message);
}
ByteVector change_cipher_spec() { return test::record(kCcsType, kTls12, {1}); }
ByteVector application_data(std::string_view text) {
  return test::record(kDataType, kTls12, text_bytes(text));
}
ByteVector server_hello(std::uint16_t suite) {
  test::ServerHelloBytes hello;
  hello.cipher = suite;
  hello.with_extensions = false;
  return handshake(hello.message());
}
ByteVector plain_client_hello() { return handshake(test::HelloBytes{}.message()); }

struct Said {
  std::size_t side;
  ByteVector bytes;
};

/// Both sides as they come out, with what was said cut into chunks.
std::array<ByteVector, 2> masked(const std::vector<Said>& dialogue, std::size_t chunk = SIZE_MAX) {
  const Mask mask(kKey);
  ConnectionMasking masking(mask);
  std::array<ByteVector, 2> sides;
  for (const Said& said : dialogue) {
    sides[said.side].insert(sides[said.side].end(), said.bytes.begin(), said.bytes.end());
    for (std::size_t at = 0; at < said.bytes.size();) {
      const std::size_t count = std::min(chunk, said.bytes.size() - at);
      masking.add(said.side, Bytes(said.bytes).subspan(at, count));
      at += count;
    }
  }
  masking.finish();
  for (const std::size_t side : {kClient, kServer}) masking.stream(side).apply(0, sides[side]);
  return sides;
}

std::string text_of(const ByteVector& bytes) { return {bytes.begin(), bytes.end()}; }

/// No chunking, and no end of the capture, lets the secret out; returns what came out whole.
std::array<ByteVector, 2> expect_never_out(const std::vector<Said>& dialogue,
                                           const std::string& secret = kSecret) {
  const std::string half = secret.substr(0, secret.size() / 2);
  const auto expect = [&](const std::array<ByteVector, 2>& sides, const std::string& how) {
    for (const ByteVector& side : sides) EXPECT_THAT(text_of(side), Not(HasSubstr(half))) << how;
  };
  for (const std::size_t chunk : {1U, 3U, 7U, 100U, 1460U})
    expect(masked(dialogue, chunk), "chunks of " + std::to_string(chunk));
  for (std::size_t last = 0; last < dialogue.size(); ++last) {
    for (std::size_t size = 0; size < dialogue[last].bytes.size(); ++size) {
      std::vector<Said> cut(dialogue.begin(), dialogue.begin() + static_cast<long>(last) + 1);
      cut.back().bytes.resize(size);
      expect(masked(cut),
             "cut after " + std::to_string(size) + " bytes of " + std::to_string(last));
      if (::testing::Test::HasFailure()) return {};
    }
  }
  const auto whole = masked(dialogue);
  expect(whole, "whole");
  return whole;
}

/// A length that can't be ends the messages in clear, but not the records: what is encrypted behind
/// them is evidence still.
TEST(BundleMasking, RecordsGoOnBehindMessagesThatCantBeRead) {
  const ByteVector broken = handshake(joined({{11, 0xff, 0xff, 0xff}, text_bytes(kSecret)}));
  const ByteVector lost = handshake(text_bytes(kSecret));
  const ByteVector after =
      joined({change_cipher_spec(), handshake(text_bytes("encrypted finished")),
              application_data("encrypted answer")});
  const auto sides = expect_never_out({{kClient, plain_client_hello()},
                                       {kServer, server_hello(0x0005)},
                                       {kServer, broken},
                                       {kServer, lost},
                                       {kServer, after}});
  const std::string server = text_of(sides[kServer]);
  EXPECT_TRUE(server.ends_with(text_of(after)));
  EXPECT_EQ(server.find(text_of(ByteVector(lost.begin(), lost.begin() + 5))),
            server.size() - after.size() - lost.size());
}

TEST(BundleMasking, TicketsAndNamesInHellosAreMaskedAndNothingElse) {
  const std::vector<std::pair<std::uint16_t, ByteVector>> places{
      {35, text_bytes(kSecret)},
      {12, test::vector_of(1, text_bytes(kSecret))},
      {6, text_bytes(kSecret)},
      {41, psk_extension(kSecret)}};
  for (const auto& [type, body] : places) {
    const ByteVector message = hello_with(type, body).message();
    const ByteVector bytes = handshake(message);
    const auto sides = expect_never_out({{kClient, bytes}});
    const auto before = parse_client_hello(message);
    const auto after = parse_client_hello(Bytes(sides[kClient]).subspan(5));
    ASSERT_TRUE(before.ok() && after.ok()) << type;
    ASSERT_EQ(after->extensions.size(), before->extensions.size());
    EXPECT_EQ(after->random, before->random);
    EXPECT_EQ(after->sni, before->sni);
    EXPECT_EQ(after->psk_identities, before->psk_identities);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) changed += bytes[i] != sides[kClient][i];
    EXPECT_LE(changed, kSecret.size() + 16) << type;  // and the ticket that it has anyway
    EXPECT_THAT(text_of(sides[kClient]), HasSubstr("masked-")) << type;
  }
}

TEST(BundleMasking, OfAHelloWithABrokenExtensionOnlyThatIsLost) {
  constexpr std::uint16_t kAlpnType = 16;
  ByteVector list = test::vector_of(2, test::vector_of(1, text_bytes(kSecret)));
  list[1] = static_cast<std::uint8_t>(list[1] + 1);
  const ByteVector message = hello_with(kAlpnType, list).message();
  const auto sides = masked({{kClient, handshake(message)}});
  EXPECT_THAT(text_of(sides[kClient]), Not(HasSubstr(kSecret.substr(0, 9))));
  const auto after = parse_client_hello(Bytes(sides[kClient]).subspan(5));
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->sni, parse_client_hello(message)->sni);
}

TEST(BundleMasking, LengthsThatLieLetNothingOut) {
  const ByteVector message = hello_with(41, psk_extension(kSecret)).message();
  const std::size_t secret = text_of(message).find(kSecret);
  for (std::size_t at = 4; at < secret; ++at) {
    if (at == secret - 7) continue;  // the extension would be one of another name
    for (const int by : {-1, 1}) {
      ByteVector wrong = message;
      wrong[at] = static_cast<std::uint8_t>(wrong[at] + by);
      const auto sides = masked({{kClient, handshake(wrong)}});
      EXPECT_THAT(text_of(sides[kClient]), Not(HasSubstr(kSecret.substr(1, 9)))) << at << ' ' << by;
    }
  }
}

TEST(BundleMasking, ASecondHelloBehindAChangeCipherSpecIsReadToo) {
  test::ServerHelloBytes retry;  // RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest"
  retry.random = test::from_hex("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C");
  retry.cipher = 0x1301;
  retry.extensions = {{43, {0x03, 0x04}}, {51, {0x00, 0x17}}};
  const auto sides =
      expect_never_out({{kClient, plain_client_hello()},
                        {kServer, handshake(retry.message())},
                        {kClient, change_cipher_spec()},
                        {kClient, handshake(hello_with(41, psk_extension(kSecret)).message())},
                        {kClient, application_data("ciphertext")}});
  EXPECT_THAT(text_of(sides[kClient]), HasSubstr("ciphertext"));
}

ByteVector client_certificate(const testing::CertificateSpec& spec) {
  return testing::make_certificate(spec).der();
}

/// A TLS 1.2 handshake in which the client shows a certificate.
std::vector<Said> with_client_certificate(const ByteVector& der) {
  const ByteVector ticket = test::message(
      4, joined({ByteVector(4, 0), test::vector_of(2, text_bytes(kSecret + "Ticket"))}));
  return {{kClient, plain_client_hello()},
          {kServer, server_hello(0xc02f)},
          {kServer,
           handshake(test::certificate_message(
               {testing::make_certificate(testing::leaf_spec("public.example")).der()}, false))},
          {kServer, handshake(test::message(14, {}))},
          {kClient, handshake(test::certificate_message({der}, false))},
          {kClient, handshake(test::message(16, ByteVector(33, 0x41)))},
          {kClient, change_cipher_spec()},
          {kClient, handshake(text_bytes("encrypted finished"))},
          {kServer, handshake(ticket)},
          {kServer, change_cipher_spec()},
          {kClient, application_data("client ciphertext")},
          {kServer, application_data("server ciphertext")}};
}

TEST(BundleMasking, OfAClientCertificateTheNamesAreMaskedAndOfAServersNone) {
  testing::CertificateSpec spec;
  spec.common_name = kSecret;
  spec.organization = kSecret + " Inc";
  spec.san = {"email:" + kSecret + "@example.com",
              "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:" + kSecret};
  spec.extensions = {{"1.2.3.4.5", "ASN1:UTF8String:" + kSecret}};
  const ByteVector der = client_certificate(spec);
  ASSERT_THAT(text_of(der), HasSubstr(kSecret));
  const auto sides = expect_never_out(with_client_certificate(der));
  EXPECT_THAT(text_of(sides[kServer]), HasSubstr("public.example"));
  EXPECT_THAT(text_of(sides[kClient]), HasSubstr("encrypted finished"));
  EXPECT_THAT(text_of(sides[kClient]), HasSubstr("client ciphertext"));
  EXPECT_THAT(text_of(sides[kServer]), HasSubstr("server ciphertext"));
  EXPECT_THAT(text_of(sides[kServer]), HasSubstr("masked-"));  // the ticket
  // The name in a report has the mask that it has in the packets, issuer (the same name) included.
  const Mask mask(kKey);
  const std::string masked_name = mask_name("CN=" + kSecret, mask).substr(3);
  EXPECT_THAT(text_of(sides[kClient]), HasSubstr(masked_name));
  EXPECT_EQ(mask_name("CN=a\\,b\\2C,O=x", mask),
            "CN=" + mask.text("a,b,") + ",O=" + mask.text("x"));
}

TEST(BundleMasking, ACertificateThatCantBeReadIsNotShown) {
  testing::CertificateSpec spec;
  spec.common_name = kSecret;
  ByteVector der = client_certificate(spec);
  for (std::size_t cut = 1; cut < der.size(); cut += 13) {
    ByteVector part(der.begin(), der.end() - static_cast<long>(cut));
    const auto sides = masked(with_client_certificate(part));
    EXPECT_THAT(text_of(sides[kClient]), Not(HasSubstr(kSecret))) << cut;
  }
}

TEST(BundleMasking, PskIdentitiesOfOldVersionsAreMasked) {
  constexpr std::uint16_t kPskSuite = 0x00a8;  // TLS_PSK_WITH_AES_128_GCM_SHA256, RFC 5487
  const ByteVector named = test::vector_of(2, text_bytes(kSecret));
  expect_never_out({{kClient, plain_client_hello()},
                    {kServer, server_hello(kPskSuite)},
                    {kServer, handshake(test::message(12, named))},
                    {kServer, handshake(test::message(14, {}))},
                    {kClient, handshake(test::message(16, named))},
                    {kClient, change_cipher_spec()}});
}

TEST(BundleMasking, WithoutEncryptionOnlyHeadersAreShown) {
  constexpr std::uint16_t kNullSuite = 0x003b;  // TLS_RSA_WITH_NULL_SHA256
  const auto sides = expect_never_out({{kClient, plain_client_hello()},
                                       {kServer, server_hello(kNullSuite)},
                                       {kClient, change_cipher_spec()},
                                       {kServer, change_cipher_spec()},
                                       {kClient, application_data("Cookie: " + kSecret)}});
  const ByteVector& client = sides[kClient];
  EXPECT_EQ(client[client.size() - kSecret.size() - 8 - 5], kDataType);
}

TEST(BundleMasking, DataThatNobodyAnnouncedAndLostBytesAreBlanked) {
  expect_never_out({{kClient, plain_client_hello()}, {kClient, application_data(kSecret)}});
  const Mask mask(kKey);
  ConnectionMasking masking(mask);
  masking.add(kClient, plain_client_hello());
  masking.lost(kClient, 10);
  const std::uint64_t at = plain_client_hello().size() + 10;
  ByteVector behind = application_data(kSecret);
  masking.add(kClient, behind);
  masking.finish();
  masking.stream(kClient).apply(at, behind);
  EXPECT_EQ(text_of(behind), std::string(behind.size(), 'x'));
}

TEST(BundleMasking, WhatIsSaidWithoutTlsIsMaskedLineByLine) {
  const std::string request = "GET /a;v=" + kSecret + "?key=" + kSecret + "&" + kSecret + "#" +
                              kSecret +
                              " HTTP/1.1\r\nHost: example.com\r\nAuthorization: "
                              "Basic " +
                              kSecret + "\r\nX-Any: " + kSecret + "\r\nCookie: a=" + kSecret +
                              "\r\n " + kSecret + "\r\n\r\nbody " + kSecret;
  const std::string shown = text_of(expect_never_out({{kClient, text_bytes(request)}})[kClient]);
  EXPECT_EQ(shown.size(), request.size());
  EXPECT_THAT(shown, HasSubstr("GET /a;v=masked-"));
  EXPECT_THAT(shown, HasSubstr("?key=masked-"));
  EXPECT_THAT(shown, HasSubstr(" HTTP/1.1\r\nHost: example.com\r\nAuthorization: Basic masked-"));
  EXPECT_THAT(shown, HasSubstr("\r\nX-Any: masked-"));
  const std::string mail =
      "EHLO " + kSecret + "\r\nAUTH PLAIN " + kSecret + "\r\n" + kSecret + "\r\n";
  const std::string said = text_of(expect_never_out({{kClient, text_bytes(mail)}})[kClient]);
  EXPECT_EQ(said, "EHLO " + std::string(kSecret.size(), 'x') + "\r\nAUTH " +
                      std::string(6 + kSecret.size(), 'x') + "\r\n" +
                      std::string(kSecret.size(), 'x') + "\r\n");
}

/// Whoever reads the capture has to see that TLS follows.
TEST(BundleMasking, WhatAsksForTlsStays) {
  const auto shown = [](const std::string& text) {
    return text_of(masked({{kClient, text_bytes(text)}})[kClient]);
  };
  for (const std::string text :
       {"AUTH TLS\r\n", ". STARTTLS\r\n", "a1 STARTTLS\r\n", "STLS\r\n", "S"})
    EXPECT_EQ(shown(text), text);
  const std::string postgresql("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8);
  EXPECT_EQ(shown(postgresql), postgresql);
  EXPECT_EQ(shown("AUTH TLS Jane\r\n"), "AUTH TLS xxxx\r\n");
  EXPECT_EQ(shown("SJane"), "xxxxx");
  EXPECT_EQ(shown("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"),
            "PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxx\r\n");
}

TEST(BundleMasking, Ssl2IsShownOnBothSides) {
  // draft-hickman-netscape-ssl-00 5.6: type, no known session, X.509, version, three lengths.
  const ByteVector server_hello = test::sslv2_record(
      joined({{4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 16}, {0x30}, {7, 0, 0xc0}, ByteVector(16, 0x44)}));
  const ByteVector client_hello =
      test::sslv2_record(test::sslv2_hello_body(0x0002, {0x0700c0}, {}, ByteVector(16, 0x33)));
  const ByteVector encrypted = test::sslv2_record(ByteVector(40, 0x99));
  const std::vector<Said> dialogue{
      {kClient, client_hello}, {kServer, server_hello}, {kClient, encrypted}, {kServer, encrypted}};
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{5}, SIZE_MAX})
    EXPECT_EQ(masked(dialogue, chunk)[kServer], joined({server_hello, encrypted})) << chunk;
  EXPECT_EQ(masked(dialogue)[kClient], joined({client_hello, encrypted}));
}

TEST(BundleMasking, BehindAProxyRequestTlsIsShown) {
  const std::string connect =
      "CONNECT example.com:443 HTTP/1.1\r\nProxy-Authorization: Basic " + kSecret + "\r\n\r\n";
  const auto sides = expect_never_out({{kClient, text_bytes(connect)},
                                       {kServer, text_bytes("HTTP/1.1 200 OK\r\n\r\n")},
                                       {kClient, plain_client_hello()}});
  const ByteVector hello = plain_client_hello();
  EXPECT_EQ(
      ByteVector(sides[kClient].end() - static_cast<long>(hello.size()), sides[kClient].end()),
      hello);
  EXPECT_THAT(text_of(sides[kClient]),
              HasSubstr("CONNECT example.com:443 HTTP/1.1\r\nProxy-Authorization: Basic masked-"));
  EXPECT_EQ(text_of(sides[kServer]), "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(BundleMasking, TargetsKeepTheirPath) {
  const Mask mask(kKey);
  const auto shown = [&](std::string_view target) { return mask_target(target, mask, false); };
  EXPECT_EQ(shown("/a/b.html"), "/a/b.html");
  EXPECT_EQ(shown("/?a=1&b=&c"), "/?a=" + mask.token("1") + "&b=&" + mask.token("c"));
  EXPECT_EQ(shown("/?a=***"), "/?a=***");
  EXPECT_EQ(shown("http://u:p@host/x?y"),
            "http://" + mask.token("u:p") + "@host/x?" + mask.token("y"));
  EXPECT_EQ(shown("http://host"), "http://host");
  EXPECT_EQ(shown("*"), "*");
  EXPECT_EQ(mask_target("/?a=secret", mask, true).size(), std::string("/?a=secret").size());
}

}  // namespace
}  // namespace visavis::inspect
