// Suites of the past, between two GnuTLS programs: OpenSSL has none of them, so it is seen in
// passthrough.
#include <gtest/gtest.h>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;

std::string only(const std::string& cipher) {
  return "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+" + cipher;
}
Asking client(const std::string& cipher) { return gnutls_with({"--priority", only(cipher)}); }

class WeakCipher : public ::testing::TestWithParam<std::string> {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(WeakCipher, IsWhatTheBackendChose) {
  const GnutlsServer backend(credentials_, only(GetParam()), {"--http"});
  ASSERT_EQ(directly(backend, credentials_, client(GetParam())).exit_code, 0);
  const Seen seen = through(Mode::passthrough, backend, credentials_, client(GetParam()));
  EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
  EXPECT_THAT(findings(seen.session), ElementsAre("weak-cipher backend warning proven"));
  EXPECT_EQ(verdict(seen.session), healthy(Mode::passthrough));
  EXPECT_EQ(word(seen.session, "/findings/0/presented"), GetParam() == "3DES-CBC"
                                                             ? "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"
                                                             : "TLS_ECDHE_RSA_WITH_RC4_128_SHA");
}

TEST_P(WeakCipher, IsAllThatTheClientOffers) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}});
  ASSERT_NE(directly(nginx, credentials_, client(GetParam())).exit_code, 0);
  const Seen seen = through(Mode::passthrough, nginx, credentials_, client(GetParam()));
  EXPECT_THAT(story(seen.session), ElementsAre("no-common-cipher both error likely",
                                               "weak-cipher client warning proven", kFailsDirect,
                                               closed_by_a_peer("direct_leg failed client_hello",
                                                                "; backend fatal 40")));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/1/role"), "observation");
}

INSTANTIATE_TEST_SUITE_P(With, WeakCipher, ::testing::Values("3DES-CBC", "ARCFOUR-128"),
                         [](const auto& cipher) {
                           return std::string(cipher.param == "3DES-CBC" ? "3DES" : "RC4");
                         });

TEST(StrongCipher, IsNone) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const GnutlsServer backend(credentials, only("AES-128-CBC"), {"--http"});
  expect_healthy(Mode::passthrough, backend, credentials, client("AES-128-CBC"));
}

}  // namespace
}  // namespace visavis::testing
