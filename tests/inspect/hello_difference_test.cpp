#include "inspect/compare/hello_difference.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "tests/support/sample_legs.h"

namespace visavis::inspect {
namespace {

ClientHelloReport hello_without_grease() {
  ClientHelloReport hello = *test::tls13_leg("a", "b", {}).client_hello;
  const auto erase = [](std::vector<CodePoint>& points) {
    std::erase_if(points, [](const CodePoint& point) { return point.name == "GREASE"; });
  };
  for (auto* list : {&hello.ciphers, &hello.extensions}) erase(*list);
  for (auto* list : {&hello.supported_versions, &hello.groups, &hello.key_share_groups})
    erase(**list);
  return hello;
}

std::vector<std::string> features(const ClientHelloReport& client, const ClientHelloReport& proxy) {
  std::vector<std::string> names;
  for (const UnmirroredFeature& feature : diff_hellos(client, proxy)) {
    EXPECT_EQ(feature.leg, "backend_leg");
    EXPECT_FALSE(feature.reason.empty());
    names.push_back(feature.feature);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(HelloDifference, TheSameHelloHasNone) {
  const ClientHelloReport hello = hello_without_grease();
  EXPECT_EQ(features(hello, hello), Names{});
  ClientHelloReport other = hello;
  other.random = "ff";
  other.session_id = hello.session_id.empty() ? "" : "0102";
  EXPECT_EQ(features(hello, other), Names{}) << "randoms always differ";
}

TEST(HelloDifference, GreaseIsOneFeature) {
  const ClientHelloReport greased = *test::tls13_leg("a", "b", {}).client_hello;
  EXPECT_EQ(features(greased, hello_without_grease()), Names{"GREASE"});
}

TEST(HelloDifference, MissingAddedAndReorderedAreToldApart) {
  const ClientHelloReport client = hello_without_grease();
  ClientHelloReport proxy = client;
  proxy.ciphers.erase(proxy.ciphers.begin());
  EXPECT_EQ(features(client, proxy), Names{"suites: TLS_AES_128_GCM_SHA256"});
  EXPECT_EQ(features(proxy, client), Names{"suites: TLS_AES_128_GCM_SHA256 added"});
  proxy = client;
  std::swap(proxy.ciphers[0], proxy.ciphers[1]);
  EXPECT_EQ(features(client, proxy), Names{"suites: order"});
  proxy = client;
  std::swap(proxy.extensions[2], proxy.extensions[5]);
  EXPECT_EQ(features(client, proxy), Names{"extensions: order"});
}

TEST(HelloDifference, EveryListCounts) {
  const ClientHelloReport client = hello_without_grease();
  for (const auto member : {&ClientHelloReport::supported_versions, &ClientHelloReport::groups,
                            &ClientHelloReport::sig_algs, &ClientHelloReport::key_share_groups}) {
    ClientHelloReport proxy = client;
    (proxy.*member)->erase((proxy.*member)->begin());
    EXPECT_EQ(features(client, proxy).size(), 1U);
    (proxy.*member).reset();
    EXPECT_EQ(features(client, proxy).size(), 1U) << "not sent at all";
    EXPECT_EQ(features(proxy, client).size(), 1U) << "sent though the client does not";
  }
}

TEST(HelloDifference, ScalarsCount) {
  const ClientHelloReport client = hello_without_grease();
  const auto one_difference = [&](auto change) {
    ClientHelloReport other = client;
    change(other);
    EXPECT_EQ(features(other, client).size(), 1U);
  };
  one_difference([](auto& hello) { hello.legacy_version = code_point(kTls10); });
  one_difference([](auto& hello) { hello.session_id = "0102"; });
  one_difference([](auto& hello) { hello.session_ticket_len = 5; });
  one_difference([](auto& hello) { hello.psk_identities = 1; });
  one_difference([](auto& hello) { hello.sni = "other.example.com"; });
  one_difference([](auto& hello) { hello.alpn.reset(); });
  one_difference([](auto& hello) {
    hello.sslv2 = true;
    hello.compression = {};  // it has no such field
  });
  one_difference([](auto& hello) { hello.compression = {1, 0}; });
  one_difference([](auto& hello) { hello.ec_point_formats = std::vector<int>{0, 1, 2}; });
}

TEST(HelloDifference, SignallingSuitesAreNotMissed) {
  const ClientHelloReport client = hello_without_grease();
  ClientHelloReport proxy = client;
  proxy.ciphers.push_back(code_point(kEmptyRenegotiationInfoScsv));
  EXPECT_EQ(features(client, proxy), Names{});
}

std::vector<std::string> answers(const LegReport& client, const LegReport& backend) {
  std::vector<std::string> names;
  for (const UnmirroredFeature& feature : diff_answers(client, backend)) {
    EXPECT_EQ(feature.leg, "client_leg");
    names.push_back(feature.feature);
  }
  return names;
}

TEST(AnswerDifference, EveryPartOfTheAnswerCounts) {
  const LegReport backend = test::tls13_leg("a", "b", {});
  EXPECT_EQ(answers(backend, backend), Names{});
  const auto one = [&](auto change, const char* feature) {
    LegReport client = backend;
    change(*client.established);
    EXPECT_EQ(answers(client, backend), Names{feature});
  };
  one([](auto& a) { a.version = code_point(kTls12); }, "version TLS 1.3");
  one([](auto& a) { a.cipher = code_point(CipherSuite{0x1302}); }, "suite TLS_AES_128_GCM_SHA256");
  one([](auto& a) { a.group = code_point(NamedGroup{23}); }, "group x25519");
  one([](auto& a) { a.group.reset(); }, "group x25519");
  one([](auto& a) { a.alpn = "http/1.1"; }, "ALPN h2");
  one([](auto& a) { a.extended_master_secret = true; }, "extended master secret");
  one([](auto& a) { a.encrypt_then_mac = true; }, "encrypt-then-MAC");
}

TEST(AnswerDifference, ALegThatFailedHasNoAnswer) {
  const LegReport good = test::tls13_leg("a", "b", {});
  const LegReport failed = test::refused_version_leg("a", "b", true);
  EXPECT_EQ(answers(failed, good), Names{});
  EXPECT_EQ(answers(good, failed), Names{});
}

/// Only 0/n can be lost on the way: OpenSSL fixes it at key setup.
TEST(DiffSplit, EmptyRecordsThatWereNotRepeated) {
  LegReport client;
  LegReport backend;
  for (const char* kind : {"none", "1/n-1", "1/n-1-after-first", "n/a"}) {
    client.split_c2s = kind;
    backend.split_c2s = "none";
    EXPECT_TRUE(diff_split(client, backend).empty()) << kind;
  }
  client.split_c2s = "0/n";
  ASSERT_EQ(diff_split(client, backend).size(), 1U);
  EXPECT_EQ(diff_split(client, backend).front().leg, "backend_leg");
  EXPECT_EQ(diff_split(client, backend).front().feature, "record split");
  backend.split_c2s = "0/n";
  EXPECT_TRUE(diff_split(client, backend).empty());
}

}  // namespace
}  // namespace visavis::inspect
