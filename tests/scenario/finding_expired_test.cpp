// A backend with an expired certificate: its own, an issuer's, or one that nobody needs.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kExpiredAt = 1'609'459'200;  // 2021-01-01T00:00:00Z
constexpr std::int64_t kHour = 3600;
constexpr int kCertificateExpired = 45;
constexpr int kBadCertificate = 42;

Fault expired(std::vector<std::string> certificates, const std::string& depth) {
  return {.id = "expired",
          .own_alert = kCertificateExpired,
          .code = "X509_V_ERR_CERT_HAS_EXPIRED",
          .hresult = "0x800b0101",
          .certificates = std::move(certificates),
          .problems = {depth + " X509_V_ERR_CERT_HAS_EXPIRED 0x800b0101"}};
}

class Expired : public ::testing::TestWithParam<Pair> {
 protected:
  TemporaryDirectory folder_;
};

class ExpiredLeaf : public Expired {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.leaf.not_after_s = kExpiredAt;
    return spec;
  }
  Scene scene_ = all_trust(make_credentials(folder_, spec()));
  Fault fault_ = expired({"CN=localhost: expired", "CN=Test Intermediate: fine"}, "0");
};

TEST_P(ExpiredLeaf, IsFoundAndTheClientWorksThroughTheProxy) {
  const Session session = expect_works_through_proxy(GetParam(), scene_, fault_);
  EXPECT_THAT(word(session, "/findings/0/title"), HasSubstr("The backend's certificate expired "));
  EXPECT_THAT(word(session, "/findings/0/cause"),
              AllOf(HasSubstr("'CN=localhost'"), HasSubstr("to 2021-01-01T00:00:00Z"),
                    HasSubstr("by the proxy's clock (" + word(session, "/started"))));
  EXPECT_EQ(word(session, "/findings/0/codes/firefox"), "SEC_ERROR_EXPIRED_CERTIFICATE");
  EXPECT_THAT(word(session, "/verdict/headline"), HasSubstr("The backend's certificate expired "));
}

TEST_P(ExpiredLeaf, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene_, fault_);
}

INSTANTIATE_TEST_SUITE_P(
    Between, ExpiredLeaf,
    ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "certificate has expired", 45},
                      Pair{Client::openssl, Server::openssl, "1.3", "certificate has expired", 45},
                      Pair{Client::gnutls, Server::gnutls, "1.2", "chain uses expired certificate",
                           42},
                      Pair{Client::python, Server::nginx, "1.3", "certificate has expired", 45},
                      Pair{Client::node, Server::nginx, "1.2", "CERT_HAS_EXPIRED", 0},
                      Pair{Client::java, Server::openssl, "1.2", "validity check failed", 45}),
    pair_name);

class ExpiredIntermediate : public Expired {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.intermediate.not_after_s = kExpiredAt;
    return spec;
  }
  Scene scene_ = all_trust(make_credentials(folder_, spec()));
  Fault fault_ = expired({"CN=localhost: fine", "CN=Test Intermediate: expired"}, "1");
};

/// The backend's own certificate need not be renewed: which one it is makes the remedy.
TEST_P(ExpiredIntermediate, IsToldFromTheLeaf) {
  const Session session = expect_works_through_proxy(GetParam(), scene_, fault_);
  EXPECT_THAT(word(session, "/findings/0/title"),
              HasSubstr("The certificate of an issuer in the backend's chain expired "));
  EXPECT_THAT(word(session, "/findings/0/cause"),
              AllOf(HasSubstr("'CN=Test Intermediate' (number 2 of those sent)"),
                    HasSubstr("to 2021-01-01T00:00:00Z")));
  EXPECT_THAT(word(session, "/findings/0/remedy"), HasSubstr("need not be renewed"));
  EXPECT_EQ(word(session, "/findings/0/codes/firefox"), "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE");
}

TEST_P(ExpiredIntermediate, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene_, fault_);
}

INSTANTIATE_TEST_SUITE_P(
    Between, ExpiredIntermediate,
    ::testing::Values(Pair{Client::curl, Server::openssl, "1.2", "certificate has expired", 45},
                      Pair{Client::python, Server::openssl, "1.3", "certificate has expired", 45},
                      Pair{Client::java, Server::nginx, "1.2", "validity check failed", 45}),
    pair_name);

