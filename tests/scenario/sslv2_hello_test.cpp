// A ClientHello in the form of SSL 2.0, as Internet Explorer 6 and Java 6 send it by default,
// before a backend that takes it; and a client that has nothing but SSL 2.0. Source: RFC 5246 E.2.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SslTwoHello : public ::testing::TestWithParam<Mode> {
 protected:
  /// What sslv2_client.py says.
  [[nodiscard]] static std::string visit(std::uint16_t port, std::vector<std::string> options) {
    options.insert(options.end(), {"--port", std::to_string(port)});
    const Ran ran = run({python("sslv2_client.py", options), "", {"OPENSSL_CONF=/dev/null"}});
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    return ran.output;
  }

  /// By name, since such a hello has none: the backend's certificate is held against it.
  [[nodiscard]] std::vector<std::string> options() const {
    return {"--backend", "localhost:" + std::to_string(server_.port()),
            "--trust",   credentials_.root.string(),
            "--mode",    name(GetParam())};
  }

  /// The hello as JSON has it.
  static void expect_hello(const Session& session, const std::string& leg, int highest) {
    const std::string hello = '/' + leg + "/client_hello";
    EXPECT_EQ(word(session, hello + "/sslv2"), "true");
    EXPECT_EQ(word(session, hello + "/record_version/id"), "2");
    EXPECT_EQ(word(session, hello + "/legacy_version/id"), std::to_string(highest));
    EXPECT_EQ(word(session, hello + "/extensions"), "[]");
    EXPECT_EQ(word(session, hello + "/sni"), "null");
    EXPECT_EQ(word(session, hello + "/supported_versions"), "null");
    // 9 bytes, ten specs of 3, a challenge of 16; a header of 2 before them.
    EXPECT_EQ(word(session, hello + "/length"), "55");
    EXPECT_EQ(word(session, hello + "/segments"), "[57]");
    EXPECT_EQ(word(session, hello + "/segments_exact"), "true");
    // Those of SSL 2.0 are no TLS suites.
    std::vector<std::int64_t> suites;
    for (const auto& suite : session.at_pointer(hello + "/ciphers").as_array())
      suites.push_back(suite.at("id").as_int64());
    EXPECT_THAT(suites, ElementsAre(0x0004, 0x0005, 0x002f, 0x0035, 0x000a, 0x0009));
    EXPECT_THAT(word(session, '/' + leg + "/raw/c2s"), ::testing::StartsWith("803701"));
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  OpensslServer server_{credentials_, {"-WWW", "-cipher", std::string(kAllSuites)}, folder_.path()};
  std::filesystem::path greeting_ = folder_.write("greeting", "hello from s_server");
};

TEST_P(SslTwoHello, ThatOffersTls10IsServed) {
  const std::string answered = "chose 0301 002f\ncertificates ";
  const std::string served = "\nalert 1 0\nbody hello from s_server\nend close_notify\n";
  ASSERT_EQ(visit(server_.port(), {}), answered + "2" + served);
  ProxyProcess proxy(options());
  const bool passed = GetParam() == Mode::passthrough;
  // Our own leaf stands alone: whoever trusts our CA has it.
  EXPECT_EQ(visit(proxy.port(), {}), answered + (passed ? "2" : "1") + served);
  const Session session = proxy.session();
  const std::string chosen = "; TLS 1.0 TLS_RSA_WITH_AES_128_CBC_SHA";
  if (passed) {
    EXPECT_THAT(story(session),
                ElementsAre(healthy(Mode::passthrough),
                            "direct_leg established finished, closed by client fin" + chosen));
    expect_hello(session, "direct_leg", 0x0301);
    EXPECT_EQ(word(session, "/direct_leg/chain/trusted"), "true");
    EXPECT_THAT(unmirrored_features(session), IsEmpty());
  } else {
    EXPECT_THAT(story(session),
                ElementsAre(kWorksUnknown,
                            "client_leg established finished, closed by proxy close_notify" +
                                chosen + "; proxy warning 0",
                            "backend_leg established finished, closed by backend close_notify" +
                                chosen + "; backend warning 0"));
    expect_hello(session, "client_leg", 0x0301);
    // Ours is another hello: what it tells of the client's is limited, and that is said.
    EXPECT_EQ(word(session, "/backend_leg/client_hello/sslv2"), "false");
    EXPECT_EQ(word(session, "/backend_leg/client_hello/legacy_version/id"), "769");
    EXPECT_THAT(unmirrored_features(session),
                ElementsAre("backend_leg suites: TLS_RSA_WITH_RC4_128_MD5, "
                            "TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA, "
                            "TLS_RSA_WITH_DES_CBC_SHA",
                            "backend_leg SSL 2.0 format", "client_leg record split"));
    EXPECT_EQ(word(session, "/backend_leg/chain/trusted"), "true");
    EXPECT_EQ(word(session, "/bytes/client_to_backend"), "43");
    EXPECT_EQ(word(session, "/bytes/backend_to_client"), "64");
  }
  Visit next = proxy.visit();
  if (passed) next.trusted = credentials_.root;
  next.path = "/greeting";
  EXPECT_EQ(curl(next).body, "hello from s_server");
  EXPECT_EQ(verdict(proxy.session(2)), healthy(GetParam()));
  EXPECT_THAT(findings(proxy.session(2)), IsEmpty());
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(SslTwoHello, ThatOffersSsl20OnlyIsRefused) {
  const std::vector<std::string> only{"--version", "0002"};
  const std::string directly = "alert 2 70\nend fin\n";
  ASSERT_EQ(visit(server_.port(), only), directly);
  ProxyProcess proxy(options());
  const std::string proxied = visit(proxy.port(), only);
  const Session session = proxy.session();
  if (GetParam() == Mode::passthrough) {
    EXPECT_EQ(proxied, directly);
    EXPECT_THAT(story(session),
                ElementsAre("no-common-version both error proven", kFailsDirect,
                            "direct_leg failed client_hello, closed by backend fin; "
                            "backend fatal 70"));
    EXPECT_EQ(word(session, "/findings/0/judged_by"), "backend-alert");
    EXPECT_EQ(word(session, "/findings/0/presented"), "the client offers up to SSL 2.0");
    expect_hello(session, "direct_leg", 0x0002);
  } else {
    // Our library has no SSL 2.0, so the backend's word is not known, and none is put in its mouth.
    EXPECT_EQ(proxied, "alert 2 40\nend fin\n");
    EXPECT_THAT(story(session), ElementsAre(kFailedUnknown,
                                            "client_leg failed client_hello, closed by proxy fin; "
                                            "proxy fatal 40",
                                            "backend_leg incomplete tcp, not closed"));
    EXPECT_EQ(word(session, "/client_leg/failure"),
              "our TLS library has none of the offered versions");
    EXPECT_THAT(unmirrored_features(session), ElementsAre("backend_leg ClientHello"));
    expect_hello(session, "client_leg", 0x0002);
  }
  EXPECT_EQ(visit(proxy.port(), {}).substr(0, 15), "chose 0301 002f") << "the next one is served";
  EXPECT_THAT(findings(proxy.session(2)), IsEmpty());
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(In, SslTwoHello, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
