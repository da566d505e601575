// Chains that break a rule of RFC 5280: name constraints, path length, critical extensions, weak
// keys and signatures, and a key usage that does not fit the handshake.
#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

const Pair kCurl{Client::curl, Server::nginx, "1.2", "", 0};

class ChainRules : public ::testing::TestWithParam<Pair> {
 protected:
  Scene scene(const ChainSpec& spec) { return all_trust(make_credentials(folder_, spec)); }
  void expect_both(const ChainSpec& spec, const Fault& fault) {
    const Scene scene = this->scene(spec);
    expect_works_through_proxy(GetParam(), scene, fault);
    expect_fails_in_passthrough(GetParam(), scene, fault);
  }
  TemporaryDirectory folder_;
};

class NameConstraint : public ChainRules {
 protected:
  static ChainSpec spec(const std::string& constraint) {
    ChainSpec spec;
    spec.intermediate.extensions = {{"nameConstraints", constraint}};
    return spec;
  }
};

TEST_P(NameConstraint, ANameOutside) {
  expect_both(spec("critical,permitted;DNS:example.org"),
              {.id = "name-constraint",
               .code = "X509_V_ERR_PERMITTED_VIOLATION",
               .hresult = "0x800b0114",
               .certificates = {"CN=localhost: name-constraint", "CN=Test Intermediate: fine"},
               .problems = {"0 X509_V_ERR_PERMITTED_VIOLATION 0x800b0114"}});
}

TEST_F(NameConstraint, ANameWithin) {
  expect_healthy(kCurl, scene(spec("critical,permitted;DNS:localhost")));
}

INSTANTIATE_TEST_SUITE_P(
    Between, NameConstraint,
    ::testing::Values(Pair{Client::curl, Server::nginx, "1.2", "permitted subtree violation", 46},
                      Pair{Client::java, Server::openssl, "1.2", "name constraints", 46}),
    pair_name);

class PathLength : public ChainRules {};

/// pathlen:0 of the root allows for no CA below it.
TEST_P(PathLength, TheRootAllowsForNoCaBelowIt) {
  ChainSpec spec;
  spec.root.path_length = 0;
  expect_both(spec, {.id = "path-length",
                     .code = "X509_V_ERR_PATH_LENGTH_EXCEEDED",
                     .hresult = "0x80096019",
                     .certificates = {"CN=localhost: fine", "CN=Test Intermediate: fine"},
                     .problems = {"2 X509_V_ERR_PATH_LENGTH_EXCEEDED 0x80096019"}});
}

TEST_F(PathLength, OneIsAllowed) {
  ChainSpec spec;
  spec.root.path_length = 1;
  spec.intermediate.path_length = 0;
  expect_healthy(kCurl, scene(spec));
}

INSTANTIATE_TEST_SUITE_P(Between, PathLength,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2",
                                                "path length constraint exceeded", 48}),
                         pair_name);

class CriticalExtension : public ChainRules {
 protected:
  static ChainSpec spec(const std::string& value) {
    ChainSpec spec;
    spec.leaf.extensions = {{"1.2.3.4", value}};
    return spec;
  }
};

TEST_P(CriticalExtension, ThatNobodyKnows) {
  expect_both(spec("critical,DER:05:00"),
              {.id = "unknown-critical-extension",
               .code = "X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION",
               .hresult = "0x800b0105",
               .certificates = {"CN=localhost: critical-extension", "CN=Test Intermediate: fine"},
               .problems = {"0 X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION 0x800b0105"}});
}

TEST_F(CriticalExtension, ThatIsNotCritical) { expect_healthy(kCurl, scene(spec("DER:05:00"))); }

INSTANTIATE_TEST_SUITE_P(Between, CriticalExtension,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.2",
                                                "unhandled critical extension", 46},
                                           Pair{Client::java, Server::openssl, "1.2",
                                                "unrecognized critical extension", 46}),
                         pair_name);

