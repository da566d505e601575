// --fetch-aia: an issuer that a backend does not send is fetched from where the leaf says, as
// browsers do; whatever is there, no session is held up by it.
#include <boost/json.hpp>

#include "tests/scenario/faulty_chain.h"
#include "tests/support/openssl_files.h"

namespace visavis::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kCurlUntrusted = 60;  // CURLE_PEER_FAILED_VERIFICATION
const std::string kProven = "incomplete-chain backend error proven";
const std::string kLikely = "incomplete-chain backend error likely";
/// A fetch is given up after 3 seconds; a session on loopback takes some milliseconds.
constexpr double kUndelayedMs = 1500;

class FetchAia : public ::testing::Test {
 protected:
  FetchAia() {
    (void)folder_.write("issuer.pem", issuer_.pem());
    const std::string issuer = (folder_.path() / "issuer.pem").string();
    openssl({"x509", "-in", issuer, "-outform", "DER", "-out", path("issuer.der")});
    openssl({"crl2pkcs7", "-nocrl", "-certfile", issuer, "-outform", "DER", "-out",
             path("issuer.p7c")});
    openssl({"crl2pkcs7", "-nocrl", "-certfile", issuer, "-out", path("issuer.p7b")});
    (void)folder_.write("root.pem", root_.pem());
    CertificateSpec spec = intermediate_spec();
    (void)folder_.write("namesake.pem", make_certificate(spec, &root_).pem());
    ca_ = std::make_unique<PythonPeer>("issuer_server.py", std::vector{folder_.path().string()});
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  [[nodiscard]] std::string url(const std::string& name) const {
    return "http://" + ca_->address() + '/' + name;
  }
  [[nodiscard]] std::size_t asked() const {
    const std::string output = ca_->process().output();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = output.find("asked ", at)) != std::string::npos; ++at) ++count;
    return count;
  }

  /// A leaf that names this address for its issuer's certificate.
  [[nodiscard]] TestCertificate leaf_with(const std::string& address) const {
    CertificateSpec spec = leaf_spec(kHost);
    if (!address.empty()) spec.extensions = {{"authorityInfoAccess", "caIssuers;URI:" + address}};
    return make_certificate(spec, &issuer_);
  }
  /// nginx in TLS 1.2 that sends the leaf alone.
  [[nodiscard]] std::unique_ptr<Nginx> serve(const TestCertificate& leaf) {
    credentials_ = write_credentials(served_, leaf, {}, root_);
    return std::make_unique<Nginx>(credentials_, NginxOptions{.versions = {"1.2"}});
  }
  [[nodiscard]] static std::string chain(Mode mode, const std::string& what) {
    return '/' + legs_of(mode).back() + "/chain/" + what;
  }

  /// Two visits; the second knows what became of the first one's fetch.
  Session visit_twice(Mode mode, const Backend& backend) {
    const ProxyProcess proxy(mode, backend, credentials_, {"--fetch-aia"});
    const bool passed = mode == Mode::passthrough;
    const Spoken spoken = curl(proxy.visit());
    EXPECT_EQ(spoken.exit_code, passed ? kCurlUntrusted : 0) << spoken.errors;
    const Session first = proxy.session();
    EXPECT_LT(first.at_pointer("/duration_ms").to_number<double>(), kUndelayedMs);
    EXPECT_EQ(verdict(first), passed ? "fails-direct proxied none direct failed by passthrough"
                                     : "unknown proxied ok direct unknown by none");
    EXPECT_EQ(word(first, "/findings/0/role"), passed ? "cause" : "observation");
    if (!passed) expect_same_bytes(first);
    (void)curl(proxy.visit());
    const Session second = proxy.session(2);
    EXPECT_EQ(findings(second), findings(first));
    EXPECT_EQ(word(second, chain(mode, "fetch_problem")),
              word(first, chain(mode, "fetch_problem")));
    return first;
  }

  TemporaryDirectory folder_;
  TemporaryDirectory served_;
  TestCertificate root_ = make_certificate(root_spec());
  TestCertificate issuer_ = make_certificate(intermediate_spec(), &root_);
  std::unique_ptr<PythonPeer> ca_;
  Credentials credentials_;
};

