// A backend whose certificate is not for the name, or the address, that the client goes to.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kBadCertificate = 42;
const std::string kUnknown = "unknown proxied none direct unknown by none";
const std::string kWorksUnknown = "unknown proxied ok direct unknown by none";

/// OpenSSL answers with bad_certificate (42), which may mean anything.
Fault name_mismatch() {
  return {.id = "name-mismatch",
          .code = "X509_V_ERR_HOSTNAME_MISMATCH",
          .hresult = "0x800b010f",
          .certificates = {"CN=localhost: name-mismatch", "CN=Test Intermediate: fine"},
          .problems = {"0 X509_V_ERR_HOSTNAME_MISMATCH 0x800b010f"}};
}

class NameMismatch : public ::testing::TestWithParam<Pair> {
 protected:
  Scene scene(const std::vector<std::string>& names, const std::string& host,
              const std::string& common_name = "localhost") {
    ChainSpec spec;
    spec.leaf.common_name = common_name;
    spec.leaf.san = names;
    return all_trust(make_credentials(folder_, spec), host);
  }
  TemporaryDirectory folder_;
  const std::vector<std::string> names_{"DNS:localhost", "DNS:*.example.com"};
};

TEST_P(NameMismatch, OfADnsNameIsFoundAndTheClientWorksThroughTheProxy) {
  const Session session =
      expect_works_through_proxy(GetParam(), scene(names_, "other.example.test"), name_mismatch());
  EXPECT_EQ(word(session, "/findings/0/title"),
            "The backend's certificate is not for 'other.example.test'");
  EXPECT_THAT(word(session, "/findings/0/cause"),
              AllOf(HasSubstr("The client asks for 'other.example.test' (SNI)"),
                    HasSubstr("the names DNS:localhost, DNS:*.example.com")));
}

INSTANTIATE_TEST_SUITE_P(
    Between, NameMismatch,
    ::testing::Values(Pair{Client::curl, Server::nginx, "1.2",
                           "no alternative certificate subject name matches target host name", 0},
                      Pair{Client::curl, Server::openssl, "1.3",
                           "no alternative certificate subject name matches target host name", 0},
                      Pair{Client::python, Server::openssl, "1.3", "Hostname mismatch", 42},
                      Pair{Client::gnutls, Server::gnutls, "1.2",
                           "The name in the certificate does not match the expected", 42},
                      Pair{Client::node, Server::nginx, "1.2", "ERR_TLS_CERT_ALTNAME_INVALID", 0},
                      Pair{Client::java, Server::openssl, "1.2",
                           "No subject alternative DNS name matching other.example.test found",
                           46}),
    pair_name);

class NameMismatchInPassthrough : public NameMismatch {};

/// curl and Node look at the name after the handshake, the others within.
TEST_P(NameMismatchInPassthrough, FailsAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene(names_, "other.example.test"), name_mismatch());
}

INSTANTIATE_TEST_SUITE_P(
    Between, NameMismatchInPassthrough,
    ::testing::Values(Pair{Client::curl, Server::nginx, "1.2",
                           "no alternative certificate subject name matches target host name", 0},
                      Pair{Client::python, Server::nginx, "1.2", "Hostname mismatch", 42},
                      Pair{Client::python, Server::openssl, "1.3", "Hostname mismatch", 42},
                      Pair{Client::gnutls, Server::gnutls, "1.2",
                           "The name in the certificate does not match the expected", 42},
                      Pair{Client::node, Server::openssl, "1.2", "ERR_TLS_CERT_ALTNAME_INVALID", 0},
                      Pair{Client::java, Server::nginx, "1.2",
                           "No subject alternative DNS name matching other.example.test found",
                           46}),
    pair_name);

