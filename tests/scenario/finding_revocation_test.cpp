// What a CA has withdrawn, and what a backend staples to its certificate. GnuTLS' client looks at
// staples by default, OpenSSL's do not.
#include "tests/scenario/agreed.h"
#include "tests/scenario/faulty_chain.h"
#include "tests/support/revocation.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kSuite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";

class Revocation : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const Der& der) const {
    return folder_.write(name, std::string(der.begin(), der.end()));
  }
  Credentials credentials(const TestCertificate& leaf) const {
    return write_credentials(folder_, leaf, {&issuer_}, root_);
  }
  OcspSpec answer(const TestCertificate& subject) const {
    return {.subject = subject,
            .issuer = issuer_,
            .this_update_s = seconds_from_now(-kDay),
            .next_update_s = seconds_from_now(kDay)};
  }
  /// s_server in TLS 1.2 with this staple (none: empty).
  static OpensslServer server(const Credentials& credentials, const std::filesystem::path& staple) {
    std::vector<std::string> options = openssl_versions({"1.2"});
    options.emplace_back("-www");
    if (!staple.empty()) {
      options.emplace_back("-status_file");
      options.push_back(staple.string());
    }
    return {credentials, options};
  }
  static Spoken gnutls(std::uint16_t port, const std::filesystem::path& trusted) {
    return visit_as({Client::gnutls, Server::openssl, "1.2", "", 0}, port, trusted,
                    std::string(kHost));
  }

  /// GnuTLS refuses it directly and in passthrough, with an alert; through the proxy it works.
  void expect_refused_by_gnutls(const TestCertificate& leaf, const std::filesystem::path& staple,
                                const std::string& complaint, const std::string& id,
                                const std::string& severity) {
    const Credentials shown = credentials(leaf);
    const OpensslServer backend = server(shown, staple);
    const Spoken direct = gnutls(backend.port(), shown.root);
    ASSERT_EQ(direct.exit_code, 1);
    ASSERT_THAT(direct.errors, HasSubstr(complaint));
    for (const Mode mode : kBothModes) {
      SCOPED_TRACE(name(mode));
      const bool passed = mode == Mode::passthrough;
      const ProxyProcess proxy(mode, backend, shown);
      const Visit visit = proxy.visit();
      const Spoken spoken = gnutls(visit.port, visit.trusted);
      EXPECT_EQ(spoken.exit_code, passed ? 1 : 0) << spoken.errors;
      const Session session = proxy.session();
      EXPECT_THAT(findings(session),
                  ElementsAre(id + " backend " + (passed ? "error" : severity) + " proven"));
      EXPECT_EQ(word(session, "/findings/0/role"), passed ? "cause" : "observation");
      EXPECT_EQ(verdict(session), passed ? "fails-direct proxied none direct failed by passthrough"
                                         : "unknown proxied ok direct unknown by none");
      if (passed) {
        const std::string chosen = "; TLS 1.2 " + kSuite;
        EXPECT_THAT(story(session).back(), closed_by_a_peer("direct_leg failed certificate",
                                                            chosen + "; client fatal [0-9]+"));
        expect_data(session, false);
      } else {
        EXPECT_EQ(agreed(session), agreed_by_all(mode, "TLS 1.2 " + kSuite));
        expect_same_bytes(session);
        expect_data(session, true);
      }
    }
  }

  TemporaryDirectory folder_;
  TestCertificate root_ = make_certificate(root_spec());
  TestCertificate issuer_ = make_certificate(intermediate_spec(), &root_);
  TestCertificate leaf_ = make_certificate(leaf_spec(kHost), &issuer_);
};

