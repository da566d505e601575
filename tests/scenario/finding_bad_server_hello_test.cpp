// ServerHellos and HelloRetryRequests that no TLS library sends, from a peer that writes them byte
// by byte; the clients are real ones.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;

constexpr int kCurlHandshakeFailed = 35;

/// Answer is what the peer does, and what comes of it.
struct Answer {
  std::string name;
  std::vector<std::string> steps;  ///< of scripted_server.py
  int alert;                       ///< of curl, directly
  std::string finding;
  std::string presented;
  std::string chosen;  ///< "; VERSION SUITE" of the story's line; empty: no ServerHello was read
};
void PrintTo(const Answer& answer, std::ostream* out) { *out << answer.name; }

/// It may have been cut on the way.
const std::string kCut = "bad-server-hello backend error likely";
const std::string kBad = "bad-server-hello backend error proven";
const std::string kLoop = "hello-retry-loop backend error proven";
const std::string kTls12 = "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
const std::string kTls13 = "; TLS 1.3 TLS_AES_128_GCM_SHA256";

std::vector<Answer> answers() {
  return {
      {"Compression",
       {"hello:suite=c02f,compression=1"},
       47,
       kBad,
       "a ServerHello that chooses compression method 1, which is not offered",
       kTls12},
      {"Extension",
       {"hello:suite=c02f,extension=65281:00,extension=5:"},
       110,
       kBad,
       "a ServerHello that brings the extension status_request, which the hello did not ask for",
       kTls12},
      {"SessionId",
       {"hello:suite=1301,session=c0ffee,selected=0304,share=29:32"},
       47,
       kBad,
       "a ServerHello that does not repeat the session id of the hello, as TLS 1.3 demands",
       kTls13},
      {"KeyShare",
       {"hello:suite=1301,session=echo,selected=0304,share=23:65"},
       47,
       kBad,
       "a ServerHello that has a key share of secp256r1, for which the client sent none",
       kTls13},
      {"SuiteOfAnotherVersion",
       {"hello:suite=c02f,session=echo,selected=0304,share=29:32"},
       47,
       kBad,
       "a ServerHello that chooses TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, which is no suite of TLS "
       "1.3",
       "; TLS 1.3 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
      {"Alpn",
       {"hello:suite=c02f,extension=65281:00,extension=16:000403666f6f"},
       50,
       kBad,
       "a ServerHello that chooses the protocol 'foo' (ALPN), which is not offered",
       kTls12},
      {"NoKeyShare",
       {"hello:suite=1301,session=echo,selected=0304"},
       109,
       kBad,
       "a ServerHello that has no key share",
       kTls13},
      {"ExtensionInClear",
       {"hello:suite=1301,session=echo,selected=0304,share=29:32,extension=16:000302"
        "6832"},
       47,
       kBad,
       "a ServerHello that brings the extension application_layer_protocol_negotiation in clear, "
       "which TLS 1.3 has no place for there",
       kTls13},
      {"VectorTooLong",
       {"hello:suite=c02f,extension=65281:00,skew=1"},
       50,
       kBad,
       "a ServerHello that can't be read: truncated: extensions at byte 44",
       ""},
      {"VectorTooShort",
       {"hello:suite=c02f,extension=65281:00,skew=-1"},
       50,
       kBad,
       "a ServerHello that can't be read: truncated: extension body at byte 48",
       ""},
      {"ExtensionCut",
       {"hello:suite=1301,session=echo,extension=43:03,share=29:32"},
       50,
       kBad,
       "a ServerHello that can't be read: truncated: selected_version at byte 80",
       ""},
      {"SessionIdTooLong",
       {"hello:suite=c02f,session=" + std::string(66, '0')},
       47,
       kBad,
       "a ServerHello that can't be read: bad length: legacy_session_id at byte 72",
       ""},
      {"NoEcho",
       {"hello:suite=1301,session=none,selected=0304,share=29:32"},
       47,
       "middlebox-compat backend error proven",
       "an empty session id",
       kTls13},
      // Two rules are broken: the one that leads, and the session id's.
      {"VersionInTheWrongPlace",
       {"hello:version=0304,suite=1301"},
       47,
       kBad,
       "a ServerHello that names TLS 1.3 in legacy_version and has no supported_versions",
       kTls13},
      {"RetryForAShareThatItHas", {"retry:29"}, 47, kLoop, "HelloRetryRequest", kTls13},
      {"RetryForAGroupThatIsNotOffered", {"retry:26"}, 47, kLoop, "HelloRetryRequest", kTls13},
      {"SecondRetry",
       {"retry:23", "wait", "retry:24"},
       10,
       kLoop,
       "HelloRetryRequest again",
       kTls13},
  };
}

class BadServerHello : public ::testing::TestWithParam<std::tuple<Mode, Answer>> {};

TEST_P(BadServerHello, IsRefusedByTheClientAndNamed) {
  const auto& [mode, answer] = GetParam();
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const PythonPeer backend("scripted_server.py", answer.steps);
  const Recorder recorder(backend.port());
  ASSERT_EQ(directly(recorder, credentials, curl_with({})).exit_code, kCurlHandshakeFailed);
  const std::string number = std::to_string(answer.alert);
  std::string alert = to_hex(std::string(1, static_cast<char>(answer.alert)));
  ASSERT_THAT(to_hex(recorder.bytes(0, "c2s")), EndsWith("000202" + alert)) << "its own alert";

  const Seen seen = through(mode, backend, credentials, curl_with({}));
  EXPECT_EQ(seen.spoken.exit_code, kCurlHandshakeFailed) << seen.spoken.errors;
  const std::string reached =
      std::string("_leg failed ") + (answer.chosen.empty() ? "client_hello" : "server_hello");
  if (mode == Mode::passthrough)
    EXPECT_THAT(story(seen.session),
                ElementsAre(answer.finding, kFailsDirect,
                            closed_by_a_peer("direct" + reached,
                                             answer.chosen + "; client fatal " + number)));
  else
    EXPECT_THAT(story(seen.session),
                ElementsAre(answer.finding, kFailedUnknown,
                            "client_leg failed client_hello, closed by proxy fin",
                            "backend" + reached + ", closed by proxy fin" + answer.chosen +
                                "; proxy fatal " + number));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/presented"), answer.presented);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/codes/alert"), number);
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"),
            mode == Mode::passthrough ? "client-alert" : "proxy-check");
}

