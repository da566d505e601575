// A client that does not take a HelloRetryRequest. (Backends that ask wrongly, or refuse the second
// hello, are finding_bad_server_hello_test's.)
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// RFC 8446 4.1.3: the random of a HelloRetryRequest begins so.
const std::string kRetryRandom = "cf21ad74e59a6111be1d8c021e65b891";

/// A real hello, with a key share of x25519 only; what follows its answer is an alert and FIN, or
/// FIN alone.
Asking leaving(std::vector<std::string> options) {
  return [options](const Visit& visit) {
    std::vector<std::string> words{"leaves", "--port", std::to_string(visit.port)};
    words.insert(words.end(), options.begin(), options.end());
    const Ran ran = run({python("raw_client.py", words), "", {"OPENSSL_CONF=/dev/null"}});
    Spoken spoken;
    spoken.body = ran.output;
    spoken.errors = ran.errors;
    return spoken;
  };
}

class HelloRetry : public ::testing::TestWithParam<Mode> {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_, {.directives = "ssl_ecdh_curve secp384r1;"}};
};

TEST_P(HelloRetry, IsNotUnderstoodByTheClient) {
  const std::vector<std::vector<std::string>> ways{
      {"--alert", "10"}, {"--alert", "40"}, {"--alert", "47"}, {}};
  for (const auto& options : ways) {
    SCOPED_TRACE(::testing::PrintToString(options));
    const Spoken direct = directly(nginx_, credentials_, leaving(options));
    ASSERT_THAT(direct.body, HasSubstr(kRetryRandom)) << direct.errors;
    const Seen seen = through(GetParam(), nginx_, credentials_, leaving(options));
    EXPECT_THAT(seen.spoken.body, HasSubstr(kRetryRandom)) << seen.spoken.errors;
    const std::string chosen = "; TLS 1.3 TLS_AES_256_GCM_SHA384";
    const std::string said = options.empty() ? "" : "; client fatal " + options.back();
    const std::string line = "hello-retry-unsupported client error likely";
    if (GetParam() == Mode::passthrough)
      EXPECT_THAT(story(seen.session),
                  ElementsAre(line, kFailsDirect,
                              closed_by_a_peer("direct_leg failed server_hello", chosen + said)));
    else
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(
              line, kFailedUnknown,
              MatchesRegex("client_leg failed server_hello, closed by [a-z]+ [a-z]+" + chosen +
                           said),
              MatchesRegex("backend_leg established finished, closed by [a-z]+ [a-z_]+" + chosen)));
    expect_data(seen.session, false);
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"),
              options.empty() ? "proxy-check" : "client-alert");
    for (const std::string& leg : legs_of(GetParam()))
      EXPECT_EQ(word(seen.session, '/' + leg + "/hello_retry"), "true") << leg;
  }
}

/// The same backend, and clients that answer with a second hello.
TEST_P(HelloRetry, IsUnderstood) {
  for (const Asking& client : {curl_with({}), openssl_with({}), python_with({})})
    expect_healthy(GetParam(), nginx_, credentials_, client);
  // Of these OpenSSL can't repeat all.
  for (const Asking& client : {gnutls_with({}), calling(Client::java, Call{})}) {
    const Spoken direct = directly(nginx_, credentials_, client);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const Seen seen = through(GetParam(), nginx_, credentials_, client);
    EXPECT_THAT(findings(seen.session), ::testing::IsEmpty());
    EXPECT_EQ(verdict(seen.session),
              GetParam() == Mode::passthrough ? healthy(GetParam()) : kWorksUnknown);
    expect_as_direct(seen.session, direct, seen.spoken);
    expect_data(seen.session, true);
    if (GetParam() == Mode::terminate) expect_same_bytes(seen.session);
  }
}

INSTANTIATE_TEST_SUITE_P(In, HelloRetry, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
