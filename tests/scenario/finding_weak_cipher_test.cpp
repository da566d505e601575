// Suites of the past. RC4 and 3DES speak two GnuTLS programs: OpenSSL has none of them, so they are
// seen in passthrough, and through terminate by the twin. Those without encryption or
// authentication OpenSSL still has.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kChosen = "weak-cipher backend warning proven";
const std::string kOffered = "weak-cipher client warning proven";
const std::string kNoCommon = "no-common-cipher both error likely";

std::string only(const std::string& cipher) {
  return "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+" + cipher;
}
Asking client(const std::string& cipher) { return gnutls_with({"--priority", only(cipher)}); }

class WeakCipher : public ::testing::TestWithParam<std::string> {
 protected:
  static std::string suite() {
    return GetParam() == "3DES-CBC" ? "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"
                                    : "TLS_ECDHE_RSA_WITH_RC4_128_SHA";
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(WeakCipher, IsWhatTheBackendChose) {
  const GnutlsServer backend(credentials_, only(GetParam()), {"--http"});
  ASSERT_EQ(directly(backend, credentials_, client(GetParam())).exit_code, 0);
  const Seen seen = through(Mode::passthrough, backend, credentials_, client(GetParam()));
  EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
  EXPECT_THAT(findings(seen.session), ElementsAre(kChosen));
  EXPECT_EQ(verdict(seen.session), healthy(Mode::passthrough));
  EXPECT_EQ(word(seen.session, "/findings/0/presented"), suite());
  EXPECT_THAT(agreed(seen.session), ElementsAre("direct_leg: TLS 1.2 " + suite()));
  expect_data(seen.session, true);
}

TEST_P(WeakCipher, IsAllThatTheClientOffers) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}});
  ASSERT_NE(directly(nginx, credentials_, client(GetParam())).exit_code, 0);
  const Seen seen = through(Mode::passthrough, nginx, credentials_, client(GetParam()));
  EXPECT_THAT(story(seen.session), ElementsAre(kNoCommon, kOffered, kFailsDirect,
                                               closed_by_a_peer("direct_leg failed client_hello",
                                                                "; backend fatal 40")));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/1/role"), "observation");
  expect_data(seen.session, false);
}

/// Our library has none of them to offer: the backend is asked by the client's own hello.
TEST_P(WeakCipher, IsAllThatTheClientOffersThroughTerminate) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}});
  const Seen seen =
      through(Mode::terminate, nginx, credentials_, client(GetParam()), {"--twin", "auto"});
  EXPECT_NE(seen.spoken.exit_code, 0);
  EXPECT_THAT(findings(seen.session), ElementsAre(kNoCommon, kOffered));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/evidence/0/leg"), "direct_leg");
  EXPECT_EQ(verdict(seen.session), "fails-both proxied failed direct failed by twin");
  EXPECT_THAT(alerts(seen.session, "client_leg"), ElementsAre("proxy fatal 40"));
  EXPECT_THAT(alerts(seen.session, "direct_leg"), ElementsAre("backend fatal 40"));
  EXPECT_EQ(word(seen.session, "/backend_leg/client_hello"), "null");
  expect_data(seen.session, false);
}

INSTANTIATE_TEST_SUITE_P(With, WeakCipher, ::testing::Values("3DES-CBC", "ARCFOUR-128"),
                         [](const auto& cipher) {
                           return std::string(cipher.param == "3DES-CBC" ? "3DES" : "RC4");
                         });

/// Bare is a suite that lacks something, and that OpenSSL still speaks at security level 0.
struct Bare {
  std::string name;
  std::string openssl;
  std::string suite;
  std::string why;
};
void PrintTo(const Bare& bare, std::ostream* out) { *out << bare.name; }
const Bare kBare[] = {
    {"Null", "NULL-SHA256", "TLS_RSA_WITH_NULL_SHA256", "it does not encrypt at all"},
    {"NullWithEcdhe", "ECDHE-RSA-NULL-SHA", "TLS_ECDHE_RSA_WITH_NULL_SHA",
     "it does not encrypt at all"},
    {"Anonymous", "AECDH-AES128-SHA", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
     "nobody proves who he is"}};

