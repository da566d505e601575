// The direct twin: the client's own hello, tried on the backend on a connection of its own, and
// what the verdict makes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kCurlHandshakeFailed = 35;
constexpr std::size_t kFirstSegment = 100;

/// "RESULT", "RESULT cached", or "none".
std::string twin(const Session& session) {
  if (word(session, "/twin") == "null") return "none";
  return word(session, "/twin/result") + (word(session, "/twin/cached") == "true" ? " cached" : "");
}

class Twin : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<PythonPeer> picky(std::vector<std::string> options) const {
    options.insert(options.begin(), {credentials_.chain.string(), credentials_.key.string()});
    return std::make_unique<PythonPeer>("picky_server.py", options);
  }
  [[nodiscard]] static std::unique_ptr<PythonPeer> splitter(std::uint16_t to) {
    return std::make_unique<PythonPeer>(
        "splitter.py", std::vector<std::string>{"--to", std::to_string(to), "--first",
                                                std::to_string(kFirstSegment)});
  }
  [[nodiscard]] std::vector<std::string> to(const Backend& backend,
                                            std::vector<std::string> more = {}) const {
    more.insert(more.begin(),
                {"--backend", backend.address(), "--trust", credentials_.root.string()});
    if (std::find(more.begin(), more.end(), "--twin") == more.end())
      more.insert(more.end(), {"--twin", "auto"});
    return more;
  }
  /// What the backend has said of its connections: in how many segments each hello came.
  static std::vector<std::string> connections(Backend& backend) {
    std::vector<std::string> sizes;
    std::istringstream lines(backend.process().output());
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("connection ")) sizes.push_back(line.substr(11));
    return sizes;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_F(Twin, IsSentOncePerShapeAndItsBytesAreTheClients) {
  const Nginx nginx(credentials_);
  const Recorder backend(nginx.port());
  const ProxyProcess proxy(to(backend));
  const Recorder client(proxy.port());
  ASSERT_EQ(curl({client.port(), proxy.ca_certificate()}).exit_code, 0);
  const Session first = proxy.session(1);
  EXPECT_EQ(verdict(first), "healthy proxied ok direct ok by twin");
  EXPECT_EQ(twin(first), "ok");
  EXPECT_EQ(ending(first, "direct_leg"), "incomplete server_hello, closed by proxy fin");
  EXPECT_EQ(word(first, "/direct_leg/server_hello/cipher/name"),
            word(first, "/backend_leg/established/cipher/name"));
  EXPECT_EQ(word(first, "/direct_leg/client_hello/segments"),
            word(first, "/client_leg/client_hello/segments"));
  EXPECT_EQ(word(first, "/direct_leg/client_hello/segments_exact"), "true");
  EXPECT_EQ(word(first, "/direct_leg/client_hello/random"),
            word(first, "/client_leg/client_hello/random"));
  ASSERT_EQ(backend.connections(), 2U);
  const std::string sent = backend.bytes(1, "c2s");
  EXPECT_GT(sent.size(), 200U);
  EXPECT_EQ(sent, client.bytes(0, "c2s").substr(0, sent.size())) << "the hello and no byte more";
  EXPECT_EQ(to_hex(sent), word(first, "/direct_leg/raw/c2s"));
  EXPECT_EQ(backend.ends(1).front(), "c2s fin") << "closed cleanly";

  ASSERT_EQ(curl({client.port(), proxy.ca_certificate()}).exit_code, 0);
  const Session second = proxy.sessions_as_begun(2).back();
  EXPECT_EQ(verdict(second), "healthy proxied ok direct ok by twin");
  EXPECT_EQ(twin(second), "ok cached");
  EXPECT_EQ(word(second, "/direct_leg"), "null");
  EXPECT_EQ(word(second, "/twin/why"), word(first, "/twin/why"));
  EXPECT_EQ(backend.connections(), 3U);

  // Another hello: another twin.
  ASSERT_EQ(curl({client.port(), proxy.ca_certificate()}, {"--tls-max", "1.2"}).exit_code, 0);
  const Session other = proxy.sessions_as_begun(3).back();
  EXPECT_EQ(twin(other), "ok");
  EXPECT_EQ(ending(other, "direct_leg"), "incomplete certificate, closed by proxy fin");
  EXPECT_EQ(word(other, "/direct_leg/chain/trusted"), "true");
  EXPECT_EQ(backend.connections(), 5U);
  EXPECT_THAT(findings(other), IsEmpty());
}

TEST_F(Twin, IsSentAsOftenAsWasAskedFor) {
  const Nginx nginx(credentials_);
  for (const auto& [policy, connections, how, known_by] :
       {std::tuple{"never", 2U, "none", "offer"}, std::tuple{"always", 4U, "ok", "twin"}}) {
    SCOPED_TRACE(policy);
    const Recorder backend(nginx.port());
    const ProxyProcess proxy(to(backend, {"--twin", policy}));
    for (std::size_t i = 1; i <= 2; ++i) {
      ASSERT_EQ(curl(proxy.visit(), {"--tls-max", "1.2"}).exit_code, 0);
      const Session session = proxy.sessions_as_begun(i).back();
      EXPECT_EQ(twin(session), how);
      EXPECT_EQ(verdict(session), std::string("healthy proxied ok direct ok by ") + known_by);
      EXPECT_EQ(word(session, "/direct_leg") == "null", std::string(how) == "none");
    }
    EXPECT_EQ(backend.connections(), connections);
  }
}

