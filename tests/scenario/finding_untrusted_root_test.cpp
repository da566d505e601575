// A backend whose chain ends at a root that neither the client nor visavis was given.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kUnknownCa = 48;

const std::string kNoIssuer = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY";

Fault untrusted_root(const std::string& code) {
  return {.id = "untrusted-root",
          .confidence = "likely",  // by our store, in which a private root may be missing
          .own_alert = kUnknownCa,
          .code = code,
          .hresult = "0x800b0109"};
}

class UntrustedRoot : public ::testing::TestWithParam<Pair> {
 protected:
  TemporaryDirectory folder_;
  std::filesystem::path other_ = other_root(folder_);
};

/// As most backends do: the root itself is not sent.
class UntrustedRootNotSent : public UntrustedRoot {
 protected:
  UntrustedRootNotSent() {
    fault_.certificates = {"CN=localhost: fine", "CN=Test Intermediate: fine"};
    fault_.problems = {"1 " + kNoIssuer + " 0x800b010a"};
  }
  Scene scene_ = nobody_trusts(make_credentials(folder_, ChainSpec{}), other_);
  Fault fault_ = untrusted_root(kNoIssuer);
};

TEST_P(UntrustedRootNotSent, IsFoundAndTheClientWorksThroughTheProxy) {
  const Session session = expect_works_through_proxy(GetParam(), scene_, fault_);
  EXPECT_EQ(word(session, "/findings/0/presented"), "the root 'CN=Test Root'");
  EXPECT_EQ(word(session, "/backend_leg/chain/missing_issuer"), "CN=Test Root");
}

TEST_P(UntrustedRootNotSent, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene_, fault_);
}

INSTANTIATE_TEST_SUITE_P(
    Between, UntrustedRootNotSent,
    ::testing::Values(
        Pair{Client::curl, Server::nginx, "1.2", "unable to get local issuer certificate", 48},
        Pair{Client::openssl, Server::openssl, "1.3", "unable to get local issuer certificate", 48},
        Pair{Client::python, Server::gnutls, "1.3", "unable to get local issuer certificate", 48},
        Pair{Client::gnutls, Server::gnutls, "1.2", "The certificate issuer is unknown", 42},
        Pair{Client::node, Server::nginx, "1.2", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", 0},
        Pair{Client::java, Server::openssl, "1.2", "unable to find valid certification path", 46}),
    pair_name);

/// Sending the root makes nobody trust it.
class UntrustedRootSent : public UntrustedRoot {
 protected:
  UntrustedRootSent() {
    fault_.certificates = {"CN=localhost: fine", "CN=Test Intermediate: fine",
                           "CN=Test Root: self-signed"};
    fault_.problems = {"2 X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN 0x800b0109"};
  }
  Credentials credentials_ = make_credentials(folder_, ChainSpec{.sent = Sent::with_root});
  Scene scene_ = nobody_trusts(credentials_, other_);
  Fault fault_ = untrusted_root("X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN");
};

TEST_P(UntrustedRootSent, IsFoundAndTheClientWorksThroughTheProxy) {
  const Session session = expect_works_through_proxy(GetParam(), scene_, fault_);
  EXPECT_THAT(word(session, "/findings/0/cause"),
              HasSubstr("sent its whole chain, up to the root 'CN=Test Root'"));
  EXPECT_EQ(word(session, "/backend_leg/chain/missing_issuer"), "null");
}

TEST_P(UntrustedRootSent, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene_, fault_);
}

/// A store with a name of its own has a verdict of its own, and decides nothing.
TEST_P(UntrustedRootSent, AndAStoreThatHasItIsNamed) {
  scene_.options = {"--trust", "corp=" + credentials_.root.string()};
  const Session session = expect_works_through_proxy(GetParam(), scene_, fault_);
  EXPECT_THAT(word(session, "/findings/0/cause"),
              HasSubstr("The trust store 'corp' accepts the chain."));
  EXPECT_EQ(word(session, "/backend_leg/chain/stores/0/trusted"), "false");
  EXPECT_EQ(word(session, "/backend_leg/chain/stores/1/name"), "corp");
  EXPECT_EQ(word(session, "/backend_leg/chain/stores/1/trusted"), "true");
}

INSTANTIATE_TEST_SUITE_P(Between, UntrustedRootSent,
                         ::testing::Values(Pair{Client::curl, Server::openssl, "1.2",
                                                "self-signed certificate in certificate chain", 48},
                                           Pair{Client::openssl, Server::nginx, "1.3",
                                                "self-signed certificate in certificate chain", 48},
                                           Pair{Client::gnutls, Server::nginx, "1.2",
                                                "The certificate issuer is unknown", 42}),
                         pair_name);

/// A private CA without intermediates: one certificate is the whole chain, and the issuer's name
/// says what it is.
TEST_F(UntrustedRoot, ThatIssuedTheLeafItself) {
  CertificateSpec spec = root_spec();
  spec.common_name = "Corp Root CA";
  const TestCertificate root = make_certificate(spec);
  const TestCertificate leaf = make_certificate(leaf_spec(kHost), &root);
  const Scene scene = nobody_trusts(write_credentials(folder_, leaf, {}, root), other_);
  Fault fault = untrusted_root(kNoIssuer);
  fault.certificates = {"CN=localhost: fine"};
  fault.problems = {"0 " + kNoIssuer + " 0x800b010a",
                    "0 X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE 0x800b010a"};
  const Pair pair{Client::curl, Server::nginx, "1.2", "unable to get local issuer certificate",
                  kUnknownCa};
  expect_works_through_proxy(pair, scene, fault);
  expect_fails_in_passthrough(pair, scene, fault);
}

TEST_P(UntrustedRoot, IsNotFoundWhereItIsTrusted) {
  expect_healthy(GetParam(), all_trust(make_credentials(folder_, ChainSpec{})));
  expect_healthy(GetParam(),
                 all_trust(make_credentials(folder_, ChainSpec{.sent = Sent::with_root})),
                 {"root-included backend info proven"});
}

INSTANTIATE_TEST_SUITE_P(Between, UntrustedRoot,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "", 0},
                                           Pair{Client::python, Server::nginx, "1.3", "", 0}),
                         pair_name);

/// The client knows fewer roots than we do: nothing is wrong with the chain, and its own word is
/// all there is.
TEST_F(UntrustedRoot, IsNotFoundWhereOnlyTheClientDoesNotTrustIt) {
  const Credentials credentials = make_credentials(folder_, ChainSpec{});
  const Pair pair{Client::curl, Server::nginx, "1.2", "unable to get local issuer certificate",
                  kUnknownCa};
  const auto backend = start(pair, credentials);
  expect_refused(pair, visit_as(pair, backend->port(), other_, "localhost"));
  const ProxyProcess proxy(Mode::passthrough, *backend, credentials);
  expect_refused(pair, visit_as(pair, proxy.port(), other_, "localhost"));
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("alert-unexplained client error likely"));
  EXPECT_EQ(verdict(session), "fails-direct proxied none direct failed by passthrough");
  EXPECT_THAT(pointed_at(session), ElementsAre("direct_leg alert client fatal unknown_ca (48)"));
  EXPECT_EQ(word(session, "/findings/0/title"),
            "The client does not trust the backend's certificate, though our trust store does");
  EXPECT_EQ(word(session, "/direct_leg/chain/trusted"), "true");
}

}  // namespace
}  // namespace visavis::testing
