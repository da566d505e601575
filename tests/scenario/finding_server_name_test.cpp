// The server name: refused, missing, malformed; and a server without secure renegotiation.
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// named asks under another name than the certificate's.
Asking named(const std::string& host, std::vector<std::string> options = {}) {
  return [host, options](const Visit& visit) {
    std::vector<std::string> words{"-servername", host};
    words.insert(words.end(), options.begin(), options.end());
    return openssl_client(visit, words);
  };
}

using ::testing::IsEmpty;
using ::testing::MatchesRegex;

/// What a session that works has of the client's own words, and of all its bytes.
void expect_all_as_direct(const Seen& seen, const Spoken& direct) {
  expect_as_direct(seen.session, direct, seen.spoken);
  if (word(seen.session, "/mode") == "terminate") expect_same_bytes(seen.session);
}

class ServerName : public ::testing::TestWithParam<Mode> {
 protected:
  /// s_server knows one name besides its default one, and is strict or not.
  [[nodiscard]] std::vector<std::string> knows(const std::string& name, bool strict) const {
    std::vector<std::string> options{"-www",
                                     "-servername",
                                     name,
                                     "-cert2",
                                     credentials_.leaf.string(),
                                     "-key2",
                                     credentials_.key.string()};
    if (strict) options.push_back("-servername_fatal");
    return options;
  }
  Session expect_refused(const Backend& backend, const Asking& client, const std::string& finding,
                         int alert, bool repeated = true) const {
    const Recorder recorder(backend.port());
    EXPECT_NE(directly(recorder, credentials_, client).exit_code, 0);
    EXPECT_EQ(to_hex(recorder.bytes(0, "s2c")).substr(10),
              "02" + to_hex(std::string(1, static_cast<char>(alert))));
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(story(seen.session),
                ElementsAreArray(refused_hello(GetParam(), finding, alert, repeated)));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(seen.session, "/findings/0/codes/alert"), std::to_string(alert));
    return seen.session;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(ServerName, IsUnknownToAStrictServer) {
  const OpensslServer backend(credentials_, knows("www.example.test", true));
  const Session session =
      expect_refused(backend, named("old.example.test"), "sni-refused both error proven", 112);
  EXPECT_EQ(word(session, "/findings/0/presented"), "the hello asks for 'old.example.test'");
  const Nginx lenient(credentials_);
  expect_healthy(GetParam(), lenient, credentials_, named("old.example.test"));
}

TEST_P(ServerName, IsRefusedByNginxWithoutADefaultSite) {
  const Nginx nginx(credentials_, {.directives = "ssl_reject_handshake on;"});
  expect_refused(nginx, named("old.example.test"), "sni-refused both error proven", 112);
  expect_refused(nginx, named("192.0.2.1"), "sni-malformed client error proven", 112);
  expect_refused(nginx, named("old.example.test:443"), "sni-malformed client error proven", 112);
}

/// A warning up to TLS 1.2, with which OpenSSL goes on.
TEST_P(ServerName, IsOnlyWarnedAbout) {
  const OpensslServer backend(credentials_, knows("www.example.test", false));
  const Asking client = named("alias.example.test", {"-tls1_2"});
  const Recorder recorder(backend.port());
  const Spoken direct = directly(recorder, credentials_, client);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_EQ(to_hex(recorder.bytes(0, "s2c")).substr(0, 14), "15030300020170");
  const Seen seen = through(GetParam(), backend, credentials_, client);
  expect_all_as_direct(seen, direct);
  EXPECT_THAT(findings(seen.session), ElementsAre("sni-refused backend warning proven"));
  EXPECT_EQ(verdict(seen.session),
            GetParam() == Mode::passthrough ? healthy(GetParam()) : kWorksUnknown);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "observation");
}

/// The same for a name that the certificate is not for, either: what is shown is the default one.
TEST_P(ServerName, GetsTheDefaultCertificate) {
  const OpensslServer backend(credentials_, knows("www.example.test", false));
  const Asking client = named("www.example.org", {"-tls1_2"});
  const Spoken direct = directly(backend, credentials_, client);
  ASSERT_EQ(direct.exit_code, 0) << "it does not check the name";
  const Seen seen = through(GetParam(), backend, credentials_, client);
  expect_all_as_direct(seen, direct);
  EXPECT_EQ(verdict(seen.session),
            GetParam() == Mode::passthrough ? healthy(GetParam()) : kWorksUnknown);
  EXPECT_THAT(findings(seen.session), ElementsAre("default-certificate backend info proven",
                                                  "name-mismatch backend error proven",
                                                  "sni-refused backend warning proven"));
  EXPECT_EQ(word(seen.session, "/findings/0/id"), "name-mismatch") << "which leads";
}

