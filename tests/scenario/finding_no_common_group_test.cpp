// What a backend's bare handshake_failure is about where the client's groups or schemes are the odd
// ones, a DHE prime that is too small, and versions that fail by another name.
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Misfit : public ::testing::TestWithParam<Mode> {
 protected:
  /// The pair fails without visavis; with it, `alert` is the backend's answer to the hello.
  Session expect_refused(const Backend& backend, const Asking& client, const std::string& finding,
                         int alert) const {
    const Recorder recorder(backend.port());
    EXPECT_NE(directly(recorder, credentials_, client).exit_code, 0);
    EXPECT_EQ(to_hex(recorder.bytes(0, "s2c")).substr(10),
              "02" + to_hex(std::string(1, static_cast<char>(alert))));
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(story(seen.session), ElementsAreArray(refused_hello(GetParam(), finding, alert)));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_THAT(agreed(seen.session), IsEmpty());
    expect_data(seen.session, false);
    return seen.session;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(Misfit, NoCommonGroupInTls13) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_3", "-groups", "P-384"});
  expect_refused(backend, openssl_with({"-tls1_3", "-groups", "X25519"}),
                 "no-common-group both error likely", 40);
  expect_healthy(GetParam(), backend, credentials_,
                 openssl_with({"-tls1_3", "-groups", "X25519:P-384"}));
}

TEST_P(Misfit, NoCommonGroupInTls12) {
  const Nginx backend(
      credentials_,
      {.versions = {"1.2"}, .suites = "ECDHE", .directives = "ssl_ecdh_curve prime256v1;"});
  const std::string suites = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256";
  expect_refused(backend, curl_with({"--tls-max", "1.2", "--ciphers", suites, "--curves", "P-521"}),
                 "no-common-group both error likely", 40);
  expect_healthy(GetParam(), backend, credentials_,
                 curl_with({"--tls-max", "1.2", "--ciphers", suites, "--curves", "P-521:P-256"}));
}

TEST_P(Misfit, NoCommonSignature) {
  const OpensslServer backend(credentials_, {"-www"});
  const Session session =
      expect_refused(backend, openssl_with({"-tls1_3", "-sigalgs", "ECDSA+SHA256:ECDSA+SHA384"}),
                     "no-common-signature both error likely", 40);
  EXPECT_THAT(word(session, "/findings/0/presented"), HasSubstr("ecdsa_secp256r1_sha256"));
  expect_healthy(GetParam(), backend, credentials_,
                 openssl_with({"-tls1_3", "-sigalgs", "ECDSA+SHA256:rsa_pss_rsae_sha256"}));
}

/// SHA-1 is barred at security level 1 and above.
TEST_P(Misfit, NoCommonSignatureButSha1) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2"});
  const Session session = expect_refused(
      backend,
      openssl_with({"-tls1_2", "-sigalgs", "RSA+SHA1:ECDSA+SHA1", "-cipher",
                    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0"}),
      "no-common-signature both error likely", 40);
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("SHA-1"));
}

/// Refuser is a client with one group, which breaks off by an alert of its own.
struct Refuser {
  std::string name;
  Asking client;
  int alert;
};

/// An old server that knows one curve and never looks at the list: a forwarder makes the server
/// believe that P-256 is offered in place of x25519.
TEST_P(Misfit, ACurveThatTheClientDidNotOffer) {
  const OpensslServer server(credentials_, {"-www", "-tls1_2", "-cipher",
                                            "ECDHE-RSA-AES128-GCM-SHA256", "-curves", "P-256"});
  const PythonPeer backend("forwarder.py", {"--to", std::to_string(server.port()), "--replace",
                                            "c2s:000a00040002001d:000a000400020017"});
  const std::string suite = "ECDHE-RSA-AES128-GCM-SHA256";
  const Refuser refusers[] = {
      {"curl", curl_with({"--tls-max", "1.2", "--ciphers", suite, "--curves", "X25519"}), 47},
      {"openssl", openssl_with({"-tls1_2", "-cipher", suite, "-curves", "X25519"}), 47},
      {"gnutls",
       gnutls_with({"--priority",
                    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM:"
                    "-GROUP-ALL:+GROUP-X25519"}),
       40}};
  const std::string proven = "no-common-group backend error proven";
  const std::string chosen = "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; ";
  for (const Refuser& refuser : refusers) {
    SCOPED_TRACE(refuser.name);
    const Recorder recorder(backend.port());
    ASSERT_NE(directly(recorder, credentials_, refuser.client).exit_code, 0);
    const std::string alert = to_hex(std::string(1, static_cast<char>(refuser.alert)));
    ASSERT_THAT(to_hex(recorder.bytes(0, "c2s")), EndsWith("150303000202" + alert));
    const Seen seen = through(GetParam(), backend, credentials_, refuser.client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    if (GetParam() == Mode::passthrough) {
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(proven, kFailsDirect,
                      closed_by_a_peer("direct_leg failed certificate",
                                       chosen + "client fatal " + std::to_string(refuser.alert))));
      EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "client-alert");
    } else {
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(
              proven, kFailsBoth,
              ::testing::StartsWith("client_leg failed client_hello, closed by proxy fin"),
              "backend_leg failed certificate, closed by proxy fin" + chosen + "proxy fatal 47"));
      EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "proxy-check");
    }
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_THAT(word(seen.session, "/findings/0/cause"), HasSubstr("is of secp256r1"));
    expect_data(seen.session, false);
  }
  expect_healthy(GetParam(), server, credentials_,
                 curl_with({"--tls-max", "1.2", "--ciphers", suite, "--curves", "X25519:P-256"}));
}

