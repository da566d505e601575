// Backends that do not take a client's hello for its bytes, though all in it fits: the twin sends
// the client's own, the proxy its own, and what the two differ in is ranked.
#include <gtest/gtest.h>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kIntolerant = "hello-intolerance backend error likely";
const std::string kMasked = "proxy-masks proxied ok direct failed by twin";

class HelloIntolerance : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<PythonPeer> picky(std::vector<std::string> options) const {
    options.insert(options.begin(), {credentials_.chain.string(), credentials_.key.string()});
    return std::make_unique<PythonPeer>("picky_server.py", options);
  }
  /// Directly it fails, through the proxy it works; the finding and its suspects are all there is.
  Session expect_masked(const Backend& backend, const Asking& client,
                        const std::string& suspects) const {
    const ProxyProcess proxy({"--backend", backend.address(), "--trust", credentials_.root.string(),
                              "--twin", "auto", "--handshake-timeout", "2"});
    const Spoken spoken = client(proxy.visit());
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
    const Session session = proxy.session();
    EXPECT_THAT(story(session),
                ElementsAre(kIntolerant, kMasked, StartsWith("client_leg established finished, "),
                            StartsWith("backend_leg established finished, ")));
    EXPECT_EQ(word(session, "/findings/0/suspects"), suspects);
    EXPECT_EQ(word(session, "/findings/0/judged_by"), "twin");
    EXPECT_EQ(word(session, "/findings/0/role"), "observation") << "of a session that works";
    return session;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// The backend reads once: FIN, RST or an alert for what is not there whole. (curl pads its hello,
/// which the proxy's library does not.)
TEST_F(HelloIntolerance, OfAHelloInTwoSegments) {
  for (const std::string how : {"fin", "rst", "alert"}) {
    SCOPED_TRACE(how);
    const auto backend = picky({"--several", how});
    ASSERT_EQ(curl({backend->port(), credentials_.root}).exit_code, 0) << "in one segment it works";
    const auto cut = [](const Visit& visit) {
      const PythonPeer splitter("splitter.py",
                                {"--to", std::to_string(visit.port), "--first", "100"});
      return curl({splitter.port(), visit.trusted});
    };
    ASSERT_NE(cut({backend->port(), credentials_.root}).exit_code, 0);
    expect_masked(*backend, cut, R"(["hello-split-over-segments","extension-intolerance"])");
  }
}

/// GnuTLS sends record_size_limit (28), OpenSSL 3.0 does not: the proxy's hello lacks it.
TEST_F(HelloIntolerance, OfAnExtension) {
  const auto backend = picky({"--refuse-extension", "28"});
  ASSERT_EQ(curl({backend->port(), credentials_.root}).exit_code, 0);
  ASSERT_NE(gnutls_client({backend->port(), credentials_.root}).exit_code, 0);
  const Session session = expect_masked(*backend, gnutls_with({}), R"(["extension-intolerance"])");
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("backend fatal 50"));
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("record_size_limit"));
  EXPECT_EQ(word(session, "/findings/0/codes/alert"), "50");
}

/// The bug of F5's: silence for 256 to 511 bytes. The name makes GnuTLS's hello just as long, and
/// the proxy's, without record_size_limit, falls below.
TEST_F(HelloIntolerance, OfAHelloOf256Bytes) {
  constexpr std::size_t kRecordLengthAt = 3;
  const std::vector<std::string> options{
      "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:+RSA", "--alpn", "http/1.1"};
  const auto visiting = [&](std::size_t letters) {
    return [options, letters](const Visit& visit) {
      Visit named = visit;
      named.host = std::string(letters, 'a') + ".example.test";
      return gnutls_client(named, options);
    };
  };
  const auto backend = picky({"--silent-between", "256:511"});
  const Recorder recorder(backend->port());
  ASSERT_EQ(directly(recorder, credentials_, visiting(1)).exit_code, 0) << "a short hello works";
  const std::string sent = recorder.bytes(0, "c2s");
  const auto byte = [&sent](std::size_t at) { return static_cast<unsigned char>(sent.at(at)); };
  const std::size_t shortest = byte(kRecordLengthAt) * 256U + byte(kRecordLengthAt + 1);
  ASSERT_LT(shortest, 256U);
  const std::size_t letters = 1 + 256 - shortest;
  ASSERT_LE(letters, 63U) << "a label of a name has no more";
  const Session session =
      expect_masked(*backend, visiting(letters), R"(["hello-length-bug","extension-intolerance"])");
  EXPECT_EQ(ending(session, "direct_leg"), "failed client_hello, closed by proxy timeout");
  EXPECT_EQ(word(session, "/client_leg/client_hello/length"), "252");
}

/// The same backends, and a hello that they take.
TEST_F(HelloIntolerance, IsNoneWhereTheTwinIsAnswered) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--several", "rst"}, {"--refuse-extension", "28"}}) {
    const auto backend = picky(options);
    const ProxyProcess proxy(
        {"--backend", backend->address(), "--trust", credentials_.root.string(), "--twin", "auto"});
    ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ::testing::IsEmpty());
    EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by twin");
  }
}

}  // namespace
}  // namespace visavis::testing