TEST_F(Revocation, AGoodStapleIsHealthy) {
  const Credentials shown = credentials(leaf_);
  const OpensslServer backend = server(shown, file("good", make_ocsp_response(answer(leaf_))));
  const Spoken direct = gnutls(backend.port(), shown.root);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const ProxyProcess proxy(mode, backend, shown);
    const Visit visit = proxy.visit();
    const Spoken spoken = gnutls(visit.port, visit.trusted);
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), IsEmpty());
    expect_as_direct(session, direct, spoken);
    expect_data(session, true);
    if (mode == Mode::terminate) expect_same_bytes(session);
    // OpenSSL can't repeat GnuTLS' hello whole.
    EXPECT_EQ(verdict(session), mode == Mode::passthrough
                                    ? healthy(mode)
                                    : "unknown proxied ok direct unknown by none");
    const std::string leg = legs_of(mode).back();
    EXPECT_EQ(word(session, "/" + leg + "/stapled_ocsp/status"), "good");
    EXPECT_EQ(word(session, "/" + leg + "/stapled_ocsp/for_this_certificate"), "true");
    EXPECT_EQ(word(session, "/" + leg + "/stapled_ocsp/signature_ok"), "true");
  }
}

TEST_F(Revocation, TheStapleSaysSo) {
  OcspSpec spec = answer(leaf_);
  spec.revoked = true;
  expect_refused_by_gnutls(leaf_, file("revoked", make_ocsp_response(spec)), "chain is revoked",
                           "revoked", "error");
}

TEST_F(Revocation, TheStapleIsOfAnotherCertificate) {
  const TestCertificate former = make_certificate(leaf_spec(kHost), &issuer_);
  expect_refused_by_gnutls(leaf_, file("foreign", make_ocsp_response(answer(former))),
                           "OCSP status response is invalid", "foreign-staple", "warning");
}

TEST_F(Revocation, MustStapleIsMissing) {
  CertificateSpec spec = leaf_spec(kHost);
  spec.extensions = {{"tlsfeature", "status_request"}};
  const TestCertificate leaf = make_certificate(spec, &issuer_);
  expect_refused_by_gnutls(leaf, "", "OCSP status is missing", "must-staple-missing", "warning");
}

/// A client that does not ask gets none, and minds not.
TEST_F(Revocation, MustStapleIsNotMissedByWhoDoesNotAsk) {
  CertificateSpec spec = leaf_spec(kHost);
  spec.extensions = {{"tlsfeature", "status_request"}};
  const Credentials shown = credentials(make_certificate(spec, &issuer_));
  const OpensslServer backend = server(shown, "");
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    expect_healthy(mode, backend, shown, curl_with({}));
  }
}

TEST_F(Revocation, TheStapleIsStale) {
  OcspSpec spec = answer(leaf_);
  spec.this_update_s = seconds_from_now(-9 * kDay);
  spec.next_update_s = seconds_from_now(-2 * kDay);
  expect_refused_by_gnutls(leaf_, file("stale", make_ocsp_response(spec)), "OCSP data are old",
                           "stale-staple", "warning");
}

TEST_F(Revocation, ACrlSaysSo) {
  const Credentials shown = credentials(leaf_);
  const auto crl = folder_.write("crl.pem", crl_pem(make_crl(issuer_, {&leaf_})));
  const auto other = folder_.write("none.pem", crl_pem(make_crl(issuer_, {})));
  const OpensslServer backend = server(shown, "");
  // Only who has the list refuses.
  const Spoken direct = curl({backend.port(), shown.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  for (const bool listed : {true, false}) {
    SCOPED_TRACE(listed);
    ProxyProcess proxy({"--backend", backend.address(), "--trust", shown.root.string(), "--crl",
                        (listed ? crl : other).string()});
    const Spoken spoken = curl(proxy.visit());
    const Session session = proxy.session();
    expect_as_direct(session, direct, spoken);
    expect_same_bytes(session);
    expect_data(session, true);
    if (!listed) {
      EXPECT_THAT(findings(session), IsEmpty());
      EXPECT_EQ(verdict(session), healthy(Mode::terminate));
      continue;
    }
    // Whether the client has such a list is not known.
    EXPECT_EQ(verdict(session), kWorksUnknown);
    EXPECT_EQ(word(session, "/findings/0/role"), "observation");
    EXPECT_THAT(findings(session), ElementsAre("revoked backend error proven"));
    EXPECT_THAT(chain_problems(session, "backend_leg"),
                ElementsAre("0 X509_V_ERR_CERT_REVOKED 0x80092010"));
    EXPECT_THAT(certificate_problems(session, "backend_leg"),
                ElementsAre("CN=localhost: revoked", "CN=Test Intermediate: fine"));
  }
}

}  // namespace
}  // namespace visavis::testing
