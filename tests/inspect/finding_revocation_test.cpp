#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

/// Staples, must-staple, sizes and interception: what these rules make of a report's fields.
namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;
using testing::leaf_spec;
using testing::make_chain;
using testing::TestChain;

/// Judged at 2027-01-15T08:00:00Z.
class Staple : public ::testing::Test {
 protected:
  [[nodiscard]] static StapledOcspReport good() {
    return {"good", "2027-01-14T08:00:00Z", "2027-01-16T08:00:00Z", std::nullopt, true, true};
  }
  [[nodiscard]] Lines with(const StapledOcspReport& stapled) const {
    SessionReport session = Judged{chain_.sent(), &chain_.root}.session();
    session.backend_leg->stapled_ocsp = stapled;
    session.backend_leg->stapled_ocsp_bytes = 471;
    return lines(session);
  }
  TestChain chain_ = make_chain();
};

TEST_F(Staple, GoodIsSilent) {
  StapledOcspReport stapled = good();
  EXPECT_EQ(with(stapled), Lines{});
  stapled.next_update.reset();  // RFC 6960 4.2.2.1: newer information is always there
  EXPECT_EQ(with(stapled), Lines{});
  stapled = good();
  stapled.signature_ok.reset();  // the issuer was not sent: nobody can tell
  EXPECT_EQ(with(stapled), Lines{});
}

TEST_F(Staple, Revoked) {
  StapledOcspReport stapled = good();
  stapled.status = "revoked";
  EXPECT_EQ(with(stapled), (Lines{"revoked backend error proven"}));
  stapled.signature_ok.reset();
  EXPECT_EQ(with(stapled), (Lines{"revoked backend error likely"}));
  stapled.signature_ok = false;  // anybody can say that
  EXPECT_EQ(with(stapled), (Lines{"foreign-staple backend warning proven"}));
  stapled = good();
  stapled.status = "revoked";
  stapled.for_this_certificate = false;
  EXPECT_EQ(with(stapled), (Lines{"foreign-staple backend warning proven"}));
}

TEST_F(Staple, Stale) {
  StapledOcspReport stapled = good();
  stapled.next_update = "2027-01-15T07:59:59Z";
  EXPECT_EQ(with(stapled), (Lines{"stale-staple backend warning proven"}));
  stapled.next_update = "2027-01-15T08:00:00Z";
  EXPECT_EQ(with(stapled), Lines{});
  stapled = good();
  stapled.this_update = "2027-01-15T08:05:00Z";  // clocks differ by minutes
  EXPECT_EQ(with(stapled), Lines{});
  stapled.this_update = "2027-01-15T08:05:01Z";
  EXPECT_EQ(with(stapled), (Lines{"stale-staple backend warning proven"}));
}

TEST_F(Staple, Foreign) {
  for (const char* status : {"unreadable", "trylater", "unknown"}) {
    StapledOcspReport stapled = good();
    stapled.status = status;
    EXPECT_EQ(with(stapled), (Lines{"foreign-staple backend warning proven"})) << status;
  }
}

TEST(FindingMustStapleMissing, OnlyWhereItWasAskedFor) {
  testing::CertificateSpec spec = leaf_spec();
  spec.extensions = {{"tlsfeature", "status_request"}};
  const TestChain chain = make_chain(spec);
  SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_TRUE(session.backend_leg->certificates[0].must_staple);
  EXPECT_EQ(lines(session), Lines{}) << "not asked for";
  session.backend_leg->client_hello->extensions.push_back({5, "status_request"});
  EXPECT_EQ(lines(session), (Lines{"must-staple-missing backend warning proven"}));
  session.backend_leg->stapled_ocsp_bytes = 471;
  EXPECT_EQ(lines(session), Lines{});
  session.backend_leg->stapled_ocsp_bytes.reset();
  session.backend_leg->outcome = "failed";
  EXPECT_EQ(lines(session), Lines{}) << "it may not have come yet";
}

SessionReport with_message_of(std::uint64_t bytes, std::size_t more_certificates = 0) {
  const TestChain chain = make_chain();
  SessionReport session = Judged{chain.sent(), &chain.root}.session();
  for (EventReport& event : session.backend_leg->events)
    if (event.what == "Certificate") event.length = bytes;
  auto& sent = session.backend_leg->certificates;
  for (std::size_t i = 0; i < more_certificates; ++i) sent.push_back(sent.back());
  return session;
}

