// A backend whose only certificate has signed itself.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kUnknownCa = 48;
constexpr std::int64_t kExpiredAt = 1'609'459'200;  // 2021-01-01T00:00:00Z

Fault self_signed() {
  return {.id = "self-signed",
          .confidence = "likely",  // a client may have been given this very certificate
          .own_alert = kUnknownCa,
          .code = "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT",
          .hresult = "0x800b0109",
          .certificates = {"CN=localhost: self-signed"},
          .problems = {"0 X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT 0x800b0109"}};
}

/// As IIS, Java's keytool and Exchange make one.
CertificateSpec leaf_of_its_own() { return leaf_spec(kHost); }

/// As `openssl req -x509` makes one: a CA's, that may serve, too.
CertificateSpec ca_of_its_own() {
  CertificateSpec spec = leaf_spec(kHost);
  spec.ca = true;
  spec.key_usage = "digitalSignature,keyCertSign";
  spec.extended_key_usage = "";
  return spec;
}

class SelfSigned : public ::testing::TestWithParam<Pair> {
 protected:
  Credentials credentials(const CertificateSpec& spec) {
    const TestCertificate certificate = make_certificate(spec);
    return write_credentials(folder_, certificate, {}, certificate);
  }
  TemporaryDirectory folder_;
  std::filesystem::path other_ = other_root(folder_);
};

TEST_P(SelfSigned, IsFoundAndTheClientWorksThroughTheProxy) {
  const Scene scene = nobody_trusts(credentials(leaf_of_its_own()), other_);
  const Session session = expect_works_through_proxy(GetParam(), scene, self_signed());
  EXPECT_EQ(word(session, "/findings/0/title"), "The backend's certificate is self-signed");
  EXPECT_THAT(word(session, "/findings/0/presented"),
              HasSubstr(word(session, "/backend_leg/certificates/0/sha256")));
}

TEST_P(SelfSigned, FailsInPassthroughAsItDoesDirectly) {
  const Scene scene = nobody_trusts(credentials(leaf_of_its_own()), other_);
  expect_fails_in_passthrough(GetParam(), scene, self_signed());
}

INSTANTIATE_TEST_SUITE_P(
    Between, SelfSigned,
    ::testing::Values(
        Pair{Client::curl, Server::nginx, "1.2", "self-signed certificate", 48},
        Pair{Client::openssl, Server::openssl, "1.3", "self-signed certificate", 48},
        Pair{Client::python, Server::openssl, "1.2", "self-signed certificate", 48},
        Pair{Client::gnutls, Server::nginx, "1.2", "The certificate issuer is unknown", 42},
        Pair{Client::node, Server::nginx, "1.2", "DEPTH_ZERO_SELF_SIGNED_CERT", 0},
        Pair{Client::java, Server::gnutls, "1.2", "unable to find valid certification path", 46}),
    pair_name);

/// It is a CA, but nobody's.
TEST_F(SelfSigned, ThoughItMaySignOthers) {
  const Pair pair{Client::curl, Server::openssl, "1.2", "self-signed certificate", kUnknownCa};
  const Scene scene = nobody_trusts(credentials(ca_of_its_own()), other_);
  expect_works_through_proxy(pair, scene, self_signed());
  expect_fails_in_passthrough(pair, scene, self_signed());
}

/// Clients stop at the first fault, and name that one only.
TEST_F(SelfSigned, IsOneOfManyFaults) {
  CertificateSpec spec = leaf_of_its_own();
  spec.not_after_s = kExpiredAt;
  const Credentials faulty = credentials(spec);
  const Pair pair{Client::curl, Server::nginx, "1.2", "self-signed certificate", kUnknownCa};
  const std::string host = "other.example.test";
  const auto backend = start(pair, faulty);
  expect_refused(pair, visit_as(pair, backend->port(), other_, host));
  const ProxyProcess proxy({"--backend", backend->address()});
  const Spoken proxied = visit_as(pair, proxy.port(), proxy.ca_certificate(), host);
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  const Session session = proxy.session();
  EXPECT_THAT(findings(session),
              ElementsAre("expired backend error proven", "name-mismatch backend error proven",
                          "self-signed backend error likely"));
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  EXPECT_THAT(certificate_problems(session, "backend_leg"),
              ElementsAre("CN=localhost: expired self-signed name-mismatch"));
  EXPECT_THAT(chain_problems(session, "backend_leg"),
              ::testing::UnorderedElementsAre("0 X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT 0x800b0109",
                                              "0 X509_V_ERR_HOSTNAME_MISMATCH 0x800b010f",
                                              "0 X509_V_ERR_CERT_HAS_EXPIRED 0x800b0101"));
  expect_as_direct(session, proxied, proxied);
}

class SelfSignedTrusted : public SelfSigned {};

/// Given to client and visavis by hand, it is as good as a root.
TEST_P(SelfSignedTrusted, IsNotFound) {
  expect_healthy(GetParam(), all_trust(credentials(leaf_of_its_own())));
}

/// As `openssl req -x509` makes them: a CA. Firefox alone refuses that as a server's.
TEST_P(SelfSignedTrusted, AsACaIsRemarkedOn) {
  const Scene scene = all_trust(credentials(ca_of_its_own()));
  const auto backend = start(GetParam(), scene.credentials);
  const Spoken direct = visit_as(GetParam(), backend->port(), scene.trusted, scene.host);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess proxy(Mode::terminate, *backend, scene.credentials);
  const Visit visit = proxy.visit();
  const Spoken spoken = visit_as(GetParam(), visit.port, visit.trusted, scene.host);
  EXPECT_EQ(spoken.body, direct.body);
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("ca-as-leaf backend warning proven"));
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  expect_as_direct(session, direct, spoken);
  expect_same_bytes(session);
}

INSTANTIATE_TEST_SUITE_P(Between, SelfSignedTrusted,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "", 0},
                                           Pair{Client::python, Server::nginx, "1.3", "", 0}),
                         pair_name);

}  // namespace
}  // namespace visavis::testing
