// `visavis compare` with a backend that wants a client certificate: the client shows its own
// directly, and the proxy one of its own, if it was given one; if not, that is the proxy's limit.
#include <gtest/gtest.h>

#include "tests/support/comparisons.h"
#include "tests/support/identity.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kIntroduces = "proxy-introduces proxied failed direct ok by passthrough";
const std::string kHealthy = "healthy proxied ok direct ok by passthrough";
const std::string kOurLimit =
    "It works directly and fails through the proxy, which is the proxy's doing: The backend wants "
    "the client's certificate, which the proxy can't pass on.";

class CompareClientCertificate : public ::testing::TestWithParam<Version> {
 protected:
  /// s_server breaks the handshake off; in TLS 1.3 the client has finished then.
  [[nodiscard]] OpensslServer strict() const {
    std::vector<std::string> options = openssl_versions({GetParam()});
    options.insert(options.end(), {"-www", "-Verify", "3", "-verify_return_error", "-CAfile",
                                   alice_.issuer.string()});
    return OpensslServer(credentials_, options);
  }
  /// nginx shakes hands with everybody and answers 400.
  [[nodiscard]] NginxOptions by_status() const {
    return {.versions = {GetParam()},
            .directives =
                "ssl_verify_client on; ssl_client_certificate " + alice_.issuer.string() + ";"};
  }
  [[nodiscard]] std::vector<std::string> alice(std::vector<std::string> more = {}) const {
    const std::vector<std::string> shown = alice_.for_curl();
    more.insert(more.end(), shown.begin(), shown.end());
    return more;
  }
  [[nodiscard]] Compared compare_to(const Backend& backend, std::vector<std::string> options,
                                    const std::vector<std::string>& of_curl) const {
    options.insert(options.end(),
                   {"--trust", credentials_.root.string(), "--resolve", std::string(kHost)});
    std::vector<std::string> words{
        "curl", "-q", "-sS", "--tlsv1.0", "--ciphers", "DEFAULT:@SECLEVEL=0", "--cacert", "{ca}"};
    words.insert(words.end(), of_curl.begin(), of_curl.end());
    words.emplace_back("{url}");
    return compare(backend.address(), options, words);
  }
  [[nodiscard]] Spoken direct(const Backend& backend, std::vector<std::string> options) const {
    options.insert(options.end(), {"--tlsv1.0", "--ciphers", "DEFAULT:@SECLEVEL=0"});
    return curl({backend.port(), credentials_.root}, options);
  }
  [[nodiscard]] static bool late() { return GetParam() == "1.3"; }
  /// curl's: CURLE_SSL_CONNECT_ERROR, or CURLE_SSL_CLIENTCERT where the alert says so.
  [[nodiscard]] static std::string refused() { return late() ? "98" : "35"; }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Identity alice_ = make_identity(folder_, "alice");
};

TEST_P(CompareClientCertificate, OursServesTheProxiedRun) {
  const OpensslServer backend = strict();
  const Spoken alone = direct(backend, alice());
  ASSERT_EQ(alone.exit_code, 0) << alone.errors;
  ASSERT_NE(direct(backend, {}).exit_code, 0);

  const Compared compared = compare_to(backend, alice_.for_proxy(), alice());
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  // TLS 1.0: curl splits, and every policy is tried.
  const std::vector<std::string> runs =
      GetParam() == "1.0"
          ? std::vector<std::string>{"direct: ok 0", "proxied: ok 0", "proxied, split none: ok 0",
                                     "proxied, split 1/n-1: ok 0", "proxied, split 0/n: ok 0"}
          : std::vector<std::string>{"direct: ok 0", "proxied: ok 0"};
  EXPECT_EQ(compared.runs(), runs);
  EXPECT_EQ(verdict(compared.document), kHealthy);
  EXPECT_THAT(findings(compared.document), IsEmpty());
  const Session& proxied = compared.session("proxied");
  for (const std::string leg : {"/client_leg", "/backend_leg"}) {
    EXPECT_EQ(word(proxied, leg + "/client_certificates/0/subject"), "CN=alice");
    EXPECT_EQ(word(proxied, leg + "/established/version/id"), std::to_string(alone.version));
    EXPECT_EQ(word(proxied, leg + "/established/cipher/name"), alone.suite);
  }
  EXPECT_EQ(verdict(proxied), kHealthy);
}

/// The backend breaks off before the client could be asked. That it works directly tells that it
/// has what is wanted.
TEST_P(CompareClientCertificate, WithoutOursItIsOurOwnLimit) {
  const OpensslServer backend = strict();
  ASSERT_EQ(direct(backend, alice()).exit_code, 0);
  const Compared compared = compare_to(backend, {}, alice());
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  ASSERT_EQ(compared.runs().size(), GetParam() == "1.0" ? 5U : 2U);
  EXPECT_EQ(compared.runs()[0], "direct: ok 0");
  EXPECT_EQ(compared.runs()[1], "proxied: failed " + refused());
  EXPECT_EQ(verdict(compared.document), kIntroduces);
  EXPECT_EQ(compared.text("/verdict/headline"), kOurLimit);
  EXPECT_THAT(findings(compared.document),
              ElementsAre("client-certificate-wanted proxy error proven"));
  EXPECT_EQ(compared.text("/findings/0/judged_by"), "backend-alert");
  EXPECT_THAT(compared.text("/findings/0/cause"), HasSubstr("Directly the same client works"));
  EXPECT_THAT(compared.text("/findings/0/remedy"), HasSubstr("--client-cert FILE"));
  const Session& proxied = compared.session("proxied");
  EXPECT_EQ(verdict(proxied), kIntroduces);
  EXPECT_THAT(findings(proxied), ElementsAre("client-certificate-wanted proxy error proven"));
  EXPECT_THAT(alerts(proxied, "backend_leg"),
              ElementsAre(late() ? "backend fatal 116" : "backend fatal 40"));
  EXPECT_EQ(word(proxied, "/backend_leg/client_certificates"), "[]");
}

