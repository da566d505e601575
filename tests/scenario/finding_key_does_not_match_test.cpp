// A backend whose private key is not its certificate's. OpenSSL's servers compare both at start;
// Java does not.
#include "tests/scenario/agreed.h"
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class KeyDoesNotMatch : public ::testing::TestWithParam<Version> {
 protected:
  static Credentials mismatched(const TemporaryDirectory& folder) {
    Credentials credentials = make_credentials(folder);
    credentials.key = folder.write("other.key", make_certificate(leaf_spec(kHost)).key_pem());
    return credentials;
  }
  TemporaryDirectory folder_;
  Credentials credentials_ = mismatched(folder_);
};

TEST_P(KeyDoesNotMatch, IsTheCause) {
  const JavaServer server(credentials_, "http", {GetParam()});
  const Spoken direct = curl({server.port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 35) << direct.errors;  // CURLE_SSL_CONNECT_ERROR
  ASSERT_THAT(direct.errors, HasSubstr("signature"));
  const bool tls13 = GetParam() == "1.3";
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const bool hidden = tls13 && mode == Mode::passthrough;
    const ProxyProcess proxy(mode, server, credentials_);
    const Spoken spoken = curl(proxy.visit());
    EXPECT_EQ(spoken.exit_code, 35) << spoken.errors;
    const Session session = proxy.session();
    const std::string found = hidden ? "key-does-not-match backend error likely"
                                     : "key-does-not-match backend error proven";
    const std::string chosen =
        "; TLS " + GetParam() + ' ' +
        (tls13 ? "TLS_AES_256_GCM_SHA384" : "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    const std::string reached = tls13 ? "server_hello" : "certificate";
    if (mode == Mode::passthrough)
      EXPECT_THAT(story(session), ElementsAre(found, kFailsDirect,
                                              closed_by_a_peer("direct_leg failed " + reached,
                                                               chosen + "; client fatal 51")));
    else
      EXPECT_THAT(
          story(session),
          ElementsAre(
              found, kFailedUnknown, "client_leg failed client_hello, closed by proxy fin",
              "backend_leg failed certificate, closed by proxy fin" + chosen + "; proxy fatal 51"));
    expect_data(session, false);
    EXPECT_EQ(word(session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(session, "/findings/0/codes/alert"), "51");
    const std::string leg = mode == Mode::passthrough ? "direct_leg" : "backend_leg";
    EXPECT_EQ(word(session, "/" + leg + "/key_proof"), hidden ? "null" : "invalid");
  }
}

TEST_P(KeyDoesNotMatch, NotWhereItDoes) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const JavaServer server(credentials, "http", {GetParam()});
  const Spoken direct = curl({server.port(), credentials.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const ProxyProcess proxy(mode, server, credentials);
    const Spoken spoken = curl(proxy.visit());
    EXPECT_EQ(spoken.body, direct.body);
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ::testing::IsEmpty());
    EXPECT_EQ(verdict(session), healthy(mode));
    expect_as_direct(session, direct, spoken);
  }
}

INSTANTIATE_TEST_SUITE_P(In, KeyDoesNotMatch, ::testing::Values("1.2", "1.3"),
                         [](const auto& version) { return "tls1" + version.param.substr(2); });

}  // namespace
}  // namespace visavis::testing
