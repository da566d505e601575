// Backends and clients with one key exchange only: static RSA, DHE, a pre-shared key. Where the two
// still meet it works, and those are named that fail; where they do not, the key exchange is named.
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kHandshakeFailure = 40;
const std::string kNoCommon = "no-common-cipher both error likely";
const std::string kTitle = "Client and backend probably share no usable cipher suite";

class KeyExchangeOnly : public ::testing::TestWithParam<Mode> {
 protected:
  /// It works directly and through visavis, which finds `found`, and no other reason to worry.
  void expect_works(const Backend& backend, const Asking& client, const Lines& found,
                    const std::string& agreed_on) const {
    ASSERT_EQ(directly(backend, credentials_, client).exit_code, 0);
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
    EXPECT_THAT(findings(seen.session), ElementsAreArray(found));
    EXPECT_EQ(verdict(seen.session), healthy(GetParam()));
    EXPECT_THAT(agreed(seen.session), ElementsAreArray(agreed_by_all(GetParam(), agreed_on)));
    expect_data(seen.session, true);
  }

  /// It fails directly by the backend's alert, and in the same way through visavis.
  Session expect_refused(const Backend& backend, const Asking& client, bool repeated = true) const {
    const Recorder recorder(backend.port());
    EXPECT_NE(directly(recorder, credentials_, client).exit_code, 0);
    EXPECT_EQ(to_hex(recorder.bytes(0, "s2c")).substr(10), "0228") << "handshake_failure";
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(story(seen.session), ElementsAreArray(refused_hello(GetParam(), kNoCommon,
                                                                    kHandshakeFailure, repeated)));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_THAT(agreed(seen.session), IsEmpty());
    expect_data(seen.session, false);
    return seen.session;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// OpenSSL offers TLS 1.3 and ECDHE; Go and Java 24 would offer nothing that this backend has.
TEST_P(KeyExchangeOnly, ABackendWithStaticRsaOnly) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2", "-cipher", "kRSA"});
  const std::string suite = "TLS 1.2 TLS_RSA_WITH_AES_256_GCM_SHA384";
  expect_works(backend, curl_with({}), {"static-rsa-only backend warning likely"}, suite);
  // A client that offers nothing else says nothing about the backend.
  expect_works(backend, curl_with({"--ciphers", "AES256-GCM-SHA384"}), {}, suite);
  expect_works(backend, curl_with({"--tls-max", "1.2"}), {}, suite);
  const OpensslServer more(credentials_, {"-www", "-tls1_2", "-cipher", "kRSA:ECDHE"});
  expect_healthy(GetParam(), more, credentials_, curl_with({}));
}

TEST_P(KeyExchangeOnly, ABackendWithDheOnly) {
  const std::string file = (folder_.path() / "dh2048").string();
  ASSERT_EQ(run({{"openssl", "dhparam", "-dsaparam", "-out", file, "2048"}}).exit_code, 0);
  const std::string parameters = "ssl_dhparam " + file + ";";
  const std::string suites = "DHE-RSA-AES128-GCM-SHA256";
  const Nginx backend(credentials_,
                      {.versions = {"1.2"}, .suites = suites, .directives = parameters});
  const std::string suite = "TLS 1.2 TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
  expect_works(backend, curl_with({}), {"dhe-only backend warning likely"}, suite);
  expect_works(backend, curl_with({"--ciphers", suites}), {}, suite);
  const Nginx more(credentials_,
                   {.versions = {"1.2"}, .suites = "ECDHE:" + suites, .directives = parameters});
  expect_healthy(GetParam(), more, credentials_, curl_with({}));
}

/// As a hardened server looks to a client of 2010, and nginx without ssl_dhparam to one with DHE.
TEST_P(KeyExchangeOnly, AClientWithOneThatTheBackendHasNot) {
  const Nginx backend(credentials_, {.versions = {"1.2"}, .suites = "ECDHE:DHE"});
  Session session = expect_refused(backend, curl_with({"--tls-max", "1.2", "--ciphers", "kRSA"}));
  EXPECT_EQ(word(session, "/findings/0/title"), kTitle + ": the client has static RSA suites only");
  session = expect_refused(backend, curl_with({"--tls-max", "1.2", "--ciphers", "kDHE"}));
  EXPECT_EQ(word(session, "/findings/0/title"), kTitle + ": the client has DHE suites only");
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("nginx where no ssl_dhparam is set"));
}

/// What Go and Java 24 offer, at a backend that works with curl's own offer.
TEST_P(KeyExchangeOnly, AClientWithoutTheOneThatTheBackendHas) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2", "-cipher", "kRSA"});
  const Asking client = curl_with({"--ciphers", "ECDHE"});
  const Session session = expect_refused(backend, client, false);  // curl pads such a hello
  EXPECT_THAT(word(session, "/findings/0/cause"),
              HasSubstr("Up to TLS 1.2 the client exchanges keys by ECDHE only: an old backend "
                        "that has nothing but static RSA (TLS_RSA_WITH_*) or DHE suites"));
}