/// What curl refuses at the security level of its OpenSSL; 0 is what other tests ask for.
class WeakChain : public ChainRules {
 protected:
  void expect_refused_by_curl(const ChainSpec& spec, const std::string& complaint,
                              const std::string& line, const std::string& passed_line) {
    const Credentials credentials = make_credentials(folder_, spec);
    const Nginx nginx(credentials, {.versions = {"1.2"}});
    const Asking client = curl_with({});
    const Spoken direct = directly(nginx, credentials, client);
    ASSERT_EQ(direct.exit_code, 60);  // CURLE_PEER_FAILED_VERIFICATION
    ASSERT_THAT(direct.errors, HasSubstr(complaint));
    const Seen proxied = through(Mode::terminate, nginx, credentials, client);
    EXPECT_EQ(proxied.spoken.exit_code, 0) << proxied.spoken.errors;
    const std::string chosen = "; TLS 1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    EXPECT_THAT(story(proxied.session),
                ElementsAre(line, kWorksUnknown,
                            MatchesRegex("client_leg established finished, .*" + chosen + ".*"),
                            MatchesRegex("backend_leg established finished, .*" + chosen + ".*")));
    EXPECT_THAT(word(proxied.session, "/findings/0/cause"),
                HasSubstr("'CN=Test Intermediate' (number 2 of those sent)"));
    expect_same_bytes(proxied.session);
    const Seen passed = through(Mode::passthrough, nginx, credentials, client);
    EXPECT_EQ(passed.spoken.exit_code, 60);
    EXPECT_THAT(story(passed.session),
                ElementsAre(passed_line, kFailsDirect,
                            MatchesRegex("direct_leg failed certificate, .*" + chosen +
                                         "; client fatal 42")));
    EXPECT_EQ(word(passed.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(passed.session, "/findings/0/judged_by"), "client-alert");
  }
};

TEST_F(WeakChain, SignatureOfAnIntermediate) {
  ChainSpec spec;
  spec.intermediate.digest = "SHA1";
  expect_refused_by_curl(spec, "CA signature digest algorithm too weak",
                         "weak-signature backend error proven",
                         "weak-signature backend error proven");
}

TEST_F(WeakChain, SignatureOfTheRootIsNobodysBusiness) {
  ChainSpec spec;
  spec.root.digest = "SHA1";
  expect_healthy(kCurl, scene(spec));
}

/// A client that is there and refuses makes the warning an error.
TEST_F(WeakChain, KeyOfAnIntermediate) {
  ChainSpec spec;
  spec.intermediate.key = TestKey::rsa_1024;
  expect_refused_by_curl(spec, "CA certificate key too weak", "weak-key backend warning proven",
                         "weak-key backend error proven");
}

TEST_F(WeakChain, KeyOfTwoThousandBits) {
  ChainSpec spec;
  spec.intermediate.key = TestKey::rsa_2048;
  expect_healthy(kCurl, scene(spec));
}

/// All that static RSA needs, with ECDHE: OpenSSL's clients do not look.
class KeyUsage : public ChainRules {
 protected:
  static ChainSpec spec(const std::string& usage) {
    ChainSpec spec;
    spec.leaf.key = TestKey::rsa_2048;
    spec.leaf.key_usage = usage;
    return spec;
  }
};

TEST_P(KeyUsage, DoesNotAllowToSign) {
  expect_both(spec("critical,keyEncipherment"),
              {.id = "key-usage",
               .code = "absent",
               .hresult = "0x800b0110",
               .certificates = {"CN=localhost: no-digital-signature", "CN=Test Intermediate: fine"},
               .trusted = true});
}

TEST_F(KeyUsage, Allows) {
  expect_healthy(kCurl, scene(spec("critical,digitalSignature,keyEncipherment")));
}

INSTANTIATE_TEST_SUITE_P(Between, KeyUsage,
                         ::testing::Values(Pair{Client::java, Server::openssl, "1.2",
                                                "KeyUsage does not allow digital signatures", 46}),
                         pair_name);

}  // namespace
}  // namespace visavis::testing
