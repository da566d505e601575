// A backend with a certificate that was made for something else, or signed by one that may not.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// OpenSSL's clients answer with unsupported_certificate (43), others with whatever they have.
Fault wrong_usage(std::vector<std::string> certificates, std::vector<std::string> problems) {
  return {.id = "wrong-usage",
          .code = "X509_V_ERR_INVALID_PURPOSE",
          .hresult = "0x800b0110",
          .certificates = std::move(certificates),
          .problems = std::move(problems)};
}

const std::string kPurpose = " X509_V_ERR_INVALID_PURPOSE 0x800b0110";

class WrongUsage : public ::testing::TestWithParam<Pair> {
 protected:
  Scene scene(const ChainSpec& spec) { return all_trust(make_credentials(folder_, spec)); }
  TemporaryDirectory folder_;
};

/// A client's certificate on a server.
class ClientCertificateOnAServer : public WrongUsage {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.leaf.extended_key_usage = "clientAuth";
    return spec;
  }
  Fault fault_ =
      wrong_usage({"CN=localhost: wrong-usage", "CN=Test Intermediate: fine"}, {"0" + kPurpose});
};

TEST_P(ClientCertificateOnAServer, IsFoundAndTheClientWorksThroughTheProxy) {
  const Session session = expect_works_through_proxy(GetParam(), scene(spec()), fault_);
  EXPECT_EQ(word(session, "/findings/0/title"),
            "The backend's certificate may not be used for a TLS server");
  EXPECT_EQ(word(session, "/findings/0/source"), "RFC 5280 4.2.1.12");
}

TEST_P(ClientCertificateOnAServer, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene(spec()), fault_);
}

INSTANTIATE_TEST_SUITE_P(
    Between, ClientCertificateOnAServer,
    ::testing::Values(
        Pair{Client::curl, Server::nginx, "1.2", "unsuitable certificate purpose", 43},
        Pair{Client::openssl, Server::openssl, "1.3", "unsuitable certificate purpose", 43},
        Pair{Client::python, Server::gnutls, "1.3", "unsuitable certificate purpose", 43},
        Pair{Client::gnutls, Server::gnutls, "1.2", "does not match the intended purpose", 42},
        Pair{Client::node, Server::nginx, "1.2", "INVALID_PURPOSE", 0},
        Pair{Client::java, Server::openssl, "1.2",
             "Extended key usage does not permit use for TLS server authentication", 46}),
    pair_name);

/// A key that may only sign documents (nonRepudiation).
class SigningCertificateOnAServer : public WrongUsage {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.leaf.key = TestKey::rsa_2048;  // nginx takes no such ECDSA key for TLS 1.2
    spec.leaf.key_usage = "critical,nonRepudiation";
    spec.leaf.extended_key_usage = "";
    return spec;
  }
  Fault fault_ =
      wrong_usage({"CN=localhost: wrong-usage no-digital-signature", "CN=Test Intermediate: fine"},
                  {"0" + kPurpose});
};

TEST_P(SigningCertificateOnAServer, IsFoundAndTheClientWorksThroughTheProxy) {
  expect_works_through_proxy(GetParam(), scene(spec()), fault_);
}

TEST_P(SigningCertificateOnAServer, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene(spec()), fault_);
}

INSTANTIATE_TEST_SUITE_P(Between, SigningCertificateOnAServer,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2",
                                                "unsuitable certificate purpose", 43},
                                           Pair{Client::python, Server::openssl, "1.3",
                                                "unsuitable certificate purpose", 43},
                                           Pair{Client::java, Server::nginx, "1.2",
                                                "KeyUsage does not allow digital signatures", 46}),
                         pair_name);

/// An issuer for clients only: what it signs is no server's, whatever that says of itself.
class IssuerForClients : public WrongUsage {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.intermediate.extended_key_usage = "clientAuth";
    return spec;
  }
  Fault fault_ =
      wrong_usage({"CN=localhost: fine", "CN=Test Intermediate: wrong-usage"}, {"1" + kPurpose});
};

