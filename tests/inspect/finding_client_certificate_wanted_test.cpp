#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_client_certificate_wanted;

const std::vector<std::string> kIssuers{"CN=Staff CA", "CN=Partner CA"};
const std::vector<CertificateReport> kNone;
const std::vector<CertificateReport> kAlice{certificate_of("CN=alice", "CN=Staff CA")};
const std::vector<CertificateReport> kMallory{certificate_of("CN=mallory", "CN=Elsewhere CA")};

/// The backend asks, and its client (we, or on a direct leg the client) answers with `sent`.
LegScript asked(LegScript leg, std::uint16_t version, const std::vector<CertificateReport>& sent) {
  leg.hello({0x1301, 0xc02f}).server_hello(version, version == 0x0304 ? 0x1301 : 0xc02f);
  leg.certificate_request(kIssuers).client_certificate(sent);
  return leg;
}

LegScript backend(std::uint16_t version, const std::vector<CertificateReport>& sent) {
  return asked(LegScript::backend_leg(), version, sent);
}

/// Refused before the client was asked, as nearly always.
SessionReport not_asked(const LegScript& backend_leg) {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301, 0xc02f}).alert("proxy", 40);
  return session_of(client.leg(), backend_leg.leg());
}

SessionReport with_client(const LegScript& backend_leg,
                          const std::vector<CertificateReport>& shown) {
  LegScript client = asked(LegScript::client_leg(), 0x0304, shown);
  client.established();
  return session_of(client.leg(), backend_leg.leg());
}

TEST(FindingClientCertificateWanted, RefusedForWantOfOneBeforeTheClientCouldBeAsked) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{40, 41, 42, 46, 116}) {
    LegScript leg = backend(alert == 116 ? 0x0304 : 0x0303, kNone);
    leg.alert("backend", alert).close("backend", "fin");
    const SessionReport session = not_asked(leg);
    const auto finding = diagnose(session);
    EXPECT_EQ(line(finding), "client error likely backend-alert") << int{alert};
    EXPECT_NE(finding->cause.find("before the client could be asked"), std::string::npos);
    EXPECT_EQ(finding->expected, "a client certificate issued by CN=Staff CA, CN=Partner CA");
    EXPECT_EQ(finding->codes.alert, alert);
    expect_complete(*finding);
    expect_evidence_exists(session, *finding);
    EXPECT_EQ(finding->evidence.size(), 3U) << "request, answer, alert";
  }
}

TEST(FindingClientCertificateWanted, TheClientWasAskedAndHasNone) {
  LegScript leg = backend(0x0304, kNone);
  leg.established().alert("backend", 116);
  const SessionReport session = with_client(leg, kNone);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client error proven backend-alert");
  EXPECT_EQ(finding->source, "RFC 8446 4.4.2.4");
  expect_complete(*finding);
}

TEST(FindingClientCertificateWanted, TheClientHasOneThatCannotBePassedOn) {
  LegScript leg = backend(0x0304, kNone);
  leg.established().alert("backend", 116);
  const SessionReport session = with_client(leg, kAlice);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "proxy error proven backend-alert") << "never the client's fault";
  EXPECT_NE(finding->cause.find("'CN=alice'"), std::string::npos);
  EXPECT_NE(finding->remedy.find("--client-cert"), std::string::npos);
  EXPECT_NE(finding->remedy.find("passthrough"), std::string::npos);
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
}

TEST(FindingClientCertificateWanted, OursIsNotAccepted) {
  LegScript leg = backend(0x0303, kMallory);
  leg.alert("backend", 48).close("backend", "fin");
  const SessionReport session = not_asked(leg);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "proxy error proven backend-alert");
  EXPECT_NE(finding->cause.find("none of the issuers that it names"), std::string::npos);
  EXPECT_EQ(finding->presented, "'CN=mallory', issued by 'CN=Elsewhere CA'");
  EXPECT_EQ(finding->codes.hresult, "0x80090325");
  expect_complete(*finding);

  LegScript known = backend(0x0303, kAlice);
  known.alert("backend", 49);
  EXPECT_EQ(diagnose(not_asked(known))->cause.find("none of the issuers"), std::string::npos);
  LegScript vague = backend(0x0303, kAlice);
  vague.alert("backend", 40);
  EXPECT_EQ(line(diagnose(not_asked(vague))), "proxy error likely backend-alert");
}

