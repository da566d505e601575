// Somebody goes silent in the handshake. A forwarder loses all that follows the first bytes of one
// direction, as a path does that drops large packets.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kCurlTimedOut = 28;

/// curl of this version; `patience` is what it waits, in seconds.
Asking curl_of(const Version& version, const std::string& patience = "9") {
  return curl_with({"--tlsv" + version, "--tls-max", version, "--ciphers", "DEFAULT:@SECLEVEL=0",
                    "--max-time", patience});
}

class HandshakeTimeout : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }
  /// In passthrough nothing but idleness has a limit.
  [[nodiscard]] static std::vector<std::string> impatient() {
    if (passes()) return {"--idle-timeout", "1"};
    return {"--hello-timeout", "1", "--handshake-timeout", "1"};
  }
  /// losing passes on `bytes` of a direction, and nothing after them.
  static PythonPeer losing(const std::string& direction, std::size_t bytes, std::uint16_t to) {
    return PythonPeer("forwarder.py", {"--to", std::to_string(to), "--cut",
                                       direction + ':' + std::to_string(bytes) + ":hold"});
  }
  [[nodiscard]] Nginx nginx(const Version& version, const std::string& directives = "") const {
    return Nginx(credentials_, {.versions = {version}, .directives = directives});
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// Silence is one of the backend: its answer has begun, and its flight is not over.
TEST_P(HandshakeTimeout, OfTheBackendAfterItsFirstBytes) {
  struct Silence {
    std::string when;
    Version version;
    std::size_t bytes;
    std::string reached;
    std::string half;  ///< what is said of it
  };
  const Silence silences[] = {
      {"in a record's header", "1.2", 3, "client_hello", "3 of the 5 bytes of its record header"},
      {"in the ServerHello", "1.0", 40, "client_hello",
       "35 of the [0-9]+ bytes of its ServerHello"},
      {"in the Certificate", "1.2", 500, "server_hello",
       "[0-9]+ of the [0-9]+ bytes of its Certificate"},
      {"in what is encrypted", "1.3", 500, "server_hello",
       "[0-9]+ of the [0-9]+ bytes of its encrypted record"},
  };
  for (const Silence& silence : silences) {
    SCOPED_TRACE(silence.when);
    const Nginx backend = nginx(silence.version);
    const PythonPeer path = losing("s2c", silence.bytes, backend.port());
    ASSERT_EQ(directly(path, credentials_, curl_of(silence.version, "1")).exit_code, kCurlTimedOut);
    const Seen seen =
        through(GetParam(), path, credentials_, curl_of(silence.version), impatient());
    EXPECT_NE(seen.spoken.exit_code, 0);
    const std::string found = "handshake-timeout backend error likely";
    std::string leg = "_leg failed " + silence.reached + ", closed by proxy timeout";
    if (silence.reached == "server_hello")
      leg += "; TLS " + silence.version + ' ' +
             word(seen.session, passes() ? "/direct_leg/server_hello/cipher/name"
                                         : "/backend_leg/server_hello/cipher/name");
    if (passes())
      EXPECT_THAT(story(seen.session), ElementsAre(found, kFailsDirect, "direct" + leg));
    else
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(found, kFailedUnknown, "client_leg failed client_hello, closed by proxy fin",
                      "backend" + leg));
    expect_data(seen.session, false);
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "proxy-check");
    EXPECT_THAT(word(seen.session, "/findings/0/cause"),
                HasSubstr(silence.reached == "server_hello" ? "has answered the hello"
                                                            : "has begun an answer"));
    EXPECT_THAT(word(seen.session, "/findings/0/presented"),
                ::testing::MatchesRegex(silence.half + ", then silence until the time-out"));
  }
}

/// The record's length is one too large: all of the ServerHello is there, and everybody waits.
TEST_P(HandshakeTimeout, OfABackendWhoseLengthIsWrong) {
  const std::filesystem::path bytes = folder_.path() / "hello";
  std::ofstream(bytes, std::ios::binary)
      << std::string("\x16\x03\x03\0\x2b\x02\0\0\x26\x03\x03", 11) << std::string(32, 'r')
      << std::string("\0\xc0\x2f\0", 4);
  const PythonPeer backend("scripted_server.py", {"file:" + bytes.string()});
  ASSERT_EQ(directly(backend, credentials_, curl_of("1.2", "1")).exit_code, kCurlTimedOut);
  const Seen seen = through(GetParam(), backend, credentials_, curl_of("1.2"), impatient());
  const std::string found = "handshake-timeout backend error likely";
  if (passes())
    EXPECT_THAT(story(seen.session),
                ElementsAre(found, kFailsDirect,
                            "direct_leg failed client_hello, closed by proxy timeout"));
  else
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(found, kFailedUnknown, "client_leg failed client_hello, closed by proxy fin",
                    "backend_leg failed client_hello, closed by proxy timeout"));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(
      word(seen.session, "/findings/0/presented"),
      "47 of the 48 bytes of the record with its ServerHello, then silence until the time-out");
  EXPECT_THAT(word(seen.session, "/findings/0/cause"), HasSubstr("its length field is wrong"));
}