TEST_P(IssuerForClients, IsFoundAndTheClientWorksThroughTheProxy) {
  const Session session = expect_works_through_proxy(GetParam(), scene(spec()), fault_);
  EXPECT_THAT(word(session, "/findings/0/cause"),
              AllOf(HasSubstr("'CN=Test Intermediate' (number 2 of those sent)"),
                    HasSubstr("own extended key usage")));
}

TEST_P(IssuerForClients, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene(spec()), fault_);
}

INSTANTIATE_TEST_SUITE_P(Between, IssuerForClients,
                         ::testing::Values(Pair{Client::curl, Server::openssl, "1.2",
                                                "unsuitable certificate purpose", 43},
                                           Pair{Client::gnutls, Server::nginx, "1.2",
                                                "does not match the intended purpose", 42}),
                         pair_name);

/// A server's certificate that has signed another one, as a forger's would.
class IssuerThatIsNoCa : public WrongUsage {
 protected:
  IssuerThatIsNoCa() {
    fault_.code = "X509_V_ERR_INVALID_CA";
    fault_.hresult = "0x80096019";
  }
  static ChainSpec spec() {
    ChainSpec spec;
    spec.intermediate.ca = false;
    return spec;
  }
  Fault fault_ = wrong_usage({"CN=localhost: fine", "CN=Test Intermediate: not-a-ca wrong-usage"},
                             {"1 X509_V_ERR_INVALID_CA 0x80096019", "1" + kPurpose});
};

TEST_P(IssuerThatIsNoCa, IsFoundAndTheClientWorksThroughTheProxy) {
  const Session session = expect_works_through_proxy(GetParam(), scene(spec()), fault_);
  EXPECT_EQ(word(session, "/findings/0/title"),
            "A certificate in the backend's chain signs others but is not a CA");
  EXPECT_EQ(word(session, "/findings/0/source"), "RFC 5280 4.2.1.9");
}

TEST_P(IssuerThatIsNoCa, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene(spec()), fault_);
}

INSTANTIATE_TEST_SUITE_P(
    Between, IssuerThatIsNoCa,
    ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "invalid CA certificate", 48},
                      Pair{Client::gnutls, Server::openssl, "1.2",
                           "The certificate issuer is not a CA", 42},
                      Pair{Client::java, Server::nginx, "1.2", "this is not a CA certificate", 46}),
    pair_name);

class RightUsage : public WrongUsage {};

TEST_P(RightUsage, ForClientsAndServers) {
  ChainSpec spec;
  spec.leaf.extended_key_usage = "clientAuth,serverAuth";
  expect_healthy(GetParam(), scene(spec));
}

TEST_P(RightUsage, WhereNothingIsSaidOfIt) {
  ChainSpec spec;
  spec.leaf.key_usage = "";
  spec.leaf.extended_key_usage = "";
  expect_healthy(GetParam(), scene(spec));
}

INSTANTIATE_TEST_SUITE_P(Between, RightUsage,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "", 0},
                                           Pair{Client::python, Server::nginx, "1.3", "", 0}),
                         pair_name);

/// keyEncipherment is all that static RSA needs. RFC 5246 7.4.2.
TEST_F(RightUsage, ForTheKeyExchangeInUse) {
  ChainSpec spec;
  spec.leaf.key = TestKey::rsa_2048;
  spec.leaf.key_usage = "critical,keyEncipherment";
  const Credentials credentials = make_credentials(folder_, spec);
  const Nginx nginx(credentials, {.versions = {"1.2"}, .suites = "AES128-SHA256"});
  const Spoken direct = curl({nginx.port(), credentials.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_EQ(direct.suite, "TLS_RSA_WITH_AES_128_CBC_SHA256");
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const ProxyProcess proxy(mode, nginx, credentials);
    const Spoken spoken = curl(proxy.visit());
    EXPECT_EQ(spoken.body, direct.body);
    const Session session = proxy.session();
    // The suite has no forward secrecy, but the usage is right.
    EXPECT_THAT(findings(session),
                ::testing::ElementsAre("static-rsa-only backend warning likely"));
    EXPECT_EQ(verdict(session), healthy(mode));
    expect_as_direct(session, direct, spoken);
  }
}

}  // namespace
}  // namespace visavis::testing