/// All is encrypted but the handshake's length: nobody can say why curl left.
TEST_F(NameMismatchInPassthrough, LeavesTheVerdictOpenWhereAllIsEncrypted) {
  const Pair pair{Client::curl, Server::nginx, "1.3",
                  "no alternative certificate subject name matches target host name", 0};
  const Scene missed = scene(names_, "other.example.test");
  const auto backend = start(pair, missed.credentials);
  expect_refused(pair, visit_as(pair, backend->port(), missed.trusted, missed.host));
  const ProxyProcess proxy(Mode::passthrough, *backend, missed.credentials);
  expect_refused(pair, visit_as(pair, proxy.port(), missed.trusted, missed.host));
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  // Where the server's tickets come after it has closed, its end is an RST: that is a failure.
  if (word(session, "/direct_leg/close/how") == "rst")
    EXPECT_EQ(verdict(session), "fails-direct proxied none direct failed by passthrough");
  else
    EXPECT_EQ(verdict(session), kUnknown);
  EXPECT_EQ(word(session, "/direct_leg/certificates"), "[]");
}

/// The wildcard stands for one label, and for one only. RFC 6125 6.4.3.
TEST_F(NameMismatch, OfAWildcardThatDoesNotReach) {
  const Pair pair{Client::python, Server::nginx, "1.2", "Hostname mismatch", kBadCertificate};
  for (const std::string host : {"a.b.example.com", "example.com"}) {
    SCOPED_TRACE(host);
    expect_works_through_proxy(pair, scene(names_, host), name_mismatch());
    expect_fails_in_passthrough(pair, scene(names_, host), name_mismatch());
  }
}

TEST_F(NameMismatch, IsNotFoundWhereTheWildcardReaches) {
  for (const Client client : {Client::curl, Client::python})
    for (const std::string host : {"a.example.com", "A.Example.COM", "localhost"}) {
      SCOPED_TRACE(host);
      expect_healthy({client, Server::nginx, "1.2", "", 0}, scene(names_, host));
    }
}

// An address: the client sends no SNI, and which name it checks is not seen. It is likely the one
// that visavis was given.

class AddressMismatch : public NameMismatch {
 protected:
  static Fault fault(const std::string& blamed) {
    Fault fault = name_mismatch();
    fault.blamed = blamed;
    fault.confidence = "likely";
    fault.code = "X509_V_ERR_IP_ADDRESS_MISMATCH";
    fault.problems = {"0 X509_V_ERR_IP_ADDRESS_MISMATCH 0x800b010f"};
    return fault;
  }
};

TEST_P(AddressMismatch, IsFoundAndTheClientWorksThroughTheProxy) {
  // An address among the DNS names is none, nor is another address.
  for (const std::string name : {"DNS:www.example.com", "DNS:127.0.0.1", "IP:192.0.2.1"}) {
    SCOPED_TRACE(name);
    const Session session = expect_works_through_proxy(
        GetParam(), scene({"DNS:localhost", name}, "127.0.0.1"), fault("backend warning"));
    EXPECT_EQ(word(session, "/sni"), "null");
    EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("none of them is for '127.0.0.1'"));
    EXPECT_THAT(word(session, "/findings/0/remedy"), HasSubstr("as iPAddress, not dNSName"));
  }
}

TEST_P(AddressMismatch, IsNotFoundWhereTheCertificateHasTheAddress) {
  expect_healthy(GetParam(), scene({"DNS:www.example.com", "IP:127.0.0.1"}, "127.0.0.1"));
}

INSTANTIATE_TEST_SUITE_P(
    Between, AddressMismatch,
    ::testing::Values(
        Pair{Client::curl, Server::nginx, "1.2",
             "no alternative certificate subject name matches target host name '127.0.0.1'", 0},
        Pair{Client::python, Server::nginx, "1.3", "IP address mismatch", 42}),
    pair_name);

/// The client's own alert tells that it matters.
TEST_F(AddressMismatch, IsAnErrorWhereTheClientObjects) {
  const Pair pair{Client::python, Server::openssl, "1.2", "IP address mismatch", kBadCertificate};
  expect_fails_in_passthrough(pair, scene({"DNS:localhost"}, "127.0.0.1"), fault("backend error"));
}

// The name is in the CN only: RFC 6125 6.4.4 lets clients take it, browsers and Go do not, and
// Python need not.

class CommonNameOnly : public ::testing::TestWithParam<Version> {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.leaf.san = {};
    return spec;
  }
  static Fault fault(const std::string& blamed) {
    Fault fault = name_mismatch();
    fault.blamed = blamed;
    fault.certificates = {"CN=localhost: common-name-only", "CN=Test Intermediate: fine"};
    fault.problems = {};
    fault.trusted = true;
    return fault;
  }
  static Spoken strict_python(const Visit& visit) {
    return python_client(visit, {"--no-common-name"});
  }
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, spec());
  Pair pair_{Client::python, Server::nginx, GetParam(), "Hostname mismatch", kBadCertificate};
  std::unique_ptr<Backend> backend_ = start(pair_, credentials_);
};