INSTANTIATE_TEST_SUITE_P(Of, BadServerHello,
                         ::testing::Combine(::testing::ValuesIn(kBothModes),
                                            ::testing::ValuesIn(answers())),
                         [](const auto& test) {
                           return name(std::get<0>(test.param)) + std::get<1>(test.param).name;
                         });

class OddAnswer : public ::testing::TestWithParam<Mode> {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// The record announces more than comes before the FIN.
TEST_P(OddAnswer, AServerHelloThatIsCutShort) {
  const PythonPeer backend("scripted_server.py", {"hello:suite=c02f,cut=40", "fin"});
  ASSERT_EQ(directly(backend, credentials_, curl_with({})).exit_code, kCurlHandshakeFailed);
  const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
  EXPECT_EQ(seen.spoken.exit_code, kCurlHandshakeFailed) << seen.spoken.errors;
  if (GetParam() == Mode::passthrough)
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(kCut, kFailsDirect, "direct_leg failed client_hello, closed by backend fin"));
  else
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(kCut, kFailedUnknown, "client_leg failed client_hello, closed by proxy fin",
                    "backend_leg failed client_hello, closed by backend fin"));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/presented"), "a ServerHello that stops after 40 bytes");
}

/// Through the proxy the client gets the backend's own bytes, and refuses them itself.
TEST_P(OddAnswer, AVersionAboveAllThatAreOffered) {
  const PythonPeer backend("scripted_server.py",
                           {"hello:suite=1301,session=echo,selected=0305,share=29:32"});
  const Recorder recorder(backend.port());
  ASSERT_EQ(directly(recorder, credentials_, curl_with({})).exit_code, kCurlHandshakeFailed);
  ASSERT_THAT(to_hex(recorder.bytes(0, "c2s")), EndsWith("0002022f")) << "its own alert";
  const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
  EXPECT_EQ(seen.spoken.exit_code, kCurlHandshakeFailed) << seen.spoken.errors;
  const std::string chosen = "; 0x0305 TLS_AES_128_GCM_SHA256; ";
  if (GetParam() == Mode::passthrough)
    EXPECT_THAT(story(seen.session), ElementsAre(kBad, kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed server_hello",
                                                                  chosen + "client fatal 47")));
  else
    EXPECT_THAT(story(seen.session),
                ElementsAre(kBad, kFailedUnknown,
                            closed("client_leg failed client_hello", "client", "; client fatal 47"),
                            "backend_leg failed server_hello, closed by proxy fin" + chosen +
                                "proxy fatal 47"));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "client-alert");
  EXPECT_EQ(word(seen.session, "/findings/0/presented"),
            "a ServerHello that chooses 0x0305, which is not offered");
}

