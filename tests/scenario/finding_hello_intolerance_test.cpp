// Backends that do not take a client's hello for its bytes, though all in it fits: the twin sends
// the client's own, the proxy its own, and what the two differ in is ranked.
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"
#include "tests/support/comparisons.h"

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
  /// Directly it fails, through the proxy it works, as the same client does with a backend that
  /// minds nothing; the finding and its suspects are all there is.
  Session expect_masked(const Backend& backend, const Asking& client, const std::string& suspects,
                        bool waits = false) const {
    // gnutls-cli waits for ever where nothing comes.
    if (!waits) {
      EXPECT_NE(directly(backend, credentials_, client).exit_code, 0);
    }
    const Spoken lenient = directly(*picky({}), credentials_, client);
    EXPECT_EQ(lenient.exit_code, 0) << lenient.errors;
    const ProxyProcess proxy({"--backend", backend.address(), "--trust", credentials_.root.string(),
                              "--twin", "auto", "--handshake-timeout", "2"});
    const Spoken spoken = client(proxy.visit());
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
    EXPECT_EQ(spoken.body, lenient.body);
    const Session session = proxy.session();
    EXPECT_THAT(story(session),
                ElementsAre(kIntolerant, kMasked, StartsWith("client_leg established finished, "),
                            StartsWith("backend_leg established finished, ")));
    EXPECT_EQ(word(session, "/findings/0/suspects"), suspects);
    EXPECT_EQ(word(session, "/findings/0/judged_by"), "twin");
    EXPECT_EQ(word(session, "/findings/0/role"), "observation") << "of a session that works";
    expect_as_direct(session, lenient, spoken);
    expect_same_bytes(session);
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
    expect_masked(*backend, cut, R"(["hello-split-over-segments","extension-intolerance"])");
  }
}

/// GnuTLS sends record_size_limit (28), OpenSSL 3.0 does not: the proxy's hello lacks it.
TEST_F(HelloIntolerance, OfAnExtension) {
  const auto backend = picky({"--refuse-extension", "28"});
  ASSERT_EQ(curl({backend->port(), credentials_.root}).exit_code, 0);
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
  const Session session = expect_masked(*backend, visiting(letters),
                                        R"(["hello-length-bug","extension-intolerance"])", true);
  EXPECT_EQ(ending(session, "direct_leg"), "failed client_hello, closed by proxy timeout");
  EXPECT_EQ(word(session, "/client_leg/client_hello/length"), "252");
}

/// One real client has a GREASE value as an extension, one that speaks byte by byte has them in
/// all its lists.
TEST_F(HelloIntolerance, OfGreaseValues) {
  const auto backend = picky({"--refuse-grease"});
  ASSERT_EQ(openssl_client({backend->port(), credentials_.root}).exit_code, 0);
  const std::string grease = R"(["grease-intolerance"])";
  const Session session =
      expect_masked(*backend, openssl_with({"-serverinfo", "2570"}), grease);  // 0x0a0a
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("backend fatal 47"));
  ASSERT_EQ(odd_client({backend->port(), credentials_.root}).exit_code, 0);
  expect_masked(*backend, odd_with({"--grease"}), grease);
}

/// A number that OpenSSL does not know is missing from the proxy's hello.
TEST_F(HelloIntolerance, OfAnExtensionThatNobodyKnows) {
  const auto backend = picky({"--refuse-extension", "4660"});
  const Session session = expect_masked(*backend, openssl_with({"-serverinfo", "2570,4660"}),
                                        R"(["extension-intolerance","grease-intolerance"])");
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("0x1234"));
}

/// The draft's list of versions is an extension that OpenSSL's hello for TLS 1.2 has not; an alert
/// about the version puts that first all the same.
TEST_F(HelloIntolerance, OfAVersion) {
  const auto backend = picky({"--newest", "0304"});
  ASSERT_EQ(odd_client({backend->port(), credentials_.root}).exit_code, 0);
  const Session session =
      expect_masked(*backend, odd_with({"--legacy-version", "0305"}), R"(["version-intolerance"])");
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("backend fatal 70"));
  EXPECT_EQ(word(session, "/findings/0/codes/alert"), "70");
  expect_masked(*backend, odd_with({"--versions", "7f1c,0303"}),
                R"(["version-intolerance","extension-intolerance"])");
}

