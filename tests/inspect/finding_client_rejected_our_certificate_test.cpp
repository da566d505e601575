#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_client_rejected_our_certificate;

const std::vector<CertificateReport> kMinted{
    certificate_of("CN=shop.example.com", "CN=visavis CA laptop 01020304")};

LegScript backend() {
  LegScript leg = LegScript::backend_leg();
  leg.hello({0x1301}).server_hello(0x0304, 0x1301).established();
  return leg;
}

/// The client has our certificate; what it does then is the test's.
LegScript shown(std::uint16_t version = 0x0304) {
  LegScript leg = LegScript::client_leg();
  leg.hello({0x1301, 0xc02f}).server_hello(version, version == 0x0304 ? 0x1301 : 0xc02f);
  leg.certificate(kMinted).message("proxy", version == 0x0304 ? "Finished" : "ServerHelloDone");
  return leg;
}

SessionReport session_with(const LegScript& client) {
  return session_of(client.leg(), backend().leg());
}

/// As measured: OpenSSL and all that is built on it 48, Java 46, GnuTLS and Go 42.
TEST(FindingClientRejectedOurCertificate, ByAlertOfEachLibrary) {
  const std::pair<std::uint8_t, const char*> libraries[] = {
      {48, "OpenSSL"}, {46, "Java"}, {42, "GnuTLS"}, {45, "clock is wrong"}, {43, ""}, {44, ""}};
  for (const auto& [alert, who] : libraries) {
    SCOPED_TRACE(int{alert});
    LegScript client = shown();
    client.alert("client", alert).close("client", "fin");
    const SessionReport session = session_with(client);
    const auto finding = diagnose(session);
    EXPECT_EQ(line(finding), "proxy error proven client-alert");
    EXPECT_NE(finding->cause.find(who), std::string::npos) << finding->cause;
    EXPECT_EQ(finding->codes.alert, alert);
    EXPECT_EQ(finding->presented,
              "'CN=shop.example.com', issued by 'CN=visavis CA laptop 01020304'");
    expect_complete(*finding);
    expect_evidence_exists(session, *finding);
    ASSERT_EQ(finding->evidence.size(), 2U);
    EXPECT_EQ(finding->evidence[1].event, session.client_leg->alerts[0].event);
  }
}

TEST(FindingClientRejectedOurCertificate, TheRemedyNamesEveryStore) {
  LegScript client = shown();
  client.alert("client", 48);
  const auto finding = diagnose(session_with(client));
  for (const char* word : {"visavis ca export", "--cacert", "keytool", "certutil -addstore Root",
                           "Firefox", "NODE_EXTRA_CA_CERTS", "--cert", "pins", "passthrough"})
    EXPECT_NE(finding->remedy.find(word), std::string::npos) << word;
}

TEST(FindingClientRejectedOurCertificate, ByAlertAfterTheHandshake) {
  LegScript client = shown();
  client.established().alert("client", 46);
  EXPECT_EQ(line(diagnose(session_with(client))), "proxy error proven client-alert");
}

/// Node with TLS 1.3: FIN instead of its Finished.
TEST(FindingClientRejectedOurCertificate, ByCloseBeforeItsFinished) {
  for (const char* how : {"fin", "rst"})
    for (const std::uint16_t version : std::initializer_list<std::uint16_t>{0x0303, 0x0304}) {
      LegScript client = shown(version);
      client.close("client", how);
      const SessionReport session = session_with(client);
      const auto finding = diagnose(session);
      EXPECT_EQ(line(finding), "proxy error likely proxy-check") << how << version;
      EXPECT_EQ(finding->evidence.size(), 2U);
      expect_complete(*finding);
      expect_evidence_exists(session, *finding);
    }
  LegScript compatible = shown();
  compatible.message("client", "ChangeCipherSpec").record(true, 20, 1).close("client", "fin");
  EXPECT_EQ(line(diagnose(session_with(compatible))), "proxy error likely proxy-check");
}

/// Node with TLS 1.2, Wget with GnuTLS: FIN right after the handshake. A port check looks the same.
TEST(FindingClientRejectedOurCertificate, ByCloseRightAfterTheHandshake) {
  LegScript client = shown();
  client.established().close("client", "fin");
  const SessionReport session = session_with(client);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "proxy warning likely proxy-check");
  EXPECT_NE(finding->cause.find("health check"), std::string::npos);
  expect_complete(*finding);
}