/// An intermediate certificate that was renewed with the same key: both are sent, the old one
/// first. OpenSSL takes the new one; GnuTLS 3.7 takes the first that fits, and fails.
class ExpiredBesideAValidOne : public Expired {
 protected:
  Credentials renewed() {
    const TestCertificate root = make_certificate(root_spec());
    const TestCertificate valid = make_certificate(intermediate_spec(), &root);
    CertificateSpec old_spec = intermediate_spec();
    old_spec.not_after_s = kExpiredAt;
    const TestCertificate old = make_certificate(old_spec, &root, valid.key());
    const TestCertificate leaf = make_certificate(leaf_spec(kHost), &valid);
    return write_credentials(folder_, leaf, {&old, &valid}, root);
  }
  Fault fault(const std::string& blamed) const {
    Fault fault = expired(
        {"CN=localhost: fine", "CN=Test Intermediate: expired", "CN=Test Intermediate: fine"}, "0");
    fault.blamed = blamed;
    fault.confidence = "likely";
    fault.problems = {};
    fault.trusted = true;
    return fault;
  }
  Scene scene_ = all_trust(renewed());
};

TEST_F(ExpiredBesideAValidOne, IsAWarningToAClientThatWorks) {
  for (const Client client : {Client::curl, Client::java}) {
    const Pair pair{client, Server::nginx, "1.2", "", 0};
    SCOPED_TRACE(::testing::PrintToString(pair));
    const auto backend = start(pair, scene_.credentials);
    const Spoken direct = visit_as(pair, backend->port(), scene_.trusted, scene_.host);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    for (const Mode mode : kBothModes) {
      const ProxyProcess proxy(mode, *backend, scene_.credentials);
      const Visit visit = proxy.visit();
      const Spoken spoken = visit_as(pair, visit.port, visit.trusted, scene_.host);
      EXPECT_EQ(spoken.body, direct.body);
      const Session session = proxy.session();
      expect_fault(session, legs_of(mode).back(), fault("backend warning"));
      expect_as_direct(session, direct, spoken);
      // Clients differ in it: that our own handshake worked does not speak for this client.
      EXPECT_EQ(verdict(session), mode == Mode::passthrough
                                      ? healthy(mode)
                                      : "unknown proxied ok direct unknown by none");
    }
  }
}

TEST_F(ExpiredBesideAValidOne, IsAnErrorToAClientThatRefusesIt) {
  const Pair pair{Client::gnutls, Server::nginx, "1.2", "chain uses expired certificate",
                  kBadCertificate};
  expect_works_through_proxy(pair, scene_, fault("backend warning"));
  const Session session = expect_fails_in_passthrough(pair, scene_, fault("backend error"));
  EXPECT_THAT(word(session, "/findings/0/title"), HasSubstr("along with a valid chain"));
}

class NotExpired : public Expired {};

TEST_P(NotExpired, WhileAnHourIsLeft) {
  ChainSpec spec;
  spec.leaf.not_after_s = seconds_from_now(kHour);
  spec.intermediate.not_after_s = seconds_from_now(kHour);
  expect_healthy(GetParam(), all_trust(make_credentials(folder_, spec)));
}

/// Nobody needs it and nobody looks at it: RFC 8446 4.4.2 lets servers send more.
TEST_P(NotExpired, WhereAnUnrelatedCertificateIs) {
  const TestChain chain = make_chain(leaf_spec(kHost));
  CertificateSpec spec = root_spec();
  spec.common_name = "Unrelated";
  spec.not_after_s = kExpiredAt;
  const TestCertificate unrelated = make_certificate(spec);
  expect_healthy(GetParam(),
                 all_trust(write_credentials(folder_, chain.leaf, {&chain.intermediate, &unrelated},
                                             chain.root)),
                 {"unrelated-certificates backend info proven"});
}

INSTANTIATE_TEST_SUITE_P(Between, NotExpired,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "", 0},
                                           Pair{Client::python, Server::nginx, "1.3", "", 0}),
                         pair_name);

}  // namespace
}  // namespace visavis::testing
