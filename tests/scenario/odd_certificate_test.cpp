// Certificates and chains that parse, and yet are what few have seen: a NUL in a name, an extension
// twice, absurd sizes. What clients take is healthy; what they refuse is theirs to say.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/open_files.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr int kCurlRefusedName = 60;      // CURLE_PEER_FAILED_VERIFICATION
constexpr int kCurlFailedHandshake = 35;  // CURLE_SSL_CONNECT_ERROR

const std::string kChosen = "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
const std::string kEstablished = " established finished, closed by [a-z]+ [a-z_]+" + kChosen;
const std::string kTooLarge = "certificate-message-too-large backend";
/// No time-out of ours is as short.
constexpr double kOrdinaryMs = 3000;
/// 4,200 names are a certificate of 89 kB, 5,200 one of 110 kB; OpenSSL's clients take 100 kB.
constexpr int kManyNames = 4200;
constexpr int kTooManyNames = 5200;
/// A certificate of 214 kB; visavis reads messages of 256 KiB, which 13,000 names exceed.
constexpr int kTenThousandNames = 10'000;
constexpr int kMoreThanWeRead = 13'000;
/// So many certificates does OpenSSL's default depth of 100 allow, and more.
constexpr int kLongChain = 100;

CertificateSpec rsa_leaf() {
  CertificateSpec spec = leaf_spec(kHost);
  spec.key = TestKey::rsa_2048;
  return spec;
}

CertificateSpec leaf_with_names(int count) {
  CertificateSpec spec = rsa_leaf();
  for (int i = 0; i < count; ++i)
    spec.san.push_back("DNS:n" + std::to_string(1000 + i) + ".names.example");
  return spec;
}

class OddCertificate : public ::testing::TestWithParam<Mode> {
 protected:
  /// A backend with this leaf, and `others` behind it.
  [[nodiscard]] OpensslServer serve(const TestCertificate& leaf, const std::string& others = "",
                                    const std::vector<std::string>& options = {"-www"}) {
    credentials_ = {{},
                    folder_.write("leaf", leaf.pem()),
                    folder_.write("others", others),
                    folder_.write("key", leaf.key_pem()),
                    folder_.write("root", root_.pem())};
    return OpensslServer(credentials_, options);
  }

  /// One visit to the backend, and two through visavis, of which the second is like the first.
  void visit(const OpensslServer& server, int direct_exit, int terminated_exit) {
    const Asking client = curl_with({"--tls-max", "1.2"});
    const Spoken direct = directly(server, credentials_, client);
    ASSERT_EQ(direct.exit_code, direct_exit) << direct.errors;
    ProxyProcess proxy(GetParam(), server, credentials_);
    const std::size_t files = proxy.process().open_files();
    const int expected = passed() ? direct_exit : terminated_exit;
    EXPECT_EQ(client(proxy.visit()).exit_code, expected);
    session_ = proxy.session();
    EXPECT_LT(session_.at_pointer("/duration_ms").to_number<double>(), kOrdinaryMs);
    EXPECT_EQ(client(proxy.visit()).exit_code, expected) << "it is served again";
    // A client that breaks off at a message's header may not let the rest of it come.
    const std::string reached = '/' + legs_of(GetParam()).back() + "/reached";
    if (word(proxy.session(2), reached) == word(session_, reached)) {
      EXPECT_EQ(findings(proxy.session(2)), findings(session_));
    }
    EXPECT_EQ(verdict(proxy.session(2)), verdict(session_));
    expect_open_files(proxy, files);
    EXPECT_EQ(proxy.stop(), 0);
  }

  /// The legs of a session in which all shook hands.
  void expect_established(Lines start) const {
    for (const std::string& leg : legs_of(GetParam()))
      start.push_back(::testing::MatchesRegex(leg + kEstablished + ".*"));
    EXPECT_THAT(story(session_), ElementsAreArray(start));
  }
  void expect_refused(const std::string& reached, const std::string& alert,
                      const std::string& finding) const {
    EXPECT_THAT(story(session_),
                ElementsAre(finding, kFailsDirect,
                            ::testing::MatchesRegex("direct_leg " + reached +
                                                    ", closed by (client|backend) (fin|rst)" +
                                                    kChosen + "; client fatal " + alert)));
  }