/// A capture without secrets has no certificate of TLS 1.3, but the alert: OpenSSL's is in clear.
TEST(FindingClientRejectedOurCertificate, ByAlertWhereTheCertificateIsEncrypted) {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}).server_hello(0x0304, 0x1301).alert("client", 48);
  client->capture.emplace();
  const auto finding = diagnose(session_with(client));
  EXPECT_EQ(line(finding), "proxy error proven client-alert");
  EXPECT_EQ(finding->presented, "a certificate that is encrypted here (TLS 1.3)");
  expect_complete(*finding);
  LegScript left = LegScript::client_leg();
  left.hello({0x1301}).server_hello(0x0304, 0x1301).close("client", "fin");
  left->capture.emplace();
  EXPECT_FALSE(diagnose(session_with(left))) << "what it left for can't be seen";
}

TEST(FindingClientRejectedOurCertificate, NearMisses) {
  LegScript polite = shown();
  polite.established().alert("client", 0, "warning").close("client", "close_notify");
  EXPECT_FALSE(diagnose(session_with(polite))) << "a port check that says goodbye";

  LegScript late = shown();
  late.established().after_ms(2500).close("client", "fin");
  EXPECT_FALSE(diagnose(session_with(late))) << "a browser's spare connection";

  LegScript asked = shown();
  asked.established().close("client", "fin");
  SessionReport session = session_with(asked);
  session.client_to_backend_bytes = 1;
  EXPECT_FALSE(diagnose(session)) << "it has sent a request";
  session = session_with(asked);
  session.backend_to_client_bytes = 1;
  EXPECT_FALSE(diagnose(session)) << "the server speaks first";

  // What a capture lacks, or hides, may be a request; what was decrypted of it is one.
  LegScript lacking = shown();
  lacking.established().close("client", "fin");
  lacking->capture.emplace().c2s_lost = 1;
  EXPECT_FALSE(diagnose(session_with(lacking))) << "bytes of the client's are not there";
  lacking->capture.emplace().end_missing = true;
  EXPECT_FALSE(diagnose(session_with(lacking))) << "it goes on";
  lacking->capture.emplace();
  EXPECT_TRUE(diagnose(session_with(lacking)));
  session = session_with(lacking);
  session.http.emplace_back();
  EXPECT_FALSE(diagnose(session)) << "a request was decrypted";
  LegScript hidden = shown(0x0303);
  hidden.established().record(true, 23, 100).close("client", "fin");
  hidden->capture.emplace();
  EXPECT_FALSE(diagnose(session_with(hidden))) << "application data";
  LegScript goodbye = shown(0x0303);
  goodbye.established().encrypted_alert("client").close("client", "fin");
  goodbye->capture.emplace();
  EXPECT_FALSE(diagnose(session_with(goodbye))) << "an alert, which may be close_notify";

  LegScript further = shown(0x0303);
  further.message("client", "ClientKeyExchange").close("client", "fin");
  EXPECT_FALSE(diagnose(session_with(further))) << "it went on with the handshake";

  LegScript middle = shown(0x0303);
  middle->raw_c2s += "160303";
  middle.close("client", "fin");
  EXPECT_FALSE(diagnose(session_with(middle))) << "it was about to say something";

  for (const std::uint8_t other :
       std::initializer_list<std::uint8_t>{40, 47, 50, 51, 70, 80, 116}) {
    LegScript client = shown();
    client.alert("client", other);
    EXPECT_FALSE(diagnose(session_with(client))) << int{other};
  }
  LegScript ours = shown();
  ours.alert("proxy", 48).close("proxy", "fin");
  EXPECT_FALSE(diagnose(session_with(ours))) << "our alert, of a client certificate";

  LegScript resumed = LegScript::client_leg();
  resumed.hello({0x1301}).server_hello(0x0304, 0x1301).alert("client", 48);
  EXPECT_FALSE(diagnose(session_with(resumed))) << "no certificate was shown";

  LegScript gone = shown();
  gone.close("backend", "fin");
  EXPECT_FALSE(diagnose(session_with(gone)));
  gone = shown();
  gone.close("proxy", "timeout");
  EXPECT_FALSE(diagnose(session_with(gone)));
  EXPECT_FALSE(diagnose(SessionReport{}));
}

/// In passthrough the certificate is the backend's own.
TEST(FindingClientRejectedOurCertificate, NeverOnADirectLeg) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{42, 46, 48}) {
    LegScript leg = LegScript::direct_leg();
    leg.hello({0xc02f}).server_hello(0x0303, 0xc02f).certificate(kMinted).alert("client", alert);
    EXPECT_FALSE(diagnose(passed_session(leg.leg())));
  }
}

}  // namespace
}  // namespace visavis::inspect