/// Without a certificate the client fails directly too, and it is the client's to change.
TEST_P(CompareClientCertificate, ThatTheClientHasNotEitherFailsBoth) {
  const OpensslServer backend = strict();
  ASSERT_NE(direct(backend, {}).exit_code, 0);
  const Compared compared = compare_to(backend, {}, {});
  EXPECT_EQ(compared.runs()[0], std::string("direct: failed ") + (late() ? "56" : "35"));
  EXPECT_EQ(compared.runs()[1], "proxied: failed " + refused());
  EXPECT_EQ(verdict(compared.document), "fails-both proxied failed direct failed by passthrough");
  // In TLS 1.3 the direct run shows nobody that the backend asked.
  EXPECT_THAT(findings(compared.document),
              ElementsAre(std::string("client-certificate-wanted client error ") +
                          (late() ? "likely" : "proven")));
}

/// A refusal that is an answer like any other to curl, which ends with 0 in both runs.
TEST_P(CompareClientCertificate, RefusedByStatusIsNoSuccess) {
  const Nginx nginx(credentials_, by_status());
  ASSERT_EQ(direct(nginx, alice()).body, "hello from nginx\n");
  const std::string kLikely = "client-certificate-wanted proxy error likely";

  const Compared shown = compare_to(nginx, {}, alice());
  EXPECT_EQ(shown.exit_code, 1) << shown.errors;
  EXPECT_EQ(shown.runs()[0], "direct: ok 0");
  EXPECT_EQ(shown.runs()[1], "proxied: failed 0");
  EXPECT_EQ(verdict(shown.document), kIntroduces);
  EXPECT_EQ(shown.text("/verdict/headline"), kOurLimit);
  EXPECT_THAT(findings(shown.document), ElementsAre(kLikely));
  EXPECT_EQ(verdict(shown.session("proxied")), kIntroduces);
  EXPECT_EQ(word(shown.session("proxied"), "/http/0/status"), "400");

  const Compared failing = compare_to(nginx, {}, alice({"--fail"}));
  EXPECT_EQ(failing.exit_code, 1) << failing.errors;
  EXPECT_EQ(failing.runs()[1], "proxied: failed 22");
  EXPECT_EQ(verdict(failing.document), kIntroduces);
  EXPECT_EQ(failing.text("/verdict/headline"), kOurLimit);

  // With its output thrown away, it can't be told what the client got directly.
  const Compared hidden = compare_to(nginx, {}, alice({"--output", "/dev/null"}));
  EXPECT_EQ(hidden.exit_code, 0) << hidden.errors;
  EXPECT_EQ(verdict(hidden.document), "unknown proxied ok direct unknown by none");
  EXPECT_THAT(hidden.text("/verdict/headline"), HasSubstr("curl --fail"));
  EXPECT_THAT(findings(hidden.document), ElementsAre(kLikely));

  const Compared given = compare_to(nginx, alice_.for_proxy(), alice());
  EXPECT_EQ(given.exit_code, 0) << given.errors;
  EXPECT_EQ(verdict(given.document), kHealthy);
  EXPECT_THAT(findings(given.document), IsEmpty());
  EXPECT_EQ(given.text("/runs/1/output/0"), "hello from nginx");
}

INSTANTIATE_TEST_SUITE_P(Over, CompareClientCertificate, ::testing::Values("1.0", "1.2", "1.3"),
                         [](const auto& version) {
                           return std::string("tls1") + version.param.back();
                         });

TEST(CompareClientCertificateOptions, AreHeldToTheirFiles) {
  const auto said = [](std::vector<std::string> options) {
    options.insert(options.begin(), {"compare", "127.0.0.1:1"});
    options.insert(options.end(), {"--", "true"});
    const Ran ran = visavis(options);
    EXPECT_EQ(ran.exit_code, 2);
    return ran.errors;
  };
  EXPECT_EQ(said({"--client-key", "/no/such.key"}),
            "visavis: --client-key: goes with --client-cert, whose certificate it is the key of\n");
  EXPECT_THAT(said({"--client-cert", "/no/such.pem"}),
              HasSubstr("--client-cert: cannot read /no/such.pem"));
  const TemporaryDirectory folder;
  const std::string saved = folder.write("saved.json", "{}").string();
  const Ran ran = visavis({"compare", saved, saved, "--client-cert", "/no/such.pem"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.errors,
            "visavis: --client-cert: goes with a client's command, not with files\n");
}

/// A backend that wants what our library can't send. That the client works directly shows whose
/// doing it is, as a twin would.
TEST(CompareOurHello, RefusedIsHeldAgainstNobody) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const PythonPeer picky("picky_server.py", {credentials.chain.string(), credentials.key.string(),
                                             "--want-extension", "28"});  // RFC 8449
  const Spoken direct = gnutls_client({picky.port(), credentials.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Compared compared =
      compare(picky.address(), {"--trust", credentials.root.string()},
              {"sh", "-c",
               "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | gnutls-cli --x509cafile {ca} --sni-hostname "
               "localhost --verify-hostname localhost --port {port} {address}"});
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: ok 0", "proxied: failed 1"));
  EXPECT_EQ(verdict(compared.document), kIntroduces);
  EXPECT_THAT(findings(compared.document), ElementsAre("our-hello-refused proxy error proven"));
  EXPECT_EQ(compared.text("/findings/0/judged_by"), "proxy-check");
  EXPECT_THAT(compared.text("/findings/0/cause"), HasSubstr("record_size_limit"));
}

}  // namespace
}  // namespace visavis::testing