/// A backend, or a device before it, that takes the first segment for the whole message.
TEST_F(Twin, TellsOfABackendThatWantsTheHelloInOneSegment) {
  for (const std::string how : {"fin", "rst", "alert"}) {
    SCOPED_TRACE(how);
    const auto backend = picky({"--several", how});
    const auto direct = splitter(backend->port());
    ASSERT_EQ(curl({backend->port(), credentials_.root}).exit_code, 0) << "in one segment";
    ASSERT_EQ(curl({direct->port(), credentials_.root}).exit_code, kCurlHandshakeFailed);
    const std::size_t before = connections(*backend).size();

    const ProxyProcess proxy(to(*backend));
    const auto cut = splitter(proxy.port());
    const Spoken through = curl({cut->port(), proxy.ca_certificate()});
    EXPECT_EQ(through.exit_code, 0) << through.errors;
    EXPECT_EQ(through.body, "hello from picky\n");
    const Session session = proxy.session();
    EXPECT_THAT(story(session), ElementsAre("hello-intolerance backend error likely",
                                            "proxy-masks proxied ok direct failed by twin",
                                            StartsWith("client_leg established finished, "),
                                            StartsWith("backend_leg established finished, ")));
    // It refuses what it has before the second segment is there, or after.
    const std::string by = how == "alert" ? "proxy fin" : "backend " + how;
    EXPECT_THAT(ending(session, "direct_leg"),
                ::testing::MatchesRegex("failed (tcp|client_hello), closed by " + by));
    EXPECT_THAT(word(session, "/client_leg/client_hello/segments"),
                StartsWith('[' + std::to_string(kFirstSegment) + ','));
    EXPECT_THAT(
        word(session, "/verdict/headline"),
        AllOf(StartsWith("It works only through the proxy: the backend "),
              HasSubstr("What the proxy changed: the hello's 2 TCP segments, which leave as one")));
    const auto seen = connections(*backend);
    ASSERT_EQ(seen.size(), before + 2);
    EXPECT_EQ(seen[before], "1") << "our own hello";
  }
}

/// A backend that wants what our library can't send: our limit, and not sold as anybody's fault.
TEST_F(Twin, TellsWhenOurOwnHelloIsToBlame) {
  constexpr std::string_view kRecordSizeLimit = "28";  // RFC 8449: GnuTLS sends it, OpenSSL 3.0 not
  const auto backend = picky({"--want-extension", std::string(kRecordSizeLimit)});
  const Spoken direct = gnutls_client({backend->port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess proxy(to(*backend));
  EXPECT_NE(gnutls_client(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "proxy-introduces proxied failed direct ok by twin");
  EXPECT_EQ(ending(session, "direct_leg"), "incomplete server_hello, closed by proxy fin");
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("backend fatal 40"));
  EXPECT_THAT(unmirrored_features(session),
              ::testing::Contains(StartsWith("backend_leg extensions: renegotiation_info, ")));
  EXPECT_THAT(word(session, "/verdict/headline"),
              AllOf(StartsWith("The proxy is the cause, not the backend: "),
                    HasSubstr("record_size_limit")));
  EXPECT_THAT(findings(session), ElementsAre("our-hello-refused proxy error proven"));
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "twin");
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("record_size_limit"));
}

/// One connection at a time: the twin beside a long session stays unanswered, which proves nothing.
TEST_F(Twin, BesideALongSessionClaimsNothingOfABackendThatIsBusy) {
  const OpensslServer backend(credentials_, {"-rev", "-tls1_2"});
  ProxyProcess proxy(to(backend, {"--handshake-timeout", "1"}));
  const std::size_t files = proxy.process().open_files();
  {
    Process client({{"openssl", "s_client", "-quiet", "-verify_quiet", "-tls1_2", "-connect",
                     "127.0.0.1:" + std::to_string(proxy.port()), "-servername", "localhost",
                     "-CAfile", proxy.ca_certificate().string()}});
    const auto opened = [&] { return proxy.process().open_files() - files; };
    ASSERT_TRUE(wait_until([&] { return opened() == 3; })) << "both legs and the twin";
    ASSERT_TRUE(wait_until([&] { return opened() == 2; })) << "the twin gives up";
  }
  const Session session = proxy.session();
  EXPECT_EQ(twin(session), "unknown");
  EXPECT_THAT(word(session, "/twin/why"), HasSubstr("it may take one at a time"));
  EXPECT_EQ(ending(session, "direct_leg"), "failed client_hello, closed by proxy timeout");
  EXPECT_THAT(verdict(session), Not(HasSubstr("by twin")));
  EXPECT_EQ(proxy.stop(), 0);
}