  [[nodiscard]] static bool passed() { return GetParam() == Mode::passthrough; }
  [[nodiscard]] std::string shown(const std::string& what) const {
    return word(session_, '/' + legs_of(GetParam()).back() + what);
  }
  [[nodiscard]] std::size_t count(const std::string& what) const {
    return session_.at_pointer('/' + legs_of(GetParam()).back() + what).as_array().size();
  }

  TemporaryDirectory folder_;
  TestCertificate root_ = make_certificate(root_spec());
  Credentials credentials_;
  Session session_;
};

/// "localhost", a NUL, and what else the owner of "x" is allowed to have certified.
TEST_P(OddCertificate, NulInAName) {
  CertificateSpec spec = rsa_leaf();
  spec.common_name = "x";
  spec.san.clear();
  spec.extensions = {
      {"subjectAltName", "DER:30:12:82:10:6c:6f:63:61:6c:68:6f:73:74:00:2e:74:65:73:74:78"}};
  const OpensslServer server = serve(make_certificate(spec, &root_));
  visit(server, kCurlRefusedName, 0);
  expect_established(
      {"name-mismatch backend error proven", passed() ? kFailsDirect : kWorksUnknown});
  EXPECT_EQ(shown("/certificates/0/san"), R"(["DNS:localhost\\00.testx"])");
  if (passed()) return;
  EXPECT_EQ(word(session_, "/client_leg/certificates/0/san"), R"(["DNS:x","DNS:localhost"])")
      << "the NUL is not handed on";
}

/// RFC 5280 4.2 forbids it; OpenSSL minds it only in extensions that it reads.
TEST_P(OddCertificate, UnknownExtensionTwice) {
  CertificateSpec spec = rsa_leaf();
  spec.extensions = {{"1.2.3.4", "DER:05:00"}, {"1.2.3.4", "DER:05:00"}};
  const OpensslServer server = serve(make_certificate(spec, &root_));
  visit(server, 0, 0);
  expect_established({healthy(GetParam())});
  EXPECT_EQ(shown("/certificates/0/problems"), R"(["extension 1.2.3.4 comes twice"])");
}

TEST_P(OddCertificate, SubjectAlternativeNameTwice) {
  CertificateSpec spec = rsa_leaf();
  spec.extensions = {{"subjectAltName", "DNS:localhost"}};
  const OpensslServer server = serve(make_certificate(spec, &root_));
  visit(server, kCurlFailedHandshake, 0);
  if (passed()) {
    expect_refused("failed certificate", "48", "unreadable-certificate backend error proven");
  } else {
    expect_established({"unreadable-certificate backend error proven", kWorksUnknown});
  }
  EXPECT_EQ(shown("/certificates/0/problems"),
            R"(["X509v3 Subject Alternative Name comes twice","unreadable"])");
  EXPECT_EQ(shown("/chain/trusted"), "false");
  EXPECT_EQ(shown("/chain/missing_issuer"), "null") << "it is not the issuer that is missing";
}

TEST_P(OddCertificate, ThousandsOfNames) {
  const OpensslServer server = serve(make_certificate(leaf_with_names(kManyNames), &root_));
  visit(server, 0, 0);
  expect_established(
      {kTooLarge + " warning proven", passed() ? healthy(GetParam()) : kWorksUnknown});
  EXPECT_EQ(count("/certificates/0/san"), kManyNames + 1U);
  EXPECT_EQ(shown("/chain/trusted"), "true");
}

/// curl refuses it directly. Through the proxy it works: our own leaf has fewer names.
TEST_P(OddCertificate, LargerThanOpensslTakes) {
  for (const int names : {kTooManyNames, kTenThousandNames}) {
    SCOPED_TRACE(names);
    const OpensslServer server = serve(make_certificate(leaf_with_names(names), &root_));
    visit(server, kCurlFailedHandshake, 0);
    const std::size_t count_of_names = static_cast<std::size_t>(names) + 1;
    if (!passed()) {
      expect_established({kTooLarge + " error proven", kWorksUnknown});
      EXPECT_EQ(count("/certificates/0/san"), count_of_names);
      EXPECT_EQ(shown("/chain/trusted"), "true");
      continue;
    }
    // The size in the message's header is enough for the client: the rest may come too late.
    expect_refused("failed (server_hello|certificate)", "47", kTooLarge + " error proven");
    EXPECT_EQ(word(session_, "/findings/0/role"), "cause");
    EXPECT_THAT(word(session_, "/findings/0/presented"), ::testing::MatchesRegex("[0-9]+ bytes.*"));
    if (shown("/reached") == "server_hello") continue;
    EXPECT_EQ(count("/certificates/0/san"), count_of_names) << "visavis itself reads on";
    EXPECT_EQ(shown("/chain/trusted"), "true");
  }
}

/// The most that visavis reads: what is beyond it nobody takes.
TEST_P(OddCertificate, LargerThanWeRead) {
  const OpensslServer server = serve(make_certificate(leaf_with_names(kMoreThanWeRead), &root_));
  visit(server, kCurlFailedHandshake, kCurlFailedHandshake);
  if (passed()) {
    expect_refused("failed server_hello", "47", kTooLarge + " error proven");
    return;
  }
  EXPECT_THAT(story(session_), ElementsAre(kTooLarge + " error likely", kFailedUnknown,
                                           "client_leg failed client_hello, closed by proxy fin",
                                           "backend_leg failed server_hello, closed by proxy fin" +
                                               kChosen + "; proxy fatal 47"));
  EXPECT_EQ(word(session_, "/findings/0/role"), "cause");
  EXPECT_EQ(shown("/failure"), "refused by our TLS library: excessive message size (0x0a000098)");
}

/// Java takes messages of 32 KiB (jdk.tls.maxHandshakeMessageSize): 2,000 names are 43 kB.
TEST_P(OddCertificate, LargerThanJavaTakes) {
  constexpr int kTooManyForJava = 2000;
  const Pair java{Client::java, Server::openssl, "1.2", "exceeds the maximum allowed size (32768)",
                  0};
  const OpensslServer server =
      serve(make_certificate(leaf_with_names(kTooManyForJava), &root_), "", {"-tls1_2", "-www"});
  visavis::testing::expect_refused(
      java, visit_as(java, server.port(), credentials_.root, std::string(kHost)));
  const ProxyProcess proxy(GetParam(), server, credentials_);
  const Visit through = proxy.visit();
  const Spoken spoken = visit_as(java, through.port, through.trusted, std::string(kHost));
  session_ = proxy.session();
  if (passed()) {
    visavis::testing::expect_refused(java, spoken);
    EXPECT_THAT(findings(session_), ElementsAre(kTooLarge + " error likely"));
    EXPECT_EQ(word(session_, "/findings/0/role"), "cause");
    EXPECT_EQ(verdict(session_), "fails-direct proxied none direct failed by passthrough");
    return;
  }
  EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
  EXPECT_THAT(findings(session_), ElementsAre(kTooLarge + " warning proven"));
  EXPECT_THAT(word(session_, "/findings/0/cause"), ::testing::HasSubstr("Java"));
  EXPECT_EQ(shown("/chain/trusted"), "true");
  EXPECT_EQ(count("/certificates/0/san"), kTooManyForJava + 1U);
  EXPECT_EQ(verdict(session_), "unknown proxied ok direct unknown by none");
}

TEST_P(OddCertificate, ChainOfAHundred) {
  std::vector<TestCertificate> issuers;
  std::string others;
  for (int i = 1; i < kLongChain; ++i) {
    CertificateSpec spec = intermediate_spec();
    spec.common_name = "CA " + std::to_string(i);
    issuers.push_back(make_certificate(spec, issuers.empty() ? &root_ : &issuers.back()));
    others = issuers.back().pem() + others;
  }
  const OpensslServer server = serve(make_certificate(rsa_leaf(), &issuers.back()), others);
  visit(server, 0, 0);
  expect_established(
      {kTooLarge + " warning proven", passed() ? healthy(GetParam()) : kWorksUnknown});
  EXPECT_EQ(count("/certificates"), std::size_t{kLongChain});
  EXPECT_EQ(shown("/chain/trusted"), "true");
}

TEST_P(OddCertificate, NinetyNineThatNobodyNeeds) {
  std::string others;
  for (int i = 1; i < kLongChain; ++i) {
    CertificateSpec spec = root_spec();
    spec.common_name = "Other " + std::to_string(i);
    others += make_certificate(spec).pem();
  }
  const OpensslServer server = serve(make_certificate(rsa_leaf(), &root_), others);
  visit(server, 0, 0);
  expect_established({kTooLarge + " warning proven", "unrelated-certificates backend info proven",
                      passed() ? healthy(GetParam()) : kWorksUnknown});
  EXPECT_EQ(count("/certificates"), std::size_t{kLongChain});
  EXPECT_EQ(shown("/certificates/99/problems"), R"(["self-signed","not-in-path"])");
}

INSTANTIATE_TEST_SUITE_P(In, OddCertificate, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