TEST(FindingClientCertificateWanted, OnADirectLegTheAnswerIsTheClients) {
  LegScript none = asked(LegScript::direct_leg(), 0x0303, kNone);
  none.alert("backend", 40).close("backend", "fin");
  const SessionReport session = passed_session(none.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client error proven backend-alert");
  EXPECT_EQ(finding->source, "RFC 5246 7.4.6");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
  LegScript wrong = asked(LegScript::direct_leg(), 0x0303, kMallory);
  wrong.alert("backend", 48);
  EXPECT_EQ(line(diagnose(passed_session(wrong.leg()))), "client error proven backend-alert");
}

/// gnutls-serv calls an empty Certificate message a decode_error, up to TLS 1.2.
TEST(FindingClientCertificateWanted, DecodeErrorOfAnEmptyMessage) {
  LegScript none = asked(LegScript::direct_leg(), 0x0303, kNone);
  none.alert("backend", 50).close("backend", "fin");
  EXPECT_EQ(line(diagnose(passed_session(none.leg()))), "client error likely backend-alert");
  LegScript one = asked(LegScript::direct_leg(), 0x0303, kAlice);
  one.alert("backend", 50);
  EXPECT_FALSE(diagnose(passed_session(one.leg()))) << "then something else was not decoded";
}

TEST(FindingClientCertificateWanted, ClosedWithoutAnAlert) {
  for (const char* how : {"fin", "rst"}) {
    LegScript leg = backend(0x0303, kNone);
    leg.close("backend", how);
    const SessionReport session = not_asked(leg);
    const auto finding = diagnose(session);
    EXPECT_EQ(line(finding), "client error likely proxy-check") << how;
    expect_complete(*finding);
    expect_evidence_exists(session, *finding);
  }
  LegScript late = backend(0x0304, kNone);
  late.established().close("backend", "fin");
  EXPECT_EQ(line(diagnose(with_client(late, kNone))), "client error likely proxy-check");
}

/// nginx: 400 "No required SSL certificate was sent"; IIS: 403 (403.7 in its log).
TEST(FindingClientCertificateWanted, RefusedByHttp) {
  for (const int status : {400, 403}) {
    LegScript leg = backend(0x0304, kNone);
    leg.established();
    SessionReport session = with_client(leg, kNone);
    session.client_to_backend_bytes = session.backend_to_client_bytes = 200;
    session.http.emplace_back().status = status;
    const auto finding = diagnose(session);
    EXPECT_EQ(line(finding), "client error likely proxy-check") << status;
    expect_complete(*finding);
    session.client_leg->client_certificates = kAlice;
    EXPECT_EQ(line(diagnose(session)), "proxy error likely proxy-check");
    session.http.back().status = 200;
    EXPECT_FALSE(diagnose(session)) << "it may ask and not insist";
    session.http.back().status = 404;
    EXPECT_FALSE(diagnose(session));
  }
}

TEST(FindingClientCertificateWanted, LongAndUnnamedIssuers) {
  LegScript leg = backend(0x0303, kNone);
  leg.alert("backend", 40);
  leg->certificate_request->issuers = {"CN=A", "CN=B", "CN=C", "CN=D", "CN=E"};
  EXPECT_EQ(diagnose(not_asked(leg))->expected,
            "a client certificate issued by CN=A, CN=B, CN=C and 2 more");
  leg->certificate_request->issuers.clear();
  EXPECT_EQ(diagnose(not_asked(leg))->expected, "a client certificate of any issuer");
}

TEST(FindingClientCertificateWanted, NearMisses) {
  LegScript other = backend(0x0303, kNone);
  other.alert("backend", 80);
  EXPECT_FALSE(diagnose(not_asked(other))) << "another alert";
  LegScript signature = backend(0x0303, kAlice);
  signature.alert("backend", 51);
  EXPECT_FALSE(diagnose(not_asked(signature))) << "CertificateVerify failed: another cause";
  LegScript ours = backend(0x0303, kNone);
  ours.alert("proxy", 48).close("proxy", "fin");
  EXPECT_FALSE(diagnose(not_asked(ours))) << "our own alert";
  LegScript fine = backend(0x0304, kNone);
  fine.established();
  EXPECT_FALSE(diagnose(with_client(fine, kNone))) << "asked, and content without one";
  fine.close("backend", "fin");
  SessionReport session = with_client(fine, kNone);
  session.client_to_backend_bytes = session.backend_to_client_bytes = 10;
  EXPECT_FALSE(diagnose(session)) << "it has answered";
  LegScript idle = backend(0x0304, kNone);
  idle.established().after_ms(60'000).close("backend", "fin");
  EXPECT_FALSE(diagnose(with_client(idle, kNone))) << "an idle connection, closed";
  LegScript gone = backend(0x0303, kNone);
  gone.close("client", "fin");
  EXPECT_FALSE(diagnose(not_asked(gone))) << "the client left";
  LegScript unasked = LegScript::backend_leg();
  unasked.hello({0xc02f}).server_hello(0x0303, 0xc02f).alert("backend", 40);
  EXPECT_FALSE(diagnose(not_asked(unasked))) << "it did not ask";
  LegScript early = LegScript::backend_leg();
  early.hello({0xc02f}).server_hello(0x0303, 0xc02f).certificate_request(kIssuers);
  early.close("backend", "rst");
  EXPECT_FALSE(diagnose(not_asked(early))) << "closed before it had an answer";
  EXPECT_FALSE(diagnose(SessionReport{}));
}

}  // namespace
}  // namespace visavis::inspect
