// Backends that ask for a client certificate: the client is asked too, by the same issuers, and
// what it shows is recorded. It can't be passed on; --client-cert shows one of the proxy's.
#include <gtest/gtest.h>

#include "tests/support/identity.h"
#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kCurlHandshakeFailed = 35;
constexpr int kCurlReceiveFailed = 56;
constexpr int kCurlClientCertificate = 98;  // alert certificate_required during the handshake

const std::vector<std::string> kOldVersionsToo{"--tlsv1.0", "--ciphers", "DEFAULT:@SECLEVEL=0"};

/// Padding, which OpenSSL's hellos have with some ciphers, and TLS 1.0's empty records are not the
/// matter here.
std::vector<std::string> unmirrored_but_padding(const Session& session) {
  std::vector<std::string> features = unmirrored_features(session);
  std::erase(features, "backend_leg extensions: padding");
  std::erase(features, "client_leg record split");
  return features;
}

/// curl that offers all versions, and shows a certificate.
std::vector<std::string> showing(const Identity& identity) {
  std::vector<std::string> options = identity.for_curl();
  options.insert(options.end(), kOldVersionsToo.begin(), kOldVersionsToo.end());
  return options;
}

class ClientCertificate : public ::testing::TestWithParam<Version> {
 protected:
  /// s_server, which breaks the handshake off without a certificate that it trusts.
  OpensslServer strict_backend() {
    std::vector<std::string> options = openssl_versions({GetParam()});
    options.insert(options.end(), {"-www", "-Verify", "3", "-verify_return_error", "-CAfile",
                                   alice_.issuer.string()});
    return OpensslServer(credentials_, options);
  }
  /// nginx, which asks and answers 400 without one.
  [[nodiscard]] NginxOptions asking(const std::string& how) const {
    return {.versions = {GetParam()},
            .directives = "ssl_verify_client " + how + "; ssl_client_certificate " +
                          alice_.issuer.string() +
                          "; location = /who { default_type text/plain; "
                          "return 200 '$ssl_client_s_dn'; }"};
  }
  ProxyProcess proxy(const Backend& backend, std::vector<std::string> options = {}) {
    options.insert(options.end(),
                   {"--backend", backend.address(), "--trust", credentials_.root.string()});
    return ProxyProcess(options);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
  Identity alice_ = make_identity(folder_, "alice");
  Identity mallory_ = make_identity(folder_, "mallory");
};

TEST_P(ClientCertificate, IsAskedForByTheSameIssuersAndRecordedThoughNotPassedOn) {
  const Nginx nginx(credentials_, asking("optional"));
  const Spoken direct =
      curl({nginx.port(), credentials_.root, std::string(kHost), "/who"}, showing(alice_));
  ASSERT_EQ(direct.body, "CN=alice") << direct.errors;

  ProxyProcess between = proxy(nginx);
  Visit visit = between.visit();
  visit.path = "/who";
  const Spoken proxied = curl(visit, showing(alice_));
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  EXPECT_EQ(proxied.body, "") << "the backend has seen no certificate";

  const Session session = between.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  EXPECT_THAT(unmirrored_but_padding(session), ElementsAre("backend_leg client certificate"));
  expect_as_direct(session, direct, proxied);
  for (const std::string leg : {"/client_leg", "/backend_leg"})
    EXPECT_EQ(word(session, leg + "/certificate_request/issuers"), R"(["CN=alice CA"])");
  EXPECT_EQ(word(session, "/client_leg/client_certificates/0/subject"), "CN=alice");
  EXPECT_EQ(word(session, "/backend_leg/client_certificates"), "[]");
  EXPECT_EQ(between.stop(), 0);
}

TEST_P(ClientCertificate, ThatNobodyHasLeavesAHealthyPairHealthy) {
  const Nginx nginx(credentials_, asking("optional"));
  const Spoken direct = curl({nginx.port(), credentials_.root}, kOldVersionsToo);
  ASSERT_EQ(direct.body, "hello from nginx\n") << direct.errors;
  const ProxyProcess between = proxy(nginx);
  const Spoken proxied = curl(between.visit(), kOldVersionsToo);
  EXPECT_EQ(proxied.body, direct.body);
  const Session session = between.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_THAT(unmirrored_but_padding(session), IsEmpty());
  expect_as_direct(session, direct, proxied);
  EXPECT_EQ(word(session, "/client_leg/client_certificates"), "[]");
  EXPECT_EQ(word(session, "/backend_leg/client_certificates"), "[]");
}

TEST_P(ClientCertificate, OfTheProxysOwnIsShownInstead) {
  const OpensslServer backend = strict_backend();
  const Spoken direct = curl({backend.port(), credentials_.root}, showing(alice_));
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess between = proxy(backend, alice_.for_proxy());
  const Spoken proxied = curl(between.visit(), showing(mallory_));
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  EXPECT_EQ(proxied.body.substr(0, 6), "<HTML>");
  const Session session = between.session();
  EXPECT_THAT(findings(session), IsEmpty());
  expect_as_direct(session, direct, proxied);
  EXPECT_THAT(unmirrored_but_padding(session), ElementsAre("backend_leg client certificate"));
  EXPECT_EQ(word(session, "/backend_leg/client_certificates/0/subject"), "CN=alice");
  EXPECT_EQ(word(session, "/client_leg/client_certificates/0/subject"), "CN=mallory");
}

TEST_P(ClientCertificate, ThatIsMissingBreaksBothInTheSameWay) {
  const OpensslServer backend = strict_backend();
  const Recorder direct_wire(backend.port());
  const Spoken direct = curl({direct_wire.port(), credentials_.root}, kOldVersionsToo);
  // TLS 1.3: the client has finished when the refusal comes (RFC 8446 4.4.2.4).
  const bool late = GetParam() == "1.3";
  ASSERT_EQ(direct.exit_code, late ? kCurlReceiveFailed : kCurlHandshakeFailed) << direct.errors;
  const std::string refusal = late ? "certificate required" : "handshake failure";
  ASSERT_THAT(direct.errors, ::testing::HasSubstr("alert " + refusal));

  const ProxyProcess between = proxy(backend);
  const Spoken proxied = curl(between.visit(), kOldVersionsToo);
  EXPECT_EQ(proxied.exit_code, late ? kCurlClientCertificate : kCurlHandshakeFailed)
      << proxied.errors;
  EXPECT_THAT(proxied.errors, ::testing::HasSubstr("alert " + refusal));

  const Session session = between.session();
  EXPECT_THAT(findings(session), ElementsAre("client-certificate-wanted client error likely"));
  EXPECT_EQ(verdict(session), "unknown proxied failed direct unknown by none");
  const std::string number = late ? "116" : "40";
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("backend fatal " + number));
  EXPECT_EQ(word(session, "/backend_leg/certificate_request/issuers"), R"(["CN=alice CA"])");
  EXPECT_EQ(word(session, "/backend_leg/client_certificates"), "[]");
  EXPECT_EQ(word(session, "/client_leg/server_hello"), "null");
}