TEST_P(CommonNameOnly, IsRefusedByAClientThatDoesNotReadIt) {
  expect_refused(pair_, strict_python({backend_->port(), credentials_.root}));
  const ProxyProcess proxy(Mode::terminate, *backend_, credentials_);
  const Spoken proxied = strict_python(proxy.visit());
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  const Session session = proxy.session();
  expect_fault(session, "backend_leg", fault("backend warning"));
  EXPECT_EQ(verdict(session), kWorksUnknown) << "our own reading does not speak for the client's";
  expect_as_direct(session, proxied, proxied);
  expect_same_bytes(session);
}

TEST_P(CommonNameOnly, FailsInPassthroughAsItDoesDirectly) {
  const ProxyProcess proxy(Mode::passthrough, *backend_, credentials_);
  expect_refused(pair_, strict_python(proxy.visit()));
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "fails-direct proxied none direct failed by passthrough");
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("client fatal 42"));
  if (GetParam() == "1.2")
    expect_fault(session, "direct_leg", fault("backend error"), kBadCertificate);
  else
    EXPECT_THAT(findings(session), ElementsAre("alert-unexplained both error likely"));
}

/// curl works, and is told that others will not.
TEST_P(CommonNameOnly, IsAWarningToAClientThatReadsIt) {
  const Spoken direct = curl({backend_->port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess proxy(Mode::terminate, *backend_, credentials_);
  const Spoken proxied = curl(proxy.visit());
  EXPECT_EQ(proxied.body, direct.body);
  const Session session = proxy.session();
  expect_fault(session, "backend_leg", fault("backend warning"));
  EXPECT_EQ(verdict(session), kWorksUnknown);
  expect_as_direct(session, direct, proxied);
}

INSTANTIATE_TEST_SUITE_P(Over, CommonNameOnly, ::testing::Values("1.2", "1.3"),
                         [](const auto& version) {
                           return std::string("tls1") + version.param.back();
                         });

/// A CN is for certificates without alternative names; and another host's CN is another host's.
TEST_F(NameMismatch, OfACommonName) {
  const Pair pair{Client::python, Server::nginx, "1.2", "Hostname mismatch", kBadCertificate};
  Fault fault = name_mismatch();
  expect_works_through_proxy(pair, scene({"DNS:www.example.com"}, "localhost"), fault);
  fault.certificates[0] = "CN=www.example.com: name-mismatch";
  const Scene other = scene({}, "localhost", "www.example.com");
  const Session session = expect_works_through_proxy(pair, other, fault);
  EXPECT_EQ(word(session, "/findings/0/presented"),
            "no alternative names; its subject is 'CN=www.example.com'");
  expect_fails_in_passthrough(pair, other, fault);
}

/// The certificate fits the backend's own name: it is the way to the proxy that does not fit.
TEST_F(NameMismatch, OfTheNameByWhichTheProxyIsReached) {
  const Pair pair{Client::curl, Server::nginx, "1.3", "no alternative certificate subject name", 0};
  const Scene missed = scene(names_, "proxy.example.test");
  const auto backend = start(pair, missed.credentials);
  expect_refused(pair, visit_as(pair, backend->port(), missed.trusted, missed.host));
  const ProxyProcess proxy({"--backend", "localhost:" + std::to_string(backend->port()), "--trust",
                            missed.trusted.string()});
  const Spoken proxied = visit_as(pair, proxy.port(), proxy.ca_certificate(), missed.host);
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  const Session session = proxy.session();
  Fault fault = name_mismatch();
  fault.blamed = "proxy warning";
  fault.confidence = "likely";
  expect_fault(session, "backend_leg", fault);
  EXPECT_EQ(verdict(session), kWorksUnknown);
  expect_as_direct(session, proxied, proxied);
  EXPECT_THAT(word(session, "/findings/0/remedy"), HasSubstr("by the backend's name"));
}

}  // namespace
}  // namespace visavis::testing