TEST(FindingCertificateMessageTooLarge, AboveJavasAndOpensslsLimits) {
  EXPECT_EQ(lines(with_message_of(32768)), Lines{});
  EXPECT_EQ(lines(with_message_of(32769)),
            (Lines{"certificate-message-too-large backend warning proven"}));
  EXPECT_EQ(lines(with_message_of(102400)),
            (Lines{"certificate-message-too-large backend warning proven"}));
  EXPECT_EQ(lines(with_message_of(102401)),
            (Lines{"certificate-message-too-large backend error proven"}));
  EXPECT_EQ(lines(with_message_of(9000, 8)), Lines{}) << "ten certificates";
  EXPECT_EQ(lines(with_message_of(9000, 9)),
            (Lines{"certificate-message-too-large backend warning proven"}));
}

/// More than we read ourselves: only the TLS library's words are there.
TEST(FindingCertificateMessageTooLarge, AboveOurOwnLimit) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f});
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  SessionReport session = session_of(client.leg(), backend.leg());
  session.backend_leg->outcome = "failed";
  session.backend_leg->reached = "server_hello";
  session.backend_leg->failure = "refused by our TLS library: excessive message size (0x0a000098)";
  EXPECT_EQ(lines(session), (Lines{"certificate-message-too-large backend error likely"}));
  session.backend_leg->failure = "refused by our TLS library: bad extension (0x0a00006e)";
  EXPECT_EQ(lines(session), Lines{});
  session.backend_leg->failure = "refused by our TLS library: excessive message size (0x0a000098)";
  session.backend_leg->reached = "certificate";
  EXPECT_EQ(lines(session), Lines{}) << "another message, then";
}

TEST(FindingInterceptionSigns, ByTheIssuersName) {
  testing::CertificateSpec root = testing::root_spec();
  root.common_name = "Zscaler Root CA";
  const TestChain chain = make_chain(leaf_spec(), testing::intermediate_spec(), root);
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()),
            (Lines{"interception-signs network info likely"}));
  EXPECT_EQ(
      lines(Judged{chain.sent()}.session()),
      (Lines{"untrusted-root backend error likely", "interception-signs network warning likely"}));
  // A site of the product's maker is none.
  testing::CertificateSpec leaf = leaf_spec();
  leaf.organization = "Zscaler Inc.";
  const TestChain site = make_chain(leaf);
  EXPECT_EQ(lines(Judged{site.sent(), &site.root}.session()), Lines{});
}

/// What a report says of the key's proof.
SessionReport unproven(const std::string& proof, std::uint16_t version = 0x0303) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f, 0x1301}, {0x0304, 0x0303})
      .server_hello(version, version == 0x0304 ? 0x1301 : 0xc02f);
  if (version < 0x0304)
    leg.certificate({certificate_of("CN=a", "CN=b")}).message("backend", "ServerKeyExchange");
  leg.alert("client", 51).close("client", "fin");
  if (!proof.empty()) leg->key_proof = proof;
  return passed_session(leg.leg());
}

TEST(FindingKeyDoesNotMatch, ByTheSignature) {
  for (const char* proof : {"invalid", "wrong-key"}) {
    const SessionReport session = unproven(proof);
    EXPECT_EQ(lines(session), (Lines{"key-does-not-match backend error proven"}));
    EXPECT_EQ(diagnose_key_does_not_match(session)->evidence.size(), 3U);
    EXPECT_EQ(diagnose_key_does_not_match(session)->judged_by, "client-alert");
  }
  for (const char* proof : {"valid", "not-checked", ""})
    EXPECT_FALSE(diagnose_key_does_not_match(unproven(proof))) << proof;
}

/// In TLS 1.3 the client's alert is all that can be seen.
TEST(FindingKeyDoesNotMatch, ByTheClientsWordIsLikely) {
  EXPECT_EQ(line(diagnose_key_does_not_match(unproven("", 0x0304))),
            "backend error likely client-alert");
}

}  // namespace
}  // namespace visavis::inspect