/// DER is what RFC 5280 has there, and a PKCS #7 bundle; PEM is what some servers send.
TEST_F(FetchAia, TheIssuerIsThere) {
  std::size_t fetched = 0;
  for (const std::string name : {"issuer.der", "issuer.p7c", "issuer.pem", "issuer.p7b"}) {
    const auto backend = serve(leaf_with(url(name)));
    ASSERT_EQ(curl({backend->port(), credentials_.root}).exit_code, kCurlUntrusted);
    for (const Mode mode : kBothModes) {
      SCOPED_TRACE(name + " in " + testing::name(mode));
      const Session session = visit_twice(mode, *backend);
      EXPECT_EQ(asked(), ++fetched) << "once for both visits";
      EXPECT_THAT(findings(session), ElementsAre(kProven));
      EXPECT_THAT(word(session, "/findings/0/cause"),
                  HasSubstr("Its certificate was fetched from " + url(name) + ", as browsers do"));
      EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("With it the chain is trusted."));
      EXPECT_EQ(word(session, chain(mode, "found_issuer/where")), "aia");
      EXPECT_EQ(word(session, chain(mode, "found_issuer/url")), url(name));
      EXPECT_EQ(word(session, chain(mode, "found_issuer/subject")), "CN=Test Intermediate");
      EXPECT_EQ(word(session, chain(mode, "found_issuer/trusted")), "true");
      EXPECT_EQ(word(session, chain(mode, "trusted")), "false") << "what was sent is judged";
      EXPECT_EQ(word(session, chain(mode, "fetch_problem")), "");
    }
  }
}

/// Nothing is asked without the option, nor for a chain that is whole.
TEST_F(FetchAia, NothingIsAskedUnasked) {
  const TestCertificate leaf = leaf_with(url("issuer.der"));
  const auto lacking = serve(leaf);
  ProxyProcess without(Mode::terminate, *lacking, credentials_);
  EXPECT_EQ(curl(without.visit()).exit_code, 0);
  EXPECT_THAT(findings(without.session()), ElementsAre(kLikely));
  EXPECT_EQ(word(without.session(), chain(Mode::terminate, "found_issuer")), "null");
  EXPECT_EQ(without.stop(), 0);

  credentials_ = write_credentials(served_, leaf, {&issuer_}, root_);
  const Nginx whole(credentials_, {.versions = {"1.2"}});
  ProxyProcess with(Mode::terminate, whole, credentials_, {"--fetch-aia"});
  EXPECT_EQ(curl(with.visit()).exit_code, 0);
  EXPECT_THAT(findings(with.session()), IsEmpty());
  EXPECT_EQ(with.stop(), 0);
  EXPECT_EQ(asked(), 0U);
}

TEST_F(FetchAia, WhatIsThereIsNoIssuer) {
  const std::string port = std::to_string(free_port());
  const std::vector<std::pair<std::string, std::string>> addresses{
      {url("junk"), ": what came is neither a certificate nor a PKCS #7 bundle of them"},
      {url("namesake.pem"), ": the certificate that came, 'CN=Test Intermediate', did not issue"},
      {url("large"), ": more than 100 KiB came"},
      {url("endless"), ": more than 100 KiB came"},
      {url("cut"), ": no answer that can be read (partial message)"},
      {url("moved"), ": HTTP status 301, a redirect, which is not followed"},
      {url("missing"), ": HTTP status 404"},
      {"http://127.0.0.1:" + port + "/issuer.der", ": no connection (Connection refused)"},
      {"https://" + ca_->address() + "/issuer.der", " is not asked: plain http is"},
      {"ldap://" + ca_->address() + "/cn=ca", " is not asked: plain http is"},
      {"file:///etc/ssl/certs/ca-certificates.crt", " is not asked: plain http is"},
      {"http://user@" + ca_->address() + "/issuer.der", " is not asked: plain http is"}};
  for (const auto& [address, problem] : addresses) {
    SCOPED_TRACE(address);
    const std::size_t before = asked();
    const auto backend = serve(leaf_with(address));
    const Session session = visit_twice(Mode::terminate, *backend);
    EXPECT_LE(asked(), before + 1) << "no second try";
    EXPECT_THAT(findings(session), ElementsAre(kLikely));
    EXPECT_EQ(word(session, chain(Mode::terminate, "found_issuer")), "null");
    EXPECT_THAT(word(session, chain(Mode::terminate, "fetch_problem")),
                HasSubstr(address + problem));
    EXPECT_THAT(word(session, "/findings/0/cause"),
                HasSubstr("It could not be fetched: " + address + problem));
  }
}

TEST_F(FetchAia, TheLeafNamesNoAddress) {
  const auto backend = serve(leaf_with(""));
  const Session session = visit_twice(Mode::terminate, *backend);
  EXPECT_THAT(findings(session), ElementsAre(kLikely));
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("no caIssuers"));
}