TEST_P(ClientCertificate, OfAnotherIssuerIsRefusedByTheBackend) {
  const OpensslServer backend = strict_backend();
  const Spoken direct = curl({backend.port(), credentials_.root}, showing(mallory_));
  ASSERT_NE(direct.exit_code, 0);
  ASSERT_THAT(direct.errors, ::testing::HasSubstr("alert unknown ca"));
  const ProxyProcess between = proxy(backend, mallory_.for_proxy());
  const Spoken proxied = curl(between.visit(), kOldVersionsToo);
  EXPECT_EQ(proxied.exit_code, kCurlHandshakeFailed) << proxied.errors;
  EXPECT_THAT(proxied.errors, ::testing::HasSubstr("alert unknown ca"));
  const Session session = between.session();
  EXPECT_THAT(findings(session), ElementsAre("client-certificate-wanted proxy error proven"));
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("backend fatal 48"));
  EXPECT_EQ(word(session, "/backend_leg/client_certificates/0/subject"), "CN=mallory");
}

INSTANTIATE_TEST_SUITE_P(Over, ClientCertificate, ::testing::Values("1.0", "1.2", "1.3"),
                         [](const auto& version) {
                           return std::string("tls1") + version.param.back();
                         });

}  // namespace
}  // namespace visavis::testing
