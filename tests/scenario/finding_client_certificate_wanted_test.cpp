// Backends that will not go on without a client certificate, and how each of them says so. (How the
// client is asked, and what is passed on, is client_certificate_test's.)
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"
#include "tests/support/identity.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kWanted = "client-certificate-wanted client error likely";

class ClientCertificateWanted : public ::testing::TestWithParam<Version> {
 protected:
  /// nginx shakes hands with everybody and answers 400 to those who have shown no certificate.
  [[nodiscard]] NginxOptions asking(const std::string& how) const {
    return {.versions = {GetParam()},
            .directives = "ssl_verify_client " + how + "; ssl_client_certificate " +
                          alice_.issuer.string() + "; location = /missing { return 404; }"};
  }
  /// curl that offers all versions, with a certificate or without.
  static Asking curl_of_all(std::vector<std::string> options = {}, const std::string& path = "/") {
    options.insert(options.end(), {"--tlsv1.0", "--ciphers", "DEFAULT:@SECLEVEL=0"});
    return [options, path](const Visit& visit) {
      return curl({visit.port, visit.trusted, visit.host, path}, options);
    };
  }
  [[nodiscard]] Asking alice() const { return curl_of_all(alice_.for_curl()); }
  /// In TLS 1.3 the refusal comes when the handshake is over (RFC 8446 4.4.2.4).
  [[nodiscard]] static bool late() { return GetParam() == "1.3"; }
  /// The version that is spoken, with any suite.
  [[nodiscard]] static std::string agreed() { return "; TLS " + GetParam() + " TLS_[A-Z0-9_]+"; }

