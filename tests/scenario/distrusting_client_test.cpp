// Clients that trust the backend's CA and not ours: directly all is well, through the proxy each
// TLS library leaves in its own way. The twin knows that it is the proxy's doing, and so does
// compare. (Who refuses what of which certificate is
// finding_client_rejected_our_certificate_test's.)
#include <gtest/gtest.h>

#include "tests/scenario/story.h"
#include "tests/support/comparisons.h"

namespace visavis::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

const std::string kRejected = "client-rejected-our-certificate proxy ";
const std::string kComparedIntroduces = "proxy-introduces proxied failed direct ok by passthrough";

/// Distrust is a client, the alert that it sends for a CA that it does not know (0: it leaves
/// without one), what of it can be read on the wire, and how it ends.
struct Distrust {
  Client client;
  int alert;
  Version version;
  std::vector<std::string> on_the_wire;  ///< behind its hello
  std::string exit_code;
};
void PrintTo(const Distrust& distrust, std::ostream* out) { *out << name(distrust.client); }

// RFC 8446 5.2: an alert, its type and a tag of 16 bytes; JSSE pads with 16 bytes more.
// OpenSSL leaves TLS 1.3 before it has begun to encrypt, so its alert is in clear; the others have
// sent the ChangeCipherSpec of RFC 8446 D.4. Node looks at the certificate when it has finished up
// to TLS 1.2 (ClientKeyExchange, ChangeCipherSpec, Finished), and never says a word.
const std::vector<Distrust> kDistrusting{
    {Client::curl, 48, "1.2", {"alert 2 48"}, "60"},
    {Client::curl, 48, "1.3", {"alert 2 48"}, "60"},
    {Client::openssl, 48, "1.2", {"alert 2 48"}, "1"},
    {Client::openssl, 48, "1.3", {"alert 2 48"}, "1"},
    {Client::gnutls, 42, "1.2", {"alert 2 42"}, "1"},
    {Client::gnutls, 42, "1.3", {"20 1", "23 19"}, "1"},
    {Client::java, 46, "1.2", {"alert 2 46"}, "1"},
    {Client::java, 46, "1.3", {"20 1", "23 35"}, "1"},
    {Client::node, 0, "1.2", {"22 37", "20 1", "22 40"}, "1"},
    {Client::node, 0, "1.3", {}, "1"},
};

std::uint8_t at(const std::string& bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes.at(i));
}

/// The records behind the ClientHello, as a witness on the wire has them: "TYPE LENGTH", and of an
/// alert in clear "alert LEVEL NUMBER" (RFC 8446 5.1, 6).
std::vector<std::string> records_behind_hello(const std::string& bytes) {
  std::vector<std::string> records;
  constexpr std::size_t kHeader = 5;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = at(bytes, i + 3) * 256U + at(bytes, i + 4);
    const int type = at(bytes, i);
    if (type == 21 && length == 2)
      records.push_back("alert " + std::to_string(at(bytes, i + kHeader)) + ' ' +
                        std::to_string(at(bytes, i + kHeader + 1)));
    else
      records.push_back(std::to_string(type) + ' ' + std::to_string(length));
    i += kHeader + length;
  }
  if (!records.empty()) records.erase(records.begin());
  return records;
}

class DistrustingClient : public ::testing::TestWithParam<Distrust> {
 protected:
  static const Version& version() { return GetParam().version; }
  static bool says_why() { return GetParam().alert != 0; }
  static bool late() { return !says_why() && version() == "1.2"; }
  /// Without an alert nothing is proven, and who has finished may only have looked.
  static std::string finding() {
    return kRejected + (says_why() ? "error proven" : late() ? "warning likely" : "error likely");
  }
  static std::vector<std::string> alerts_sent() {
    if (!says_why()) return {};
    return {"client fatal " + std::to_string(GetParam().alert)};
  }

  [[nodiscard]] Spoken visit(std::uint16_t port) const {
    const Call call{{port, credentials_.root}, {version()}, ""};
    return visit_all(GetParam().client, {call}).front();
  }
  static std::string headline_end() {
    if (says_why()) return "client refuses the certificate that the proxy showed it.";
    if (late())
      return "client leaves right after the handshake without a word: it seems to refuse the "
             "proxy's certificate.";
    return "client leaves when it has the proxy's certificate: it seems to refuse it.";
  }
  /// The same as a command, to which compare tells where to go.
  [[nodiscard]] std::vector<std::string> command() const;

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_};
};