/// The client never waits for a twin, and a stop of the proxy does not either.
TEST_F(Twin, IsEndedByAStopOfTheProxy) {
  const PythonPeer silent("mute_server.py", {"silent"});
  const Recorder backend(silent.port());
  ProxyProcess proxy(to(backend, {"--handshake-timeout", "60"}));
  EXPECT_NE(curl(proxy.visit(), {"--max-time", "1"}).exit_code, 0);
  ASSERT_TRUE(wait_until([&] { return backend.connections() == 2; }));
  EXPECT_EQ(proxy.stop(), 0);
  const Session session = proxy.session();
  EXPECT_EQ(twin(session), "unknown");
  EXPECT_EQ(verdict(session), "unknown proxied failed direct unknown by none");
  EXPECT_LT(session.at("duration_ms").to_number<double>(), 2500) << "of the session, not the twin";
}

TEST_F(Twin, IsNotSentWhereTheBackendIsNotReached) {
  const ProxyProcess proxy(
      {"--backend", "127.0.0.1:" + std::to_string(free_port()), "--twin", "auto"});
  EXPECT_NE(curl(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(twin(session), "none");
  EXPECT_EQ(word(session, "/direct_leg"), "null");
  EXPECT_EQ(verdict(session), "unknown proxied failed direct unknown by none");
}

/// A new name is a new shape. A crowd of them is not a crowd of connections at the backend, and a
/// session that got no twin says so.
TEST_F(Twin, IsRefusedByTheRateAndTheReportSaysSo) {
  constexpr std::size_t kNames = 60;  // at 5 a second, 8 s worth beyond the first 20
  const Nginx nginx(credentials_);
  const Recorder backend(nginx.port());
  const ProxyProcess proxy(to(backend));
  std::vector<Call> calls(kNames);
  for (std::size_t i = 0; i < kNames; ++i) {
    calls[i].visit = proxy.visit();
    calls[i].visit.host = "n" + std::to_string(i) + ".example.test";
  }
  for (const Spoken& spoken : visit_all(Client::node, calls))
    ASSERT_EQ(spoken.exit_code, 0) << spoken.errors;
  std::size_t sent = 0;
  std::size_t refused = 0;
  for (const Session& session : proxy.sessions(kNames)) {
    EXPECT_THAT(findings(session), IsEmpty());
    if (twin(session) == "ok") {
      ++sent;
      EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by twin");
      continue;
    }
    ++refused;
    EXPECT_EQ(twin(session), "unknown");
    EXPECT_EQ(word(session, "/twin/why"),
              "The client's own hello was not tried: this backend gets no more than 20 trials in a "
              "row and 5 a second (--twin always keeps no rate)");
    EXPECT_EQ(word(session, "/direct_leg"), "null");
    EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
  }
  EXPECT_GE(sent, 20U);
  EXPECT_GE(refused, 1U);
  EXPECT_EQ(sent + refused, kNames);
  EXPECT_EQ(backend.connections(), kNames + sent);
}

/// What would tell is named where it was switched off.
TEST_F(Twin, IsNamedWhereItWouldTell) {
  const Nginx nginx(credentials_);
  for (const std::string policy : {"never", "auto"}) {
    SCOPED_TRACE(policy);
    const ProxyProcess proxy(to(nginx, {"--twin", policy}));
    ASSERT_EQ(gnutls_client(proxy.visit()).exit_code, 0);
    const Session session = proxy.session();
    const std::string hint =
        " Whether it works without the proxy is not known: run visavis compare " + nginx.address() +
        " -- CLIENT COMMAND, or visavis with --mode passthrough or --twin auto, to tell.";
    EXPECT_EQ(word(session, "/verdict/headline").ends_with(hint), policy == "never");
    EXPECT_EQ(verdict(session),
              policy == "never" ? kWorksUnknown : "healthy proxied ok direct ok by twin");
  }
}

/// A hello that names a host the backend does not know, because the client was told to ask the
/// proxy by that name: a direct client asks otherwise.
TEST_F(Twin, ProvesNothingUnderANameThatIsTheProxys) {
  const OpensslServer backend(
      credentials_, {"-www", "-servername", "other.example.test", "-servername_fatal", "-cert2",
                     credentials_.chain.string(), "-key2", credentials_.key.string()});
  const ProxyProcess proxy({"--backend", "localhost:" + std::to_string(backend.port()), "--trust",
                            credentials_.root.string(), "--twin", "auto"});
  Visit visit = proxy.visit();
  visit.host = "proxy.example.test";
  EXPECT_NE(curl(visit).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("backend fatal 112"));
  EXPECT_EQ(twin(session), "unknown");
  EXPECT_THAT(word(session, "/twin/why"), HasSubstr("its server name is not the backend's"));
  EXPECT_THAT(verdict(session), HasSubstr("direct unknown by none"));
}

}  // namespace
}  // namespace visavis::testing