/// The client has its page, and other sessions their reports, while we wait.
TEST_F(FetchAia, AServerThatDoesNotAnswerHoldsNobodyUp) {
  for (const std::string name : {"hang", "trickle"}) {
    SCOPED_TRACE(name);
    const auto lacking = serve(leaf_with(url(name)));
    const TemporaryDirectory other;
    const Credentials whole =
        write_credentials(other, make_certificate(leaf_spec(kHost), &root_), {}, root_);
    const Nginx healthy_backend(whole, {.versions = {"1.2"}});
    const std::size_t before = asked();
    ProxyProcess proxy(Mode::terminate, *lacking, credentials_,
                       {"--fetch-aia", "--route", "www.example.test=" + healthy_backend.address()});
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(curl(proxy.visit()).exit_code, 0);
    ASSERT_TRUE(wait_until([&] { return asked() == before + 1; }));
    (void)openssl_client({proxy.port(), proxy.ca_certificate(), "www.example.test"}, {});
    const Session first = proxy.session(1);
    EXPECT_EQ(word(first, "/sni"), "www.example.test") << "the one that waits comes later";
    EXPECT_LT(std::chrono::steady_clock::now() - began, Milliseconds(2500));
    const Session later = proxy.session(2);
    EXPECT_LT(later.at_pointer("/duration_ms").to_number<double>(), kUndelayedMs);
    EXPECT_THAT(findings(later), ElementsAre(kLikely));
    EXPECT_THAT(word(later, "/findings/0/cause"),
                HasSubstr(url(name) + ": no whole answer within 3 seconds"));
    EXPECT_EQ(asked(), before + 1);
    EXPECT_EQ(proxy.stop(), 0);
  }
}

/// The proxy ends while a report waits: it is written all the same.
TEST_F(FetchAia, TheProxyEndsMeanwhile) {
  const auto backend = serve(leaf_with(url("hang")));
  ProxyProcess proxy(Mode::terminate, *backend, credentials_, {"--fetch-aia"});
  EXPECT_EQ(curl(proxy.visit()).exit_code, 0);
  ASSERT_TRUE(wait_until([&] { return asked() == 1; }));
  EXPECT_EQ(proxy.stop(), 0);
  EXPECT_THAT(findings(proxy.session()), ElementsAre(kLikely));
}

/// Two issuers are missing: each names the next.
TEST_F(FetchAia, TwoAreMissing) {
  CertificateSpec spec = intermediate_spec();
  spec.common_name = "Test Issuing CA";
  spec.extensions = {{"authorityInfoAccess", "caIssuers;URI:" + url("issuer.der")}};
  const TestCertificate issuing = make_certificate(spec, &issuer_);
  (void)folder_.write("issuing.pem", issuing.pem());
  CertificateSpec leaf = leaf_spec(kHost);
  leaf.extensions = {
      {"authorityInfoAccess", "caIssuers;URI:ldap:///cn=ca,caIssuers;URI:" + url("issuing.pem")}};
  const auto backend = serve(make_certificate(leaf, &issuing));
  const Session session = visit_twice(Mode::terminate, *backend);
  EXPECT_EQ(asked(), 2U);
  EXPECT_THAT(findings(session), ElementsAre(kProven));
  EXPECT_EQ(word(session, chain(Mode::terminate, "found_issuer/subject")), "CN=Test Issuing CA");
  EXPECT_EQ(word(session, chain(Mode::terminate, "found_issuer/trusted")), "true");
}

/// What is there is the root: then nothing is missing that a backend has to send.
TEST_F(FetchAia, WhatIsThereIsTheRoot) {
  CertificateSpec spec = leaf_spec(kHost);
  spec.extensions = {{"authorityInfoAccess", "caIssuers;URI:" + url("root.pem")}};
  const auto backend = serve(make_certificate(spec, &root_));
  const std::filesystem::path other = other_root(folder_);
  ProxyProcess proxy({"--backend", backend->address(), "--trust", other.string(), "--fetch-aia"});
  EXPECT_EQ(curl(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("untrusted-root backend error likely"));
  EXPECT_THAT(word(session, "/findings/0/cause"),
              AllOf(HasSubstr("It was fetched from " + url("root.pem")), HasSubstr("is a root"),
                    Not(HasSubstr("forgot it"))));
  EXPECT_EQ(word(session, chain(Mode::terminate, "found_issuer/self_issued")), "true");
}

TEST_F(FetchAia, InAComparison) {
  const auto backend = serve(leaf_with(url("issuer.der")));
  const TemporaryDirectory ca;
  const Ran ran =
      visavis({"compare", backend->address(), "--json", "--fetch-aia", "--trust",
               credentials_.root.string(), "--ca-dir", ca.path().string(), "--resolve", "localhost",
               "--", "curl", "-sS", "--cacert", credentials_.root.string(), "{url}"});
  const Session comparison = boost::json::parse(ran.output);
  EXPECT_EQ(word(comparison, "/runs/0/session/direct_leg/chain/found_issuer/url"),
            url("issuer.der"));
  EXPECT_EQ(asked(), 1U);
}

}  // namespace
}  // namespace visavis::testing