/// OpenSSL 3 has TLS 1.0 and no signature for it: alert 80, and not 70.
TEST_P(Misfit, Tls10WithoutASignature) {
  const OpensslServer backend(credentials_,
                              {"-www", "-no_tls1_3", "-cipher", "DEFAULT:@SECLEVEL=1"});
  expect_refused(backend,
                 curl_with({"--tlsv1.0", "--tls-max", "1.0", "--ciphers", "DEFAULT:@SECLEVEL=0"}),
                 "no-common-version both error likely", 80);
}

/// RFC 7507: the backend has more than the hello asks for, and the hello says that it is a retry.
TEST_P(Misfit, AFallbackThatIsRefused) {
  const OpensslServer backend(credentials_, {"-www", "-cipher", "DEFAULT:@SECLEVEL=0"});
  const std::vector<std::string> old{"-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"};
  std::vector<std::string> retry = old;
  retry.push_back("-fallback_scsv");
  expect_refused(backend, openssl_with(retry), "no-common-version client error proven", 86);
  expect_healthy(GetParam(), backend, credentials_, openssl_with(old));
}

const std::string kDheSuite = "TLS 1.2 TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";

/// 1024 bits: enough for security level 1, and not for 2, the default of Debian.
class SmallPrime : public Misfit {
 protected:
  [[nodiscard]] NginxOptions with_prime(int bits) const {
    const std::string file = (folder_.path() / ("dh" + std::to_string(bits))).string();
    const Ran made = run({{"openssl", "dhparam", "-dsaparam", "-out", file, std::to_string(bits)}});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    return {.versions = {"1.2"},
            .suites = "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
            .directives = "ssl_dhparam " + file + ";"};
  }
};

TEST_P(SmallPrime, IsRefusedByAStrictClient) {
  const Nginx backend(credentials_, with_prime(1024));
  const Asking strict =
      openssl_with({"-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=2"});
  const Spoken direct = directly(backend, credentials_, strict);
  ASSERT_NE(direct.exit_code, 0);
  ASSERT_THAT(direct.errors, HasSubstr("dh key too small"));
  const Seen seen = through(GetParam(), backend, credentials_, strict);
  const std::string chosen = "; TLS 1.2 TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
  if (GetParam() == Mode::passthrough) {
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(story(seen.session), ElementsAre("dh-too-small backend error likely", kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed certificate",
                                                                  chosen + "; client fatal 40")));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    expect_data(seen.session, false);
  } else {
    // The prime that the client gets is the proxy's own: what hides the failure is named.
    EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
    EXPECT_THAT(findings(seen.session), ElementsAre("dh-too-small backend warning proven"));
    EXPECT_EQ(verdict(seen.session), kWorksUnknown);
    EXPECT_THAT(agreed(seen.session), ElementsAreArray(agreed_by_all(GetParam(), kDheSuite)));
    expect_data(seen.session, true);
  }
}

/// OpenSSL takes nothing below 1024 bits at any level: neither curl nor the proxy's library does.
/// GnuTLS serves what it is given.
TEST_P(SmallPrime, OfWhichNobodyTakesLess) {
  for (const int bits : {512, 768}) {
    SCOPED_TRACE(bits);
    const std::string file = (folder_.path() / ("prime" + std::to_string(bits))).string();
    const Ran made = run({{"openssl", "dhparam", "-out", file, std::to_string(bits)}});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    const GnutlsServer backend(credentials_, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA",
                               {"--http", "--dhparams", file});
    const Asking client =
        curl_with({"--tls-max", "1.2", "--ciphers", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"});
    ASSERT_THAT(directly(backend, credentials_, client).errors, HasSubstr("dh key too small"));
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    const std::string chosen = "; " + kDheSuite + "; ";
    const std::string found = "dh-too-small backend error likely";
    if (GetParam() == Mode::passthrough)
      EXPECT_THAT(story(seen.session), ElementsAre(found, kFailsDirect,
                                                   closed_by_a_peer("direct_leg failed certificate",
                                                                    chosen + "client fatal 40")));
    else
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(
              found, kFailedUnknown, "client_leg failed client_hello, closed by proxy fin",
              "backend_leg failed certificate, closed by proxy fin" + chosen + "proxy fatal 40"));
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"),
              GetParam() == Mode::passthrough ? "client-alert" : "proxy-check");
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(seen.session, "/findings/0/presented"), std::to_string(bits) + "-bit prime");
    expect_data(seen.session, false);
  }
}

TEST_P(SmallPrime, IsWorthAWarningWhereItIsTaken) {
  const Nginx small(credentials_, with_prime(1024));
  const Asking lenient =
      openssl_with({"-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=1"});
  ASSERT_EQ(directly(small, credentials_, lenient).exit_code, 0);
  const Seen seen = through(GetParam(), small, credentials_, lenient);
  EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
  EXPECT_THAT(findings(seen.session), ElementsAre("dh-too-small backend warning proven"));
  EXPECT_EQ(verdict(seen.session),
            GetParam() == Mode::passthrough ? healthy(GetParam()) : kWorksUnknown);
  EXPECT_THAT(agreed(seen.session), ElementsAreArray(agreed_by_all(GetParam(), kDheSuite)));
  expect_data(seen.session, true);
  const Nginx large(credentials_, with_prime(2048));
  expect_healthy(GetParam(), large, credentials_, lenient);
}

INSTANTIATE_TEST_SUITE_P(In, Misfit, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });
INSTANTIATE_TEST_SUITE_P(In, SmallPrime, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
