// The application protocol (ALPN): one that the other side has not, and another one than was agreed
// on.
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

const std::string kRefused = "alpn-mismatch both error proven";
const std::string kAnySuite = "; TLS 1.[23] TLS_[A-Z0-9_]+";

/// Both legs came about, with any version and suite.
Line agreed(const std::string& leg) {
  return MatchesRegex(leg + " established finished, closed by [a-z]+ [a-z_]+" + kAnySuite + ".*");
}

class ApplicationProtocol : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }

  /// It works, directly and alike through visavis, which has nothing to say.
  void expect_silent(const Backend& backend, const Asking& client) const {
    const Spoken direct = directly(backend, credentials_, client);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_THAT(findings(seen.session), IsEmpty());
    expect_as_direct(seen.session, direct, seen.spoken);
    if (!passes()) expect_same_bytes(seen.session);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// nginx refuses what RFC 7301 3.2 wants refused; s_server goes on without a choice.
TEST_P(ApplicationProtocol, IsRefusedByTheBackend) {
  const Nginx nginx(credentials_);
  const Asking client = openssl_with({"-alpn", "imap,managesieve"});
  const Recorder recorder(nginx.port());
  ASSERT_NE(directly(recorder, credentials_, client).exit_code, 0);
  ASSERT_EQ(to_hex(recorder.bytes(0, "s2c")).substr(10), "0278");
  const Seen seen = through(GetParam(), nginx, credentials_, client);
  EXPECT_NE(seen.spoken.exit_code, 0);
  EXPECT_THAT(story(seen.session), ElementsAreArray(refused_hello(GetParam(), kRefused, 120)));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/presented"), "the client offers imap, managesieve");
  EXPECT_EQ(word(seen.session, "/findings/0/codes/alert"), "120");
  EXPECT_EQ(word(seen.session, "/findings/0/codes/hresult"), "0x80090367");
  expect_healthy(GetParam(), nginx, credentials_, openssl_with({"-alpn", "imap,http/1.1"}));
  const OpensslServer lenient(credentials_, {"-www"});
  expect_healthy(GetParam(), lenient, credentials_, openssl_with({"-alpn", "imap"}));
}

/// It says why it leaves: before it has sent its key, so that nothing of it is encrypted.
TEST_P(ApplicationProtocol, IsRefusedByTheClient) {
  const OpensslServer backend(credentials_, {"-www"});
  const Asking client = odd_with({"--alpn", "h2", "--insist"});
  const Recorder recorder(backend.port());
  ASSERT_EQ(directly(recorder, credentials_, client).errors, "NO_APPLICATION_PROTOCOL");
  ASSERT_THAT(to_hex(recorder.bytes(0, "c2s")), ::testing::EndsWith("15030300020278"));
  const Seen seen = through(GetParam(), backend, credentials_, client);
  EXPECT_EQ(seen.spoken.errors, "NO_APPLICATION_PROTOCOL");
  const std::string chosen = "; TLS 1.2 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
  if (passes())
    EXPECT_THAT(story(seen.session), ElementsAre(kRefused, kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed certificate",
                                                                  chosen + "; client fatal 120")));
  else
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(
            kRefused, kFailedUnknown,
            MatchesRegex("client_leg failed certificate, closed by [a-z]+ [a-z]+" + chosen +
                         "; client fatal 120"),
            MatchesRegex("backend_leg established finished, closed by [a-z]+ [a-z_]+" + chosen)));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "client-alert");
  EXPECT_THAT(word(seen.session, "/findings/0/cause"), HasSubstr("chooses none of them"));
  expect_silent(backend, odd_with({"--alpn", "h2"}));
  expect_silent(Nginx(credentials_), odd_with({"--alpn", "http/1.1", "--insist"}));
}

/// It shakes hands, and goes without a request, as gRPC's libraries do without h2. Of TLS 1.3's
/// answer to ALPN nothing is in clear.
TEST_P(ApplicationProtocol, IsWhatTheClientLeavesFor) {
  const OpensslServer backend(credentials_, {"-www"});
  const std::string line = "alpn-mismatch both warning likely";
  for (const Version version : {"1.2", "1.3"}) {
    SCOPED_TRACE(version);
    const Asking client = python_with({"--alpn", "h2", "--insist", "--max", version});
    ASSERT_EQ(directly(backend, credentials_, client).errors, "ConnectionAbortedError");
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.errors, "ConnectionAbortedError");
    EXPECT_EQ(seen.spoken.version, version == "1.2" ? 0x0303U : 0x0304U);
    if (!passes()) {
      EXPECT_THAT(story(seen.session),
                  ElementsAre(line, kFailedUnknown, agreed("client_leg"), agreed("backend_leg")));
      EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
      EXPECT_EQ(word(seen.session, "/bytes/client_to_backend"), "0");
      EXPECT_EQ(word(seen.session, "/bytes/backend_to_client"), "0");
    } else if (version == "1.2") {
      EXPECT_THAT(story(seen.session), ElementsAre(line, kPassedUnknown, agreed("direct_leg")));
    } else {
      EXPECT_THAT(findings(seen.session), IsEmpty());
      EXPECT_THAT(story(seen.session).back(), agreed("direct_leg"));
    }
    expect_silent(backend, python_with({"--alpn", "h2", "--max", version}));
    expect_silent(Nginx(credentials_),
                  python_with({"--alpn", "h2,http/1.1", "--insist", "--max", version}));
  }
}