INSTANTIATE_TEST_SUITE_P(In, KeyExchangeOnly, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

/// RFC 4279: what only the two sides know is not ours to offer.
class PreSharedKey : public KeyExchangeOnly {
 protected:
  static std::vector<std::string> with_key(std::vector<std::string> words) {
    words.insert(words.end(), {"-tls1_2", "-psk", "00112233", "-cipher", "PSK"});
    return words;
  }
  Asking client_ = openssl_with(with_key({}));
};

class PreSharedKeyPassedOn : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(PreSharedKey, IsAllThatTheClientOffers) {
  const Nginx backend(credentials_, {.versions = {"1.2"}});
  const Recorder recorder(backend.port());
  ASSERT_NE(directly(recorder, credentials_, client_).exit_code, 0);
  ASSERT_EQ(to_hex(recorder.bytes(0, "s2c")).substr(10), "0228");
  const Seen seen = through(GetParam(), backend, credentials_, client_, {"--twin", "auto"});
  EXPECT_NE(seen.spoken.exit_code, 0);
  EXPECT_THAT(findings(seen.session), ElementsAre(kNoCommon));
  EXPECT_EQ(word(seen.session, "/findings/0/title"),
            kTitle + ": the client has pre-shared key (PSK) suites only");
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/evidence/0/leg"), "direct_leg");
  if (GetParam() == Mode::passthrough) {
    EXPECT_EQ(verdict(seen.session), kFailsDirect);
  } else {
    // Our library has none of these suites without the key: the client's own hello is what is
    // answered.
    EXPECT_EQ(verdict(seen.session), "fails-both proxied failed direct failed by twin");
    EXPECT_EQ(word(seen.session, "/backend_leg/client_hello"), "null");
    EXPECT_THAT(alerts(seen.session, "client_leg"), ElementsAre("proxy fatal 40"));
    EXPECT_THAT(unmirrored_features(seen.session), ElementsAre("backend_leg ClientHello"));
  }
  EXPECT_THAT(agreed(seen.session), IsEmpty());
  expect_data(seen.session, false);
}

TEST_P(PreSharedKey, IsAllThatTheBackendHas) {
  const OpensslServer backend(credentials_, with_key({"-www"}));
  const Session session = expect_refused(backend, curl_with({"--tls-max", "1.2"}));
  EXPECT_EQ(word(session, "/findings/0/title"), kTitle);
  EXPECT_THAT(word(session, "/findings/0/cause"),
              HasSubstr("a backend without certificates, that has pre-shared keys (PSK) only"));
}

/// Both have it: a healthy pair, which only passthrough lets through.
TEST_P(PreSharedKey, IsKnownToBoth) {
  const OpensslServer backend(credentials_, with_key({"-www"}));
  ASSERT_EQ(directly(backend, credentials_, client_).exit_code, 0);
  const Seen seen = through(GetParam(), backend, credentials_, client_, {"--twin", "auto"});
  EXPECT_THAT(findings(seen.session), IsEmpty());
  if (GetParam() == Mode::passthrough) {
    EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
    EXPECT_EQ(verdict(seen.session), healthy(GetParam()));
    EXPECT_THAT(agreed(seen.session),
                ElementsAre("direct_leg: TLS 1.2 TLS_RSA_PSK_WITH_AES_256_GCM_SHA384"));
    expect_data(seen.session, true);
  } else {
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_EQ(verdict(seen.session), kIntroduced);
    expect_data(seen.session, false);
  }
}

/// Told apart from other failures of a first record by the suite alone.
TEST_F(PreSharedKeyPassedOn, IsAnotherOnEachSide) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2", "-psk", "44556677", "-cipher",
                                             "DHE-PSK-AES128-GCM-SHA256"});
  const Asking client =
      openssl_with({"-tls1_2", "-psk", "00112233", "-cipher", "DHE-PSK-AES128-GCM-SHA256"});
  ASSERT_THAT(directly(backend, credentials_, client).errors, HasSubstr("bad record mac"));
  const Seen seen = through(Mode::passthrough, backend, credentials_, client);
  EXPECT_THAT(story(seen.session),
              ElementsAre("record-mac-failure both error likely", kFailsDirect,
                          closed_by_a_peer("direct_leg failed server_hello",
                                           "; TLS 1.2 TLS_DHE_PSK_WITH_AES_128_GCM_SHA256; "
                                           "backend fatal 20")));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_THAT(word(seen.session, "/findings/0/cause"), HasSubstr("a pre-shared key (PSK)"));
}

INSTANTIATE_TEST_SUITE_P(In, PreSharedKey, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