/// RFC 6066 3 has no dot at the end. Most servers don't mind: a word, and no more.
TEST_P(ServerName, WithADotIsWorthAWord) {
  const OpensslServer backend(credentials_, {"-www"});
  const Asking client = named("localhost.");
  const Spoken direct = directly(backend, credentials_, client);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Seen seen = through(GetParam(), backend, credentials_, client);
  expect_all_as_direct(seen, direct);
  EXPECT_THAT(findings(seen.session), ElementsAre("sni-malformed client info proven"));
  EXPECT_EQ(verdict(seen.session), healthy(GetParam()));
}

TEST_P(ServerName, IsMissing) {
  const Nginx nginx(credentials_, {.directives = "ssl_reject_handshake on;"});
  // curl names no address: RFC 6066 3.
  const Asking nameless = [](const Visit& visit) {
    Visit by_address = visit;
    by_address.host = "127.0.0.1";
    return curl(by_address, {"--insecure"});
  };
  // curl pads its hello, which OpenSSL does not repeat.
  expect_refused(nginx, nameless, "sni-missing client error proven", 112, false);
  const Nginx lenient(credentials_);
  const Spoken direct = directly(lenient, credentials_, nameless);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Seen seen = through(GetParam(), lenient, credentials_, nameless);
  expect_all_as_direct(seen, direct);
  // The certificate is not for the address, as far as it is seen (TLS 1.3).
  std::vector<std::string> expected;
  if (GetParam() == Mode::terminate) expected.push_back("name-mismatch backend warning likely");
  EXPECT_THAT(findings(seen.session), ElementsAreArray(expected));
}

/// Closed on without an answer, as IIS with bindings for host names only does.
TEST_P(ServerName, IsMissingWhereTheBackendOnlyCloses) {
  const PythonPeer backend("mute_server.py", {"fin"});
  const auto asking = [](const Visit& visit, const std::string& host) {
    Visit named = visit;
    named.host = host;
    return curl(named, {"--insecure"});
  };
  ASSERT_NE(asking({backend.port(), credentials_.root}, "127.0.0.1").exit_code, 0);
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    std::vector<std::string> options{"--backend", "localhost:" + std::to_string(backend.port()),
                                     "--mode", name(GetParam())};
    const ProxyProcess proxy(options);
    EXPECT_NE(asking({proxy.port(), credentials_.root}, host).exit_code, 0);
    Lines expected{"no-server-hello backend error likely"};
    if (host == "127.0.0.1") expected.emplace_back("sni-missing client warning likely");
    if (GetParam() == Mode::passthrough)
      expected.insert(expected.end(),
                      {kFailsDirect, closed("direct_leg failed client_hello", "backend", "")});
    else
      expected.insert(expected.end(), {MatchesRegex("(unknown|fails-both) proxied failed .*"),
                                       "client_leg failed client_hello, closed by proxy fin",
                                       closed("backend_leg failed client_hello", "backend", "")});
    const Session session = proxy.session();
    EXPECT_THAT(story(session), ElementsAreArray(expected));
    EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  }
}

/// OpenSSL 3 refuses a server without RFC 5746; GnuTLS connects.
TEST_P(ServerName, SecureRenegotiationIsMissing) {
  const GnutlsServer backend(
      credentials_, "NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION", {"--http"});
  const Asking strict = curl_with({"--tls-max", "1.2"});
  const std::string kept = "renegotiation-info-missing backend warning proven";
  ASSERT_THAT(directly(backend, credentials_, strict).errors,
              HasSubstr("unsafe legacy renegotiation disabled"));
  const Seen seen = through(GetParam(), backend, credentials_, strict);
  const Asking lenient = gnutls_with({"--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2"});
  const Spoken direct = directly(backend, credentials_, lenient);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Seen taken = through(GetParam(), backend, credentials_, lenient);
  EXPECT_THAT(findings(taken.session), ElementsAre(kept));
  EXPECT_EQ(word(taken.session, "/findings/0/role"), "observation");
  expect_all_as_direct(taken, direct);
  const std::string chosen = "; TLS 1.2 TLS_ECDHE_RSA_WITH_[A-Z0-9_]+";
  if (GetParam() == Mode::passthrough) {
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(
        story(seen.session),
        ElementsAre("renegotiation-info-missing backend error likely", kFailsDirect,
                    closed_by_a_peer("direct_leg failed [a-z_]+", chosen + "; client fatal 40")));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  } else {
    EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
    EXPECT_THAT(story(seen.session),
                ElementsAre(kept, kWorksUnknown,
                            MatchesRegex("client_leg established finished, .*" + chosen + ".*"),
                            MatchesRegex("backend_leg established finished, .*" + chosen + ".*")));
    expect_same_bytes(seen.session);
  }
}

INSTANTIATE_TEST_SUITE_P(In, ServerName, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing
