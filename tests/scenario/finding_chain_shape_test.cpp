// Chains that are put together wrongly. Most clients work all the same: what is said is a warning,
// or worth a line.
#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

const Pair kCurl{Client::curl, Server::nginx, "1.2", "", 0};

/// Two intermediates: "CN=localhost", "CN=Lower CA", "CN=Test Intermediate", "CN=Test Root".
class ChainShape : public ::testing::TestWithParam<Pair> {
 protected:
  static CertificateSpec lower_spec() {
    CertificateSpec spec = intermediate_spec();
    spec.common_name = "Lower CA";
    return spec;
  }
  static CertificateSpec stranger() {
    CertificateSpec spec = leaf_spec("stranger.example.com");
    return spec;
  }

  Scene sent(const std::vector<const TestCertificate*>& others) {
    return all_trust(write_credentials(folder_, leaf_, others, root_));
  }

  /// What clients take differently leaves the direct connection unknown; so do GnuTLS' and Java's
  /// hellos, which OpenSSL can't repeat whole.
  static std::string expected_verdict(Mode mode, const std::string& line) {
    const bool repeated = GetParam().client == Client::curl;
    const bool known = line.find(" info ") != std::string::npos && repeated;
    return mode == Mode::passthrough || known ? healthy(mode)
                                              : "unknown proxied ok direct unknown by none";
  }

  /// Works directly and both ways through visavis, which says just this line.
  std::vector<Session> expect_remark(const Scene& scene, const std::string& line) {
    const Pair& pair = GetParam();
    const auto backend = start(pair, scene.credentials);
    const Spoken direct = visit_as(pair, backend->port(), scene.trusted, scene.host);
    EXPECT_EQ(direct.exit_code, 0) << direct.errors;
    std::vector<Session> sessions;
    for (const Mode mode : kBothModes) {
      SCOPED_TRACE(name(mode));
      const bool hidden = mode == Mode::passthrough && pair.version == "1.3";
      const ProxyProcess proxy(mode, *backend, scene.credentials);
      const Visit visit = proxy.visit();
      const Spoken spoken = visit_as(pair, visit.port, visit.trusted, scene.host);
      EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
      EXPECT_EQ(spoken.body, direct.body);
      Session session = proxy.session();
      if (hidden)
        EXPECT_THAT(findings(session), ::testing::IsEmpty());
      else
        EXPECT_THAT(findings(session), ElementsAre(line));
      EXPECT_EQ(verdict(session), expected_verdict(mode, line));
      expect_as_direct(session, direct, spoken);
      if (mode == Mode::terminate) expect_same_bytes(session);
      if (!hidden) {
        EXPECT_EQ(word(session, "/findings/0/role"), "observation");
        sessions.push_back(std::move(session));
      }
    }
    return sessions;
  }

  TemporaryDirectory folder_;
  TestCertificate root_ = make_certificate(root_spec());
  TestCertificate upper_ = make_certificate(intermediate_spec(), &root_);
  TestCertificate lower_ = make_certificate(lower_spec(), &upper_);
  TestCertificate leaf_ = make_certificate(leaf_spec(kHost), &lower_);
};

TEST_P(ChainShape, WrongOrder) {
  for (const Session& session :
       expect_remark(sent({&upper_, &lower_}), "wrong-order-chain backend warning proven")) {
    EXPECT_EQ(word(session, "/findings/0/presented"),
              "a path over the certificates number 1, 3, 2");
    EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("Mbed TLS"));
  }
}

/// GnuTLS told not to sort: in clear, so that passthrough sees what the client refuses.
TEST_F(ChainShape, WrongOrderForAClientThatDoesNotSort) {
  const auto not_sorting = [](bool sorts) {
    return [sorts](const Visit& visit) {
      std::vector<std::string> options{"--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
      if (sorts) options.emplace_back("--sort");
      return unsorting_client(visit, options);
    };
  };
  const Scene wrong = sent({&upper_, &lower_});
  const auto backend = start(kCurl, wrong.credentials);
  ASSERT_EQ(directly(*backend, wrong.credentials, not_sorting(true)).errors, "");
  ASSERT_EQ(directly(*backend, wrong.credentials, not_sorting(false)).errors,
            "GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR");
  const Seen passed = through(Mode::passthrough, *backend, wrong.credentials, not_sorting(false));
  EXPECT_EQ(passed.spoken.errors, "GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR");
  const std::string chosen = "; TLS 1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
  EXPECT_THAT(
      story(passed.session),
      ElementsAre("wrong-order-chain backend error likely", kFailsDirect,
                  closed_by_a_peer("direct_leg failed certificate", chosen + "; client fatal 42")));
  EXPECT_EQ(word(passed.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(passed.session, "/findings/0/judged_by"), "proxy-check");
  // The proxy's own chain is in order.
  const Seen proxied = through(Mode::terminate, *backend, wrong.credentials, not_sorting(false));
  EXPECT_EQ(proxied.spoken.errors, "");
  EXPECT_THAT(findings(proxied.session), ElementsAre("wrong-order-chain backend warning proven"));
  EXPECT_EQ(verdict(proxied.session), kWorksUnknown);
  expect_same_bytes(proxied.session);

  const TemporaryDirectory other;
  const Credentials right = write_credentials(other, leaf_, {&lower_, &upper_}, root_);
  const auto in_order = start(kCurl, right);
  ASSERT_EQ(directly(*in_order, right, not_sorting(false)).errors, "");
  for (const Mode mode : kBothModes)
    EXPECT_THAT(findings(through(mode, *in_order, right, not_sorting(false)).session),
                ::testing::IsEmpty());
}

TEST_F(ChainShape, RightOrder) { expect_healthy(kCurl, sent({&lower_, &upper_})); }

TEST_P(ChainShape, RootIncluded) {
  for (const Session& session :
       expect_remark(sent({&lower_, &upper_, &root_}), "root-included backend info proven"))
    EXPECT_THAT(word(session, "/findings/0/presented"), HasSubstr("(number 4 of those sent)"));
}

TEST_P(ChainShape, AStrangerAndOneTwice) {
  const TestCertificate stranger = make_certificate(this->stranger(), &root_);
  for (const Session& session : expect_remark(sent({&lower_, &upper_, &stranger, &upper_}),
                                              "unrelated-certificates backend info proven"))
    EXPECT_EQ(word(session, "/findings/0/presented"), "2 certificates of 5 that nobody needs");
}

/// As AddTrust and DST Root CA X3 were sent.
TEST_P(ChainShape, ExpiredCrossSignedRoot) {
  CertificateSpec old_spec = root_spec();
  old_spec.common_name = "Old Root";
  const TestCertificate old = make_certificate(old_spec);
  CertificateSpec cross_spec = root_spec();
  cross_spec.not_after_s = 1'590'835'718;  // AddTrust's end: 2020-05-30T10:48:38Z
  const TestCertificate cross = make_certificate(cross_spec, &old, root_.key());
  for (const Session& session : expect_remark(sent({&lower_, &upper_, &cross}),
                                              "expired-cross-signed-root backend warning likely"))
    EXPECT_THAT(word(session, "/findings/0/presented"), HasSubstr("2020-05-30T10:48:38Z"));
}

TEST_F(ChainShape, CrossSignedRootThatIsValid) {
  CertificateSpec old_spec = root_spec();
  old_spec.common_name = "Old Root";
  const TestCertificate old = make_certificate(old_spec);
  const TestCertificate cross = make_certificate(root_spec(), &old, root_.key());
  expect_healthy(kCurl, sent({&lower_, &upper_, &cross}));
}

TEST_P(ChainShape, CaAsLeaf) {
  CertificateSpec spec = leaf_spec(kHost);
  spec.ca = true;
  spec.key_usage = "critical,digitalSignature,keyCertSign";
  const TestCertificate leaf = make_certificate(spec, &upper_);
  const Scene scene = all_trust(write_credentials(folder_, leaf, {&upper_}, root_));
  for (const Session& session : expect_remark(scene, "ca-as-leaf backend warning proven"))
    EXPECT_EQ(word(session, "/findings/0/codes/firefox"),
              "MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY");
}

/// A gateway's CA, which the client was given: it works, and who issued it is worth a line.
TEST_P(ChainShape, IssuedByAnInterceptingProduct) {
  CertificateSpec spec = root_spec();
  spec.common_name = "Zscaler Root CA";
  const TestCertificate gateway = make_certificate(spec);
  const TestCertificate leaf = make_certificate(leaf_spec(kHost), &gateway);
  const Scene scene = all_trust(write_credentials(folder_, leaf, {}, gateway));
  for (const Session& session : expect_remark(scene, "interception-signs network info likely"))
    EXPECT_THAT(word(session, "/findings/0/title"), HasSubstr("(Zscaler)"));
}

/// A gateway's CA that the client was not given: that is what fails, and whose it is worth a word.
TEST_F(ChainShape, IssuedByAnInterceptingProductThatNobodyTrusts) {
  CertificateSpec spec = root_spec();
  spec.common_name = "Zscaler Root CA";
  const TestCertificate gateway = make_certificate(spec);
  const TestCertificate leaf = make_certificate(leaf_spec(kHost), &gateway);
  Credentials credentials = write_credentials(folder_, leaf, {}, gateway);
  const auto backend = start(kCurl, credentials);
  credentials.root = other_root(folder_);
  const Asking client = curl_with({"--tls-max", "1.2"});
  ASSERT_THAT(directly(*backend, credentials, client).errors,
              HasSubstr("unable to get local issuer certificate"));
  const std::string signs = "interception-signs network warning likely";
  const std::string chosen = "; TLS 1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
  const Seen passed = through(Mode::passthrough, *backend, credentials, client);
  EXPECT_EQ(passed.spoken.exit_code, 60);  // CURLE_PEER_FAILED_VERIFICATION
  EXPECT_THAT(
      story(passed.session),
      ElementsAre(signs, "untrusted-root backend error proven", kFailsDirect,
                  closed_by_a_peer("direct_leg failed certificate", chosen + "; client fatal 48")));
  const Seen proxied = through(Mode::terminate, *backend, credentials, client);
  EXPECT_EQ(proxied.spoken.exit_code, 0) << proxied.spoken.errors;
  EXPECT_THAT(story(proxied.session),
              ElementsAre(signs, "untrusted-root backend error likely", kWorksUnknown,
                          MatchesRegex("client_leg established finished, .*" + chosen + ".*"),
                          MatchesRegex("backend_leg established finished, .*" + chosen + ".*")));
  expect_same_bytes(proxied.session);
  for (const Session& session : {passed.session, proxied.session}) {
    EXPECT_EQ(word(session, "/findings/0/id"), "untrusted-root") << "which leads";
    EXPECT_EQ(word(session, "/findings/1/role"), "observation");
    EXPECT_THAT(word(session, "/findings/1/title"), HasSubstr("(Zscaler)"));
  }
  EXPECT_EQ(word(passed.session, "/findings/0/role"), "cause");
}

/// The product's maker has a site, too.
TEST_F(ChainShape, IssuedToAnInterceptingProductsMaker) {
  CertificateSpec spec = leaf_spec(kHost);
  spec.organization = "Zscaler Inc.";
  const TestCertificate leaf = make_certificate(spec, &upper_);
  expect_healthy(kCurl, all_trust(write_credentials(folder_, leaf, {&upper_}, root_)));
}

INSTANTIATE_TEST_SUITE_P(Between, ChainShape,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "", 0},
                                           Pair{Client::java, Server::nginx, "1.2", "", 0},
                                           Pair{Client::gnutls, Server::nginx, "1.3", "", 0}),
                         pair_name);

}  // namespace
}  // namespace visavis::testing