/// Held is a client from which no more than `bytes` arrive.
class SilentClient : public HandshakeTimeout {
 protected:
  struct Held {
    Spoken spoken;
    Session session;
  };
  /// Through visavis; directly it fails, too.
  Held held(const Backend& backend, const Version& version, std::size_t bytes) const {
    const PythonPeer direct = losing("c2s", bytes, backend.port());
    EXPECT_EQ(directly(direct, credentials_, curl_of(version, "1")).exit_code, kCurlTimedOut);
    const ProxyProcess proxy(GetParam(), backend, credentials_, impatient());
    const PythonPeer path = losing("c2s", bytes, proxy.port());
    Spoken spoken = curl_of(version)({path.port(), proxy.visit().trusted});
    EXPECT_NE(spoken.exit_code, 0);
    return {std::move(spoken), proxy.session()};
  }
  /// hello_bytes is the size of the first record, from a connection on which nothing is lost.
  std::size_t hello_bytes(const Backend& backend, const Version& version) const {
    const Seen seen = through(GetParam(), backend, credentials_, curl_of(version));
    EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
    const std::string length =
        word(seen.session, '/' + legs_of(GetParam()).front() + "/client_hello/length");
    return 5 + 4 + std::stoul(length);
  }
  /// The story where no ClientHello came.
  static Lines without_hello(const std::string& severity) {
    const std::string ended = "_leg failed tcp, closed by proxy timeout";
    return {"handshake-timeout client " + severity + " likely",
            passes() ? kPassedUnknown : kFailedUnknown, (passes() ? "direct" : "client") + ended};
  }
};

/// A port check or a spare connection; nobody need change.
TEST_P(SilentClient, ThatSaysNothingAtAll) {
  const Nginx backend = nginx("1.2");
  EXPECT_THAT(story(held(backend, "1.2", 0).session), ElementsAreArray(without_hello("info")));
}

TEST_P(SilentClient, WhoseHelloDoesNotComeToItsEnd) {
  const Nginx backend = nginx("1.3");
  const Session session = held(backend, "1.3", 100).session;
  EXPECT_THAT(story(session), ElementsAreArray(without_hello("error")));
  EXPECT_THAT(word(session, "/findings/0/cause"),
              ::testing::ContainsRegex(
                  "The client sent 95 of the [0-9]+ bytes of its ClientHello and then"));
}

TEST_P(SilentClient, OnceItHasTheAnswer) {
  for (const Version version : {"1.0", "1.2", "1.3"}) {
    SCOPED_TRACE("TLS " + version);
    const Nginx backend = nginx(version);
    const Session session = held(backend, version, hello_bytes(backend, version)).session;
    const std::string found = "handshake-timeout client error likely";
    const std::string agreed =
        "; TLS " + version + ' ' +
        word(session, '/' + legs_of(GetParam()).front() + "/server_hello/cipher/name");
    if (passes()) {
      // In TLS 1.3 the flight's end is encrypted: who is to speak next can't be known.
      EXPECT_THAT(story(session),
                  ElementsAre(found, kFailsDirect,
                              std::string("direct_leg failed ") +
                                  (version == "1.3" ? "server_hello" : "certificate") +
                                  ", closed by proxy timeout" + agreed));
    } else {
      EXPECT_THAT(story(session),
                  ElementsAre(found, kFailedUnknown,
                              "client_leg failed certificate, closed by proxy timeout" + agreed,
                              closed("backend_leg established finished", "proxy", agreed)));
    }
  }
}

TEST_P(SilentClient, ThatMayBeChoosingACertificate) {
  const Nginx backend = nginx("1.2", "ssl_verify_client optional; ssl_client_certificate " +
                                         credentials_.root.string() + ";");
  const Session session = held(backend, "1.2", hello_bytes(backend, "1.2")).session;
  const std::string found = "handshake-timeout client error likely";
  const std::string chosen =
      "; TLS 1.2 " + word(session, '/' + legs_of(GetParam()).front() + "/server_hello/cipher/name");
  if (passes())
    EXPECT_THAT(story(session),
                ElementsAre(found, kFailsDirect,
                            "direct_leg failed certificate, closed by proxy timeout" + chosen));
  else
    EXPECT_THAT(story(session),
                ElementsAre(found, kFailedUnknown,
                            "client_leg failed certificate, closed by proxy timeout" + chosen,
                            closed("backend_leg established finished", "proxy", chosen)));
  expect_data(session, false);
  EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  EXPECT_THAT(word(session, "/findings/0/cause"),
              HasSubstr("wait for a person to choose a certificate"));
}

/// The client gives up first: that it was the backend who kept it waiting is not known for sure.
TEST_P(HandshakeTimeout, IsNotFoundWhereTheClientLeavesFirst) {
  const Nginx backend = nginx("1.2");
  const PythonPeer path = losing("s2c", 500, backend.port());
  const Seen seen = through(GetParam(), path, credentials_, curl_of("1.2", "1"));
  EXPECT_EQ(seen.spoken.exit_code, kCurlTimedOut);
  EXPECT_THAT(findings(seen.session), IsEmpty());
  EXPECT_EQ(word(seen.session, '/' + legs_of(GetParam()).front() + "/close/by"), "client");
  EXPECT_EQ(verdict(seen.session), passes() ? kFailsDirect : kFailedUnknown);
  expect_data(seen.session, false);
}

/// The handshake is over, and both are silent until the idle time-out.
TEST_P(HandshakeTimeout, IsNotFoundAfterTheHandshake) {
  const GnutlsServer echo(credentials_, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
  // s_client reads on until the other side ends it; the echo server does not.
  const Seen seen =
      through(GetParam(), echo, credentials_, openssl_with({"-tls1_2"}), {"--idle-timeout", "1"});
  EXPECT_EQ(seen.spoken.version, 0x0303U);
  EXPECT_THAT(findings(seen.session), IsEmpty());
  for (const std::string& leg : legs_of(GetParam()))
    EXPECT_EQ(ending(seen.session, leg), "established finished, closed by proxy timeout");
  EXPECT_EQ(agreed(seen.session),
            agreed_by_all(GetParam(), "TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
  expect_data(seen.session, true);
}

INSTANTIATE_TEST_SUITE_P(In, HandshakeTimeout, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });
INSTANTIATE_TEST_SUITE_P(In, SilentClient, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