/// CCM, which curl does not offer: the suite is missing in both lists, whatever else differs.
TEST_P(OddAnswer, ASuiteOfTls13ThatIsNotOffered) {
  const PythonPeer backend("scripted_server.py",
                           {"hello:suite=1304,session=echo,selected=0304,share=29:32"});
  ASSERT_EQ(directly(backend, credentials_, curl_with({})).exit_code, kCurlHandshakeFailed);
  const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
  EXPECT_EQ(seen.spoken.exit_code, kCurlHandshakeFailed) << seen.spoken.errors;
  const std::string found = "no-common-cipher backend error proven";
  const std::string chosen = "; TLS 1.3 TLS_AES_128_CCM_SHA256; ";
  if (GetParam() == Mode::passthrough)
    EXPECT_THAT(story(seen.session), ElementsAre(found, kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed server_hello",
                                                                  chosen + "client fatal 47")));
  else
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(
            found, kFailsBoth, "client_leg failed client_hello, closed by proxy fin",
            "backend_leg failed server_hello, closed by proxy fin" + chosen + "proxy fatal 47"));
}

/// Nothing of these hellos is left out or added by our library: what the backend answers to ours,
/// it answers to the client's, and no client lets it pass. (curl pads a hello of TLS 1.3.)
TEST_P(OddAnswer, ToAHelloThatIsRepeatedInAllFailsDirectly) {
  const std::pair<std::string, std::string> answers[] = {
      {"hello:suite=c02f,compression=1", "47"},
      {"hello:suite=c02f,extension=65281:00,extension=5:", "110"},
      {"hello:suite=c02f,extension=65281:00,skew=1", "50"}};
  for (const auto& [answer, alert] : answers) {
    SCOPED_TRACE(answer);
    const PythonPeer backend("scripted_server.py", {answer});
    const Asking client = openssl_with({"-tls1_2"});
    ASSERT_NE(directly(backend, credentials_, client).exit_code, 0);
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    const bool read = answer.find("skew") == std::string::npos;
    const std::string reached =
        std::string("_leg failed ") + (read ? "server_hello" : "client_hello");
    const std::string chosen = read ? kTls12 : "";
    if (GetParam() == Mode::passthrough)
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(kBad, kFailsDirect,
                      closed_by_a_peer("direct" + reached, chosen + "; client fatal " + alert)));
    else
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(
              kBad, kFailsBoth,
              // OpenSSL answers a FIN with decode_error.
              ::testing::MatchesRegex("client_leg failed client_hello, closed by proxy "
                                      "fin(; client fatal 50)?"),
              "backend" + reached + ", closed by proxy fin" + chosen + "; proxy fatal " + alert));
    expect_data(seen.session, false);
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  }
}

/// It asks for a second hello, gets one that fits, and breaks off.
TEST_P(OddAnswer, ASecondClientHelloThatIsRefused) {
  for (const std::string end : {"alert:2:40", "alert:2:10", "rst"}) {
    SCOPED_TRACE(end);
    const PythonPeer backend("scripted_server.py", {"retry:23", "wait", end, "fin"});
    ASSERT_EQ(directly(backend, credentials_, curl_with({})).exit_code, kCurlHandshakeFailed);
    const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
    EXPECT_EQ(seen.spoken.exit_code, kCurlHandshakeFailed) << seen.spoken.errors;
    const std::string found = "hello-retry-unsupported backend error likely";
    const std::string said =
        end == "rst" ? "" : "; backend fatal " + end.substr(end.rfind(':') + 1);
    const std::string how = end == "rst" ? "rst" : "(fin|rst)";
    if (GetParam() == Mode::passthrough)
      EXPECT_THAT(story(seen.session),
                  ElementsAre(found, kFailsDirect,
                              ::testing::MatchesRegex("direct_leg failed server_hello, closed by "
                                                      "(client|backend) " +
                                                      how + kTls13 + said)));
    else
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(found, kFailedUnknown,
                      ::testing::MatchesRegex("client_leg failed client_hello, closed by proxy " +
                                              how + "(; proxy fatal (40|10))?"),
                      ::testing::MatchesRegex("backend_leg failed server_hello, closed by "
                                              "(proxy|backend) " +
                                              how + kTls13 + said)));
    expect_data(seen.session, false);
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  }
}

/// A HelloRetryRequest as it should be, from a real server.
TEST_P(OddAnswer, AGoodHelloRetryRequestIsNone) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_3", "-groups", "P-256"});
  expect_healthy(GetParam(), backend, credentials_, curl_with({}));
}

INSTANTIATE_TEST_SUITE_P(In, OddAnswer, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