/// In one TCP segment, as loopback has them of 64 kB. Padding is an extension, too; an alert speaks
/// for what is in the hello, silence for its size.
TEST_F(HelloIntolerance, OfAHelloAboveASize) {
  const Asking padded = odd_with({"--padding", "1500"});
  const std::string size_first = R"(["hello-too-large","extension-intolerance"])";
  for (const auto& [how, suspects] :
       {std::pair<std::string, std::string>{"fin", size_first},
        {"rst", size_first},
        {"silent", size_first},
        {"alert", R"(["extension-intolerance","hello-too-large"])"}}) {
    SCOPED_TRACE(how);
    const auto backend = picky({"--longest", "1460:" + how});
    ASSERT_EQ(odd_client({backend->port(), credentials_.root}, {"--padding", "1000"}).exit_code, 0);
    const Session session = expect_masked(*backend, padded, suspects);
    EXPECT_EQ(word(session, "/direct_leg/client_hello/segments"),
              word(session, "/client_leg/client_hello/segments"));
    EXPECT_EQ(word(session, "/client_leg/client_hello/segments/1"), "absent");
  }
}

/// The same backends, and a hello that they take; the same hellos, and a backend that takes them.
TEST_F(HelloIntolerance, IsNoneWhereTheTwinIsAnswered) {
  const std::string healthy = "healthy proxied ok direct ok by twin";
  struct Pair {
    std::vector<std::string> options;
    Asking client;
    std::string verdict;
  };
  const std::vector<Pair> pairs{
      {{"--several", "rst"}, curl_with({}), healthy},
      {{"--refuse-extension", "28"}, curl_with({}), healthy},
      {{"--refuse-grease"}, openssl_with({"-serverinfo", "4660"}), healthy},
      {{"--newest", "0304"}, openssl_with({}), healthy},
      {{"--longest", "1460:fin"}, odd_with({"--padding", "1000"}), healthy},
      {{}, openssl_with({"-serverinfo", "2570,4660"}), healthy},
      {{}, odd_with({"--grease", "--versions", "7f1c,0303"}), healthy},
      // A hello without supported_versions hides its client's lowest version from a twin.
      {{}, odd_with({"--legacy-version", "0305"}), kWorksUnknown},
      {{}, odd_with({"--padding", "1500"}), healthy}};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    SCOPED_TRACE(i);
    const auto backend = picky(pairs[i].options);
    const Spoken direct = directly(*backend, credentials_, pairs[i].client);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const ProxyProcess proxy(
        {"--backend", backend->address(), "--trust", credentials_.root.string(), "--twin", "auto"});
    const Spoken spoken = pairs[i].client(proxy.visit());
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ::testing::IsEmpty());
    EXPECT_EQ(verdict(session), pairs[i].verdict);
    expect_as_direct(session, direct, spoken);
    expect_same_bytes(session);
  }
}

/// The hello of a client that is not there: two trials show what two legs would.
class HelloOfAProfile : public HelloIntolerance {
 protected:
  [[nodiscard]] Compared compared(const Backend& backend, const std::string& profile) const {
    return compare("localhost:" + std::to_string(backend.port()),
                   {"--trust", credentials_.root.string(), "--profile", profile}, {});
  }
};

/// Chrome with a post-quantum key share, on an Ethernet's segments.
TEST_F(HelloOfAProfile, ThatIsNotTaken) {
  const auto suspects_of = [this](std::vector<std::string> options, const std::string& profile) {
    const Compared masked = compared(*picky(std::move(options)), profile);
    EXPECT_EQ(masked.exit_code, 1) << masked.errors;
    EXPECT_THAT(masked.runs(), ElementsAre("direct: failed", "proxied: ok"));
    EXPECT_EQ(verdict(masked.document), kMasked);
    EXPECT_THAT(findings(masked.document), ElementsAre(kIntolerant));
    EXPECT_EQ(masked.text("/findings/0/role"), "cause");
    return masked.text("/findings/0/suspects");
  };
  const std::string chrome = "chromium_137_win_11";
  EXPECT_EQ(suspects_of({"--several", "rst"}, chrome),
            R"(["hello-split-over-segments","hello-too-large","extension-intolerance",)"
            R"("grease-intolerance"])");
  EXPECT_EQ(suspects_of({"--longest", "1460:silent"}, chrome),
            R"(["hello-too-large","hello-split-over-segments","extension-intolerance",)"
            R"("grease-intolerance"])");
  EXPECT_EQ(suspects_of({"--refuse-grease"}, "chrome_101_win_10"),
            R"(["extension-intolerance","grease-intolerance"])");
}

TEST_F(HelloOfAProfile, ThatIsTaken) {
  const Compared healthy = compared(*picky({}), "chromium_137_win_11");
  EXPECT_EQ(healthy.exit_code, 0) << healthy.errors;
  EXPECT_THAT(findings(healthy.document), ::testing::IsEmpty());
}

}  // namespace
}  // namespace visavis::testing