  /// A handshake that the backend breaks off with an alert for want of a certificate.
  static Lines refused(Mode mode, int alert, const std::string& in_passthrough) {
    const std::string fatal = " fatal " + std::to_string(alert);
    if (mode == Mode::terminate)
      return {kWanted, kFailedUnknown,
              "client_leg failed client_hello, closed by proxy fin; proxy" + fatal,
              closed(late() ? "backend_leg established finished" : "backend_leg failed certificate",
                     "proxy", agreed() + "; backend" + fatal)};
    // Who only passes on what is encrypted can tell by the lengths of the records.
    if (late())
      return {"client-certificate-wanted client error likely", kFailsDirect,
              closed_by_a_peer("direct_leg established finished", agreed())};
    return {in_passthrough, kFailsDirect,
            closed_by_a_peer("direct_leg failed certificate", agreed() + "; backend" + fatal)};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Identity alice_ = make_identity(folder_, "alice");
};

TEST_P(ClientCertificateWanted, AsNginxSaysByHttpStatus) {
  const Nginx nginx(credentials_, asking("on"));
  const Asking client = curl_of_all();
  const Spoken direct = directly(nginx, credentials_, client);
  ASSERT_THAT(direct.body, HasSubstr("No required SSL certificate was sent"));

  Seen seen = through(Mode::terminate, nginx, credentials_, client);
  EXPECT_EQ(seen.spoken.body, direct.body);
  EXPECT_THAT(
      story(seen.session),
      ElementsAre(kWanted, kWorksUnknown, StartsWith("client_leg established finished, closed by "),
                  StartsWith("backend_leg established finished, closed by ")));
  expect_as_direct(seen.session, direct, seen.spoken);
  expect_same_bytes(seen.session);
  EXPECT_EQ(word(seen.session, "/http/0/status"), "400");
  EXPECT_THAT(word(seen.session, "/findings/0/cause"),
              HasSubstr("issued by CN=alice CA and answered the request with HTTP status 400"));
  for (const std::string leg : {"/client_leg", "/backend_leg"})
    EXPECT_EQ(word(seen.session, leg + "/client_certificates"), "[]");

  // Status lines are encrypted.
  seen = through(Mode::passthrough, nginx, credentials_, client);
  EXPECT_EQ(seen.spoken.body, direct.body);
  EXPECT_THAT(findings(seen.session), IsEmpty());
  EXPECT_EQ(verdict(seen.session), healthy(Mode::passthrough));
  expect_as_direct(seen.session, direct, seen.spoken);
}

TEST_P(ClientCertificateWanted, ThatTheProxyCantPassOn) {
  const Nginx nginx(credentials_, asking("on"));
  const Spoken direct = directly(nginx, credentials_, alice());
  ASSERT_EQ(direct.body, "hello from nginx\n") << direct.errors;

  const Seen ended = through(Mode::terminate, nginx, credentials_, alice());
  EXPECT_THAT(ended.spoken.body, HasSubstr("No required SSL certificate was sent"));
  EXPECT_THAT(findings(ended.session), ElementsAre("client-certificate-wanted proxy error likely"));
  EXPECT_EQ(verdict(ended.session), kWorksUnknown);
  EXPECT_THAT(unmirrored_features(ended.session),
              ::testing::Contains("backend_leg client certificate"));
  expect_as_direct(ended.session, direct, ended.spoken);
  expect_same_bytes(ended.session);
  EXPECT_EQ(word(ended.session, "/client_leg/client_certificates/0/subject"), "CN=alice");
  EXPECT_EQ(word(ended.session, "/backend_leg/client_certificates"), "[]");

  // The two remedies: passthrough, and a certificate of the proxy's own.
  const Seen passed = through(Mode::passthrough, nginx, credentials_, alice());
  EXPECT_EQ(passed.spoken.body, direct.body);
  EXPECT_THAT(findings(passed.session), IsEmpty());
  EXPECT_EQ(verdict(passed.session), healthy(Mode::passthrough));
  expect_as_direct(passed.session, direct, passed.spoken);
  const Seen given =
      through(Mode::terminate, nginx, credentials_, curl_of_all(), alice_.for_proxy());
  EXPECT_EQ(given.spoken.body, direct.body);
  EXPECT_THAT(findings(given.session), IsEmpty());
  EXPECT_EQ(verdict(given.session), kWorksUnknown);
  expect_as_direct(given.session, direct, given.spoken);
  expect_same_bytes(given.session);
}

/// gnutls-serv calls an empty Certificate message a decode_error, up to TLS 1.2.
TEST_P(ClientCertificateWanted, AsGnutlsSaysByAlert) {
  const GnutlsServer server(
      credentials_, "NORMAL:-VERS-ALL:+VERS-TLS" + GetParam(),
      {"--http", "--require-client-cert", "--x509cafile", alice_.issuer.string()});
  ASSERT_EQ(directly(server, credentials_, alice()).exit_code, 0) << "with one, it works";
  const int alert = late() ? 116 : 50;
  const Asking clients[] = {curl_of_all(), gnutls_with({"--priority", "NORMAL:+VERS-ALL"})};
  for (const Asking& client : clients) {
    const Spoken direct = directly(server, credentials_, client);
    ASSERT_NE(direct.exit_code, 0);
    for (const Mode mode : kBothModes) {
      SCOPED_TRACE(name(mode));
      const Seen seen = through(mode, server, credentials_, client);
      EXPECT_NE(seen.spoken.exit_code, 0);
      if (mode == Mode::passthrough && late()) {
        // Encrypted: the lengths of the records tell, unless the client has said goodbye before the
        // answer came, as gnutls-cli may at the end of its input.
        if (&client == &clients[0] || !findings(seen.session).empty()) {
          EXPECT_THAT(findings(seen.session),
                      ElementsAre("client-certificate-wanted client error likely"));
        }
        EXPECT_THAT(ending(seen.session, "direct_leg"), ::testing::StartsWith("established"));
        continue;
      }
      EXPECT_THAT(story(seen.session), ElementsAreArray(refused(mode, alert, kWanted)));
    }
  }
}

/// The alert of the client's own handshake: nothing else can be meant.
TEST_P(ClientCertificateWanted, AsOpensslSaysByAlertInPassthrough) {
  std::vector<std::string> options = openssl_versions({GetParam()});
  options.insert(options.end(), {"-www", "-Verify", "3", "-verify_return_error", "-CAfile",
                                 alice_.issuer.string()});
  const OpensslServer server(credentials_, options);
  ASSERT_EQ(directly(server, credentials_, alice()).exit_code, 0) << "with one, it works";
  ASSERT_NE(directly(server, credentials_, curl_of_all()).exit_code, 0);
  const Seen seen = through(Mode::passthrough, server, credentials_, curl_of_all());
  EXPECT_THAT(story(seen.session),
              ElementsAreArray(
                  refused(Mode::passthrough, 40, "client-certificate-wanted client error proven")));
}

/// Asked for one, the client has shown none, and an answer like 404 has nothing to do with it.
TEST_P(ClientCertificateWanted, IsNotFoundWhereItIsOptional) {
  const Nginx nginx(credentials_, asking("optional"));
  for (const std::string path : {"/", "/missing"}) {
    const Asking client = curl_of_all({}, path);
    const Spoken direct = directly(nginx, credentials_, client);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    for (const Mode mode : kBothModes) {
      const Seen seen = through(mode, nginx, credentials_, client);
      EXPECT_EQ(seen.spoken.body, direct.body);
      EXPECT_THAT(findings(seen.session), IsEmpty());
      // Whoever is asked may have an answer that we can't give.
      EXPECT_EQ(verdict(seen.session), mode == Mode::passthrough ? healthy(mode) : kWorksUnknown);
      expect_as_direct(seen.session, direct, seen.spoken);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Over, ClientCertificateWanted, ::testing::Values("1.0", "1.2", "1.3"),
                         [](const auto& version) {
                           return std::string("tls1") + version.param.back();
                         });

}  // namespace
}  // namespace visavis::testing