std::vector<std::string> DistrustingClient::command() const {
  const std::string root = credentials_.root.string();
  const std::string ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | ";
  switch (GetParam().client) {
    case Client::curl:
      return {"curl",     "-q", "-sS",  "--tlsv" + version(), "--tls-max", version(),
              "--cacert", root, "{url}"};
    case Client::openssl:
      return {"sh", "-c",
              ask + "openssl s_client -quiet -verify_return_error -CAfile " + root + " -tls1_" +
                  version().back() + " -servername {host} -connect {address}:{port}"};
    case Client::gnutls:
      return {"sh", "-c",
              ask + "gnutls-cli --x509cafile " + root + " --priority NORMAL:-VERS-ALL:+VERS-TLS" +
                  version() +
                  " --sni-hostname {host} --verify-hostname {host} --port {port} {address}"};
    case Client::java:
      return java("TlsClient",
                  {"port={port}", "ca=" + root, "name={host}", "path=/", "versions=" + version()});
    default:
      return {"node",
              "-e",
              "const [servername, host, port, ca, v] = process.argv.slice(1);"
              "require('https').get({servername, host, port, ca: require('fs').readFileSync(ca),"
              " minVersion: v, maxVersion: v}, answer => answer.pipe(process.stdout))"
              ".on('error', error => { console.error(error.code); process.exit(1); });",
              "{host}",
              "{address}",
              "{port}",
              root,
              "TLSv" + version()};
  }
}

TEST_P(DistrustingClient, IsTheProxysDoingAsTheTwinShows) {
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--twin", "auto"});
  const Recorder witness(proxy.port());
  const Spoken direct = visit(nginx_.port());
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_EQ(direct.body, "hello from nginx\n");
  const Spoken proxied = visit(witness.port());
  EXPECT_NE(proxied.exit_code, 0);
  EXPECT_EQ(proxied.body, "");

  const Session session = proxy.session();
  const std::string agreed = "; TLS " + version() + ' ' + direct.suite;
  const std::string reached = late() ? "established finished" : "failed certificate";
  const std::string said = says_why() ? "; " + alerts_sent().front() : "";
  EXPECT_THAT(story(session),
              ElementsAreArray(Lines{finding(), kIntroduced,
                                     closed("client_leg " + reached, "client", agreed + said),
                                     closed("backend_leg established finished", "proxy", agreed)}));
  EXPECT_EQ(word(session, "/findings/0/judged_by"), says_why() ? "client-alert" : "proxy-check");
  EXPECT_EQ(word(session, "/findings/0/codes/alert"),
            says_why() ? std::to_string(GetParam().alert) : "absent");
  EXPECT_EQ(word(session, "/bytes"), R"({"client_to_backend":0,"backend_to_client":0})");
  const std::vector<std::string> on_the_wire = records_behind_hello(witness.bytes(0, "c2s"));
  EXPECT_EQ(on_the_wire, GetParam().on_the_wire);
  // It is the client that goes; with bytes of ours unread, its system resets.
  EXPECT_THAT(witness.ends(0).front(), AnyOf("c2s fin", "c2s rst"));
  // What the twin has seen: the backend takes the client's own hello, and agrees on the same.
  EXPECT_EQ(word(session, "/twin/result"), "ok");
  EXPECT_EQ(ending(session, "direct_leg"),
            std::string("incomplete ") + (version() == "1.3" ? "server_hello" : "certificate") +
                ", closed by proxy fin");
  EXPECT_EQ(word(session, "/direct_leg/server_hello/version/name"), "TLS " + version());
  EXPECT_EQ(word(session, "/direct_leg/server_hello/cipher/name"), direct.suite);
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre());
}

TEST_P(DistrustingClient, IsTheProxysDoingAsCompareShows) {
  const Compared compared =
      compare(nginx_.address(),
              {"--trust", credentials_.root.string(), "--resolve", std::string(kHost)}, command());
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(),
              ElementsAre("direct: ok 0", "proxied: failed " + GetParam().exit_code));
  EXPECT_EQ(verdict(compared.document), kComparedIntroduces);
  EXPECT_EQ(compared.text("/verdict/headline"),
            "It works directly and fails through the proxy, which is the proxy's doing: The " +
                headline_end());
  EXPECT_THAT(findings(compared.document), ElementsAre(finding()));
  const Session& direct = compared.session("direct");
  EXPECT_THAT(findings(direct), ElementsAre());
  EXPECT_EQ(verdict(direct), healthy(Mode::passthrough));
  EXPECT_EQ(word(direct, "/direct_leg/established/version/name"), "TLS " + version());
  const Session& proxied = compared.session("proxied");
  EXPECT_THAT(findings(proxied), ElementsAre(finding()));
  EXPECT_EQ(verdict(proxied), kComparedIntroduces);
  EXPECT_EQ(alerts(proxied, "client_leg"), alerts_sent());
  EXPECT_EQ(word(proxied, "/backend_leg/established/version/name"), "TLS " + version());
  EXPECT_EQ(word(proxied, "/backend_leg/established/cipher/name"),
            word(direct, "/direct_leg/established/cipher/name"));
}

INSTANTIATE_TEST_SUITE_P(Of, DistrustingClient, ::testing::ValuesIn(kDistrusting),
                         [](const auto& distrust) {
                           return name(distrust.param.client) + "_tls1" +
                                  distrust.param.version.back();
                         });

}  // namespace
}  // namespace visavis::testing
