// The ChangeCipherSpec of TLS 1.3's compatibility mode, refused. A value other than 1 is what every
// implementation has to refuse with unexpected_message (RFC 8446 5): a forwarder that makes it 2
// turns a real peer into one that takes none. (The session id's part is
// finding_bad_server_hello_test's.)
#include <gtest/gtest.h>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kReplaced = ":140303000101:f00303000101";
const std::string kAgreed = "; TLS 1.3 TLS_AES_256_GCM_SHA384";

class ChangeCipherSpec : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }
  static PythonPeer changing(const std::string& direction, std::uint16_t to) {
    return PythonPeer("forwarder.py",
                      {"--to", std::to_string(to), "--replace", direction + kReplaced});
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_, {.versions = {"1.3"}}};
};

/// s_client that shakes hands and waits: once a request has gone, it may be what is refused.
Spoken waiting_client(const Visit& visit) {
  const Ran ran = run({{"openssl", "s_client", "-ign_eof", "-tls1_3", "-connect",
                        "127.0.0.1:" + std::to_string(visit.port), "-servername", visit.host},
                       "",
                       {"OPENSSL_CONF=/dev/null"}});
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  spoken.errors = ran.output + ran.errors;
  return spoken;
}

/// A backend's alert is encrypted by then: passed through it may be anything.
TEST_P(ChangeCipherSpec, IsRefusedByTheBackend) {
  const PythonPeer backend = changing("c2s", nginx_.port());
  const Asking client = waiting_client;
  ASSERT_THAT(directly(backend, credentials_, client).errors,
              HasSubstr("alert unexpected message"));
  const Seen seen = through(GetParam(), backend, credentials_, client);
  EXPECT_NE(seen.spoken.exit_code, 0);
  if (passes()) {
    EXPECT_THAT(findings(seen.session), IsEmpty());
    EXPECT_EQ(verdict(seen.session), kPassedUnknown);
    return;
  }
  EXPECT_THAT(story(seen.session),
              ElementsAre("middlebox-compat backend error likely", kFailedUnknown,
                          closed("client_leg established finished", "(proxy|client)", kAgreed),
                          closed("backend_leg established finished", "(proxy|backend)",
                                 kAgreed + "; backend fatal 10")));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
}

/// Without the mode there is none to refuse.
TEST_P(ChangeCipherSpec, IsNotSentWithoutTheMode) {
  const PythonPeer backend = changing("c2s", nginx_.port());
  expect_healthy(GetParam(), backend, credentials_, openssl_with({"-tls1_3", "-no_middlebox"}));
}

/// Between the client and us: the client refuses what a server sends it.
TEST_P(ChangeCipherSpec, IsRefusedByTheClient) {
  const PythonPeer direct = changing("s2c", nginx_.port());
  ASSERT_NE(directly(direct, credentials_, curl_with({"--tlsv1.3"})).exit_code, 0);
  const ProxyProcess proxy(GetParam(), nginx_, credentials_);
  const PythonPeer before = changing("s2c", proxy.port());
  const Spoken spoken = curl_with({"--tlsv1.3"})({before.port(), proxy.visit().trusted});
  EXPECT_NE(spoken.exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(findings(session).front(), "middlebox-compat client error likely");
  EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  EXPECT_THAT(alerts(session, passes() ? "direct_leg" : "client_leg"),
              ElementsAre("client fatal 10"));
}

INSTANTIATE_TEST_SUITE_P(In, ChangeCipherSpec, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