/// What passes in clear inside the TLS takes somebody who ends it.
class UnexpectedH2 : public ApplicationProtocol {
 protected:
  /// The client fails directly and through the proxy; `line` is the finding.
  Session expect_misunderstood(const Backend& backend, const Asking& client,
                               const std::string& line) const {
    const Spoken direct = directly(backend, credentials_, client);
    EXPECT_EQ(direct.body.find("hello"), std::string::npos) << direct.body;
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.body, direct.body);
    EXPECT_EQ(seen.spoken.exit_code, direct.exit_code);
    std::vector<std::string> lines = story(seen.session);
    if (passes()) {
      EXPECT_THAT(findings(seen.session), IsEmpty());
      EXPECT_THAT(lines.back(), agreed("direct_leg"));
    } else {
      EXPECT_THAT(findings(seen.session), ElementsAre(line));
      EXPECT_EQ(word(seen.session, "/findings/0/id"), "unexpected-h2");
      EXPECT_THAT(word(seen.session, "/http/0/status"), ::testing::AnyOf("null", "absent"));
      expect_as_direct(seen.session, direct, seen.spoken);
      expect_same_bytes(seen.session);
    }
    return seen.session;
  }
};

/// The client's list has h2, and its request is HTTP/1: nginx closes on it.
TEST_P(UnexpectedH2, IsHttp1WhereHttp2WasChosen) {
  const Nginx nginx(credentials_, {.http2 = true});
  const Session session = expect_misunderstood(nginx, openssl_with({"-alpn", "h2"}),
                                               "unexpected-h2 client error proven");
  EXPECT_EQ(word(session, "/http/0/protocol"), passes() ? "absent" : "http/1.0");
  expect_healthy(GetParam(), nginx, credentials_, openssl_with({"-alpn", "http/1.1"}));
}

/// Node's http2 module does not look at what was chosen.
TEST_P(UnexpectedH2, IsHttp2WhereNothingWasChosen) {
  const JavaServer backend(credentials_, "httpsserver");
  Call call;
  call.alpn = "h2";
  const Session session =
      expect_misunderstood(backend, calling(Client::node, call), "unexpected-h2 both error likely");
  EXPECT_EQ(word(session, "/http/0/protocol"), passes() ? "absent" : "http/2");
}

TEST_P(UnexpectedH2, IsAPrefaceWhereNobodySpokeOfIt) {
  const Nginx nginx(credentials_);
  const Session session =
      expect_misunderstood(nginx, odd_with({"--preface"}), "unexpected-h2 both error likely");
  EXPECT_EQ(word(session, "/findings/0/presented"), passes() ? "absent" : "PRI * HTTP/2.0");
}

/// A client says its preface and SETTINGS first, and may have nothing to ask yet.
TEST_P(UnexpectedH2, IsAPrefaceWithoutARequest) {
  const Nginx nginx(credentials_);
  const Asking client = odd_with({"--no-request"});
  const Session session = expect_misunderstood(nginx, client, "unexpected-h2 both error likely");
  EXPECT_EQ(word(session, "/http2_preface_only"), passes() ? "absent" : "true");
  if (!passes()) {
    EXPECT_EQ(word(session, "/findings/0/role"), "cause");
    EXPECT_EQ(verdict(session), kFailedUnknown);
    EXPECT_EQ(word(session, "/bytes/client_to_backend"), "33");
  }
  // A backend that has been told of it by ALPN waits for the request.
  const Nginx modern(credentials_, {.http2 = true});
  const Asking offering = odd_with({"--no-request", "--alpn", "h2"});
  const Seen seen = through(GetParam(), modern, credentials_, offering);
  EXPECT_THAT(findings(seen.session), IsEmpty());
  EXPECT_EQ(word(seen.session, "/http2_preface_only"), "absent");
}

INSTANTIATE_TEST_SUITE_P(In, ApplicationProtocol, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });
INSTANTIATE_TEST_SUITE_P(In, UnexpectedH2, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
