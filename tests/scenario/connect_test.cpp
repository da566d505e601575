// --connect: clients use visavis as a forward proxy, and ask for their backend by HTTP CONNECT.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The direct twin has tests of its own: without it a terminated session is judged by its offer.
const std::vector<std::string> kNoTwin{"--twin", "never"};

std::string works(Mode mode) {
  return mode == Mode::passthrough ? healthy(mode) : "healthy proxied ok direct ok by offer";
}

std::vector<std::string> options_of(Mode mode, const Credentials& credentials,
                                    std::vector<std::string> more = {}) {
  std::vector<std::string> options{"--connect", "--trust", credentials.root.string(), "--mode",
                                   name(mode)};
  options.insert(options.end(), kNoTwin.begin(), kNoTwin.end());
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

class Connect : public ::testing::TestWithParam<Mode> {
 protected:
  /// Whom a client trusts that gets to see the backend's own certificate, or ours.
  [[nodiscard]] std::filesystem::path trusted(const ProxyProcess& proxy) const {
    return GetParam() == Mode::passthrough ? credentials_.root : proxy.ca_certificate();
  }
  [[nodiscard]] Spoken curl_through(const ProxyProcess& proxy, Visit visit) const {
    visit.trusted = trusted(proxy);
    return curl(visit,
                {"--noproxy", "", "--proxy", "http://127.0.0.1:" + std::to_string(proxy.port())});
  }
  /// expect_whole asserts what every healthy session has, besides what the client itself said.
  void expect_whole(const Session& session, const std::string& asked,
                    const std::string& backend) const {
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(word(session, "/connect"), asked);
    EXPECT_EQ(word(session, "/backend"), backend);
    for (const std::string& leg : legs_of(GetParam())) {
      if (leg == "backend_leg") continue;
      // The hello as it came, behind the CONNECT: nothing of that is in the leg.
      const std::string hello = "/" + leg + "/client_hello";
      const int record = std::stoi(word(session, hello + "/length")) + 9;
      EXPECT_EQ(word(session, hello + "/segments"), "[" + std::to_string(record) + "]");
      EXPECT_EQ(word(session, hello + "/segments_exact"), "true");
      EXPECT_TRUE(word(session, "/" + leg + "/raw/c2s").starts_with("1603"));
      EXPECT_TRUE(word(session, "/" + leg + "/raw/s2c").starts_with("1603"));
    }
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
  Nginx nginx_{credentials_};
};

TEST_P(Connect, LeadsCurlToTheBackendThatItNames) {
  const Visit visit{nginx_.port(), credentials_.root};
  const Spoken direct = curl(visit);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ProxyProcess proxy(options_of(GetParam(), credentials_));
  const Spoken proxied = curl_through(proxy, visit);
  EXPECT_EQ(proxied.body, "hello from nginx\n");
  EXPECT_THAT(proxied.errors, HasSubstr("< HTTP/1.1 200 Connection Established"));
  const std::string asked = "localhost:" + std::to_string(nginx_.port());
  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  EXPECT_EQ(verdict(session), works(GetParam()));
  expect_whole(session, asked, asked);
  EXPECT_EQ(word(session, "/backend_address"), nginx_.address());
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(Connect, LeadsOpensslByAddress) {
  const Visit visit{nginx_.port(), credentials_.root};
  const Spoken direct = openssl_client(visit);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess proxy(options_of(GetParam(), credentials_));
  const Spoken proxied = openssl_client({nginx_.port(), trusted(proxy)},
                                        {"-proxy", "127.0.0.1:" + std::to_string(proxy.port())});
  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  EXPECT_EQ(verdict(session), works(GetParam()));
  expect_whole(session, nginx_.address(), nginx_.address());
}

TEST_P(Connect, LeadsJava) {
  const Call call{{nginx_.port(), credentials_.root}};
  const Spoken direct = java_client({call_line(call)}).front();
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess proxy(options_of(GetParam(), credentials_));
  Call there = call;
  there.visit.trusted = trusted(proxy);
  const Spoken proxied =
      java_client({call_line(there) + " proxy=" + std::to_string(proxy.port())}).front();
  const std::string asked = "localhost:" + std::to_string(nginx_.port());
  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  // Our library can't repeat all of JSSE's hello.
  EXPECT_EQ(verdict(session), GetParam() == Mode::passthrough ? works(GetParam()) : kWorksUnknown);
  expect_whole(session, asked, asked);
}

/// What CONNECT names need not exist here: a route or the fixed backend stands for it.
TEST_P(Connect, IsRenamedByARouteAndByTheFixedBackend) {
  const std::vector<std::vector<std::string>> renamings{
      {"--route", "one.example.test=" + nginx_.address()},
      {"--backend", nginx_.address()},
      {"--route", "one.example.test=" + nginx_.address(), "--backend", "127.0.0.1:1"},
      {"--route", "two.example.test=127.0.0.1:1", "--backend", nginx_.address()}};
  for (const auto& renaming : renamings) {
    SCOPED_TRACE(::testing::PrintToString(renaming));
    const ProxyProcess proxy(options_of(GetParam(), credentials_, renaming));
    const Spoken proxied = curl_through(proxy, {443, {}, "one.example.test"});
    EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
    EXPECT_EQ(proxied.body, "hello from nginx\n");
    const Session session = proxy.session();
    EXPECT_EQ(verdict(session), works(GetParam()));
    expect_whole(session, "one.example.test:443", nginx_.address());
    EXPECT_EQ(word(session, "/sni"), "one.example.test");
  }
}

/// The 200 was sent before: what follows is what a client gets that dials the backend itself.
TEST_P(Connect, MirrorsABackendThatCantBeDialled) {
  const Visit nowhere{free_port(), credentials_.root};
  ASSERT_EQ(curl(nowhere).exit_code, 7) << "connection refused";
  const ProxyProcess proxy(options_of(GetParam(), credentials_));
  const Spoken proxied = curl_through(proxy, nowhere);
  EXPECT_EQ(proxied.exit_code, 35) << proxied.errors;
  EXPECT_THAT(proxied.errors, HasSubstr("Connection reset by peer"));
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("backend-unreachable backend error proven"));
  EXPECT_EQ(word(session, "/connect"), "localhost:" + std::to_string(nowhere.port));
}

/// The hello may come with the CONNECT, before the answer: it is taken, but nobody knows in which
/// segments it came.
TEST_P(Connect, TakesAHelloThatComesTooEarly) {
  const ProxyProcess proxy(
      options_of(GetParam(), credentials_, {"--handshake-timeout", "1", "--idle-timeout", "1"}));
  const Ran ran = run(
      {python("raw_client.py", {"say", "--port", std::to_string(proxy.port()), "--hello", "--text",
                                "CONNECT " + nginx_.address() + " HTTP/1.1\\r\\n\\r\\n"})});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const std::string said = to_hex("HTTP/1.1 200 Connection Established\r\n\r\n");
  EXPECT_TRUE(ran.output.starts_with(said + "1603")) << ran.output;
  const Session session = proxy.session();
  const std::string hello = "/" + legs_of(GetParam()).front() + "/client_hello";
  EXPECT_EQ(word(session, hello + "/sni"), "localhost");
  EXPECT_EQ(word(session, hello + "/segments_exact"), "false");
  EXPECT_EQ(word(session, "/connect"), nginx_.address());
}

struct BadRequest {
  std::string text;
  int status;
  std::string said;
};

TEST_P(Connect, SaysWhatIsWrongWithARequestAndBlamesNoTls) {
  const std::vector<BadRequest> requests{
      {"GET http://localhost/?p4ssw0rd HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n", 405,
       "GET was sent, and only CONNECT is served here: an https:// URL through this proxy, or a "
       "client that tunnels everything (curl: --proxytunnel)"},
      {"CONNECT localhost HTTP/1.1\\r\\n\\r\\n", 400,
       "HTTP CONNECT: 'localhost' is not HOST:PORT: the port is missing"},
      {"CONNECT localhost:99999 HTTP/1.1\\r\\n\\r\\n", 400,
       "HTTP CONNECT: 'localhost:99999' is not HOST:PORT: '99999' is not a port (0 to 65535)"},
      {"CONNECT localhost:443\\r\\n\\r\\n", 400, "the request's first line can't be read"},
      {"\\x05\\x01\\x00", 400, "what came is no HTTP CONNECT, but: SOCKS greeting"},
      {"\\x16\\x03\\x01\\x00\\x05\\x01", 400,
       "the client began TLS at once: it does not use this as a proxy, which wants HTTP CONNECT "
       "first (or start visavis without --connect)"},
      {"CONNECT localhost:443 HTTP/1.1\\r\\nA: " + std::string(70'000, 'a'), 431,
       "the request has more than 65536 bytes of header fields"},
      {"CONNECT localhost:443 HTTP/1.1\\r\\nHost: loc", 408,
       "the client did not send a whole HTTP CONNECT within the time-out"},
      {"", 408, "the client did not send an HTTP CONNECT within the time-out"},
  };
  ProxyProcess proxy(options_of(GetParam(), credentials_, {"--hello-timeout", "1"}));
  std::size_t count = 0;
  for (const BadRequest& request : requests) {
    SCOPED_TRACE(request.text.substr(0, 60));
    const Ran ran = run({python(
        "raw_client.py", {"say", "--port", std::to_string(proxy.port()), "--text", request.text})});
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
    const std::string body = to_hex("\r\n\r\nvisavis: " + request.said + "\n");
    EXPECT_TRUE(ran.output.starts_with(to_hex("HTTP/1.1 " + std::to_string(request.status) + " ")));
    EXPECT_TRUE(ran.output.ends_with(body + "\nfin\n")) << ran.output;

    const Session session = proxy.session(++count);
    const std::string leg = legs_of(GetParam()).front();
    const bool passed = GetParam() == Mode::passthrough;
    EXPECT_THAT(story(session), ElementsAre(passed ? kPassedUnknown : kFailedUnknown,
                                            leg + " failed tcp, closed by proxy fin"));
    EXPECT_EQ(word(session, "/" + leg + "/failure"), request.said);
    EXPECT_EQ(word(session, "/verdict/headline"),
              (passed ? "The client was connected to no backend: " : "Client leg failed: ") +
                  request.said + ".");
    EXPECT_EQ(word(session, "/connect"), "null");
    EXPECT_EQ(word(session, "/backend"), "");
  }
  EXPECT_EQ(proxy.log_text().find("p4ssw0rd"), std::string::npos);
  // The next one is not harmed.
  EXPECT_EQ(curl_through(proxy, {nginx_.port(), {}}).exit_code, 0);
  EXPECT_EQ(verdict(proxy.session(count + 1)), works(GetParam()));
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(Connect, RecordsAClientThatLeavesBeforeItHasAsked) {
  ProxyProcess proxy(options_of(GetParam(), credentials_));
  const std::string port = std::to_string(proxy.port());
  const std::string leg = legs_of(GetParam()).front();
  const std::string unknown = GetParam() == Mode::passthrough ? kPassedUnknown : kFailedUnknown;
  ASSERT_EQ(run({python("raw_client.py", {"empty", "--port", port})}).exit_code, 0);
  Session session = proxy.session();
  EXPECT_THAT(story(session), ElementsAre(unknown, leg + " failed tcp, closed by client fin"));
  EXPECT_EQ(word(session, "/" + leg + "/failure"),
            "the client closed before it had sent an HTTP CONNECT");
  ASSERT_EQ(
      run({python("raw_client.py", {"say", "--port", port, "--end", "--text", "CONNECT local"})})
          .exit_code,
      0);
  session = proxy.session(2);
  EXPECT_THAT(story(session), ElementsAre(unknown, leg + " failed tcp, closed by client fin"));
  EXPECT_EQ(word(session, "/" + leg + "/failure"),
            "the client closed before it had sent a whole HTTP CONNECT");
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, Connect, ::testing::ValuesIn(kBothModes),
                         [](const auto& each) { return name(each.param); });

/// Who waits with its CONNECT when the proxy is stopped is recorded, too.
TEST(ConnectProxy, StopsWhileAClientWaits) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  ProxyProcess proxy(options_of(Mode::terminate, credentials));
  const std::size_t open_files = proxy.process().open_files();
  Process waiting({python("raw_client.py", {"say", "--port", std::to_string(proxy.port()), "--text",
                                            "CONNECT localhost:443 HTTP/1.1\\r\\n"})});
  ASSERT_TRUE(wait_until([&] { return proxy.process().open_files() > open_files; }));
  EXPECT_EQ(proxy.stop(), 0);
  EXPECT_EQ(waiting.wait(), 0);
  const Session session = proxy.session();
  EXPECT_THAT(story(session),
              ElementsAre(kFailedUnknown, "client_leg failed tcp, closed by proxy fin"));
  EXPECT_EQ(word(session, "/client_leg/failure"), "the proxy was stopped");
}

TEST(ConnectProxy, SaysHowItIsUsedAndWarnsWhenOthersCanReachIt) {
  const TemporaryDirectory folder;
  const std::string ca = (folder.path() / "ca").string();
  for (const std::string listen : {"127.0.0.1:0", "[::1]:0", "0.0.0.0:0"}) {
    SCOPED_TRACE(listen);
    Process proxy(
        {{visavis_program(), "proxy", "--connect", "--listen", listen, "--ca-dir", ca, "--quiet"}});
    const std::string address = proxy.wait_for("listening on ");
    EXPECT_EQ(proxy.wait_for("forward proxy: "),
              "clients ask by HTTP CONNECT (curl --proxy http://" + address + ")");
    proxy.signal(SIGINT);
    EXPECT_EQ(proxy.wait(), 0);
    const std::string warning =
        "WARNING: --listen 0.0.0.0:0: this is an open forward proxy: whoever reaches it gets "
        "wherever this machine gets\n";
    EXPECT_EQ(proxy.errors().find("WARNING") != std::string::npos, listen == "0.0.0.0:0");
    if (listen == "0.0.0.0:0") {
      EXPECT_THAT(proxy.errors(), HasSubstr(warning));
    }
    EXPECT_THAT(proxy.errors(), ::testing::Not(HasSubstr("route"))) << "no demonstration";
  }
}

}  // namespace
}  // namespace visavis::testing