class BareCipher : public ::testing::TestWithParam<std::tuple<Mode, Bare>> {
 protected:
  [[nodiscard]] static Asking client(const std::string& suites) {
    return openssl_with({"-tls1_2", "-cipher", suites + ":@SECLEVEL=0"});
  }
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(BareCipher, IsWhatTheBackendChose) {
  const auto& [mode, bare] = GetParam();
  const OpensslServer backend(credentials_,
                              {"-www", "-tls1_2", "-cipher", bare.openssl + ":@SECLEVEL=0"});
  ASSERT_EQ(directly(backend, credentials_, client(bare.openssl)).exit_code, 0);
  const Seen seen = through(mode, backend, credentials_, client(bare.openssl));
  EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
  EXPECT_THAT(findings(seen.session), ElementsAre(kChosen));
  // Where no certificate is sent there is none that the client could be known to take.
  EXPECT_EQ(verdict(seen.session),
            mode == Mode::terminate && bare.name == "Anonymous" ? kWorksUnknown : healthy(mode));
  EXPECT_THAT(word(seen.session, "/findings/0/cause"), HasSubstr(bare.why));
  EXPECT_THAT(agreed(seen.session), ElementsAreArray(agreed_by_all(mode, "TLS 1.2 " + bare.suite)));
  expect_data(seen.session, true);
}

TEST_P(BareCipher, IsAllThatTheClientOffers) {
  const auto& [mode, bare] = GetParam();
  const Nginx nginx(credentials_, {.versions = {"1.2"}, .suites = "DEFAULT"});
  ASSERT_NE(directly(nginx, credentials_, client(bare.openssl)).exit_code, 0);
  const Seen seen = through(mode, nginx, credentials_, client(bare.openssl));
  EXPECT_NE(seen.spoken.exit_code, 0);
  Lines expected = refused_hello(mode, kNoCommon, 40);
  expected.insert(expected.begin() + 1, kOffered);
  EXPECT_THAT(story(seen.session), ElementsAreArray(expected));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_THAT(agreed(seen.session), IsEmpty());
  expect_data(seen.session, false);
}

/// Beside a good one it is nobody's fault, and not chosen.
TEST_P(BareCipher, BesideAGoodOneIsNone) {
  const auto& [mode, bare] = GetParam();
  const Nginx nginx(credentials_, {.versions = {"1.2"}, .suites = "DEFAULT"});
  expect_healthy(mode, nginx, credentials_, client("ECDHE-RSA-AES128-GCM-SHA256:" + bare.openssl));
}

INSTANTIATE_TEST_SUITE_P(
    Of, BareCipher, ::testing::Combine(::testing::ValuesIn(kBothModes), ::testing::ValuesIn(kBare)),
    [](const auto& test) { return name(std::get<0>(test.param)) + std::get<1>(test.param).name; });

/// No library has export suites any more: a client of 1998, written byte by byte.
TEST(ExportCipher, IsAllThatTheClientOffers) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const Nginx nginx(credentials, {.versions = {"1.0", "1.1", "1.2"}});
  const std::string body =
      R"(\x03\x01)" + std::string(32, 'r') + R"(\x00\x00\x06\x00\x03\x00\x08\x00\x14\x01\x00)";
  const std::string hello = R"(\x16\x03\x01\x00\x31\x01\x00\x00\x2d)" + body;
  const auto answer = [&](std::uint16_t port) {
    return run({python("raw_client.py", {"--port", std::to_string(port), "say", "--text", hello})})
        .output;
  };
  ASSERT_THAT(answer(nginx.port()), ::testing::StartsWith("15030100020228"));
  for (const Mode mode : kBothModes) {
    const ProxyProcess proxy(mode, nginx, credentials, {"--twin", "auto"});
    EXPECT_THAT(answer(proxy.port()), HasSubstr("020228"));
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ElementsAre(kNoCommon, kOffered)) << name(mode);
    EXPECT_EQ(verdict(session), mode == Mode::terminate
                                    ? "fails-both proxied failed direct failed by twin"
                                    : kFailsDirect);
    EXPECT_THAT(word(session, "/findings/1/cause"), HasSubstr("FREAK, Logjam"));
    expect_data(session, false);
  }
}

TEST(StrongCipher, IsNone) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const GnutlsServer backend(credentials, only("AES-128-CBC"), {"--http"});
  expect_healthy(Mode::passthrough, backend, credentials, client("AES-128-CBC"));
}

}  // namespace
}  // namespace visavis::testing
