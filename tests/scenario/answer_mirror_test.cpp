// The client is answered as the backend answered: ALPN, suite, group, HelloRetryRequest, extended
// master secret and encrypt-then-MAC are the same on both legs as directly.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kHealthy = "healthy proxied ok direct ok by offer";

class AnswerMirror : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> to(const Backend& backend) const {
    return {"--backend", backend.address(), "--trust", credentials_.root.string()};
  }
  [[nodiscard]] Visit direct(const Backend& backend) const {
    return {backend.port(), credentials_.root};
  }

  /// s_client with these options, directly and through the proxy: the same on both ways and legs.
  Session expect_mirrored(const std::vector<std::string>& server,
                          const std::vector<std::string>& client, TestKey key = TestKey::rsa_2048) {
    const Credentials credentials = make_credentials(folder_, key);
    std::vector<std::string> words = server;
    words.push_back("-www");
    const OpensslServer backend(credentials, words);
    ProxyProcess proxy({"--backend", backend.address(), "--trust", credentials.root.string()});
    const Spoken straight = openssl_client({backend.port(), credentials.root}, client);
    EXPECT_EQ(straight.exit_code, 0) << straight.errors;
    EXPECT_THAT(straight.body, HasSubstr("Ciphers supported"));
    const Spoken through = openssl_client(proxy.visit(), client);
    EXPECT_EQ(through.exit_code, 0) << through.errors;
    EXPECT_THAT(through.body, HasSubstr("Ciphers supported"));
    Session session = proxy.session();
    EXPECT_EQ(verdict(session), kHealthy);
    EXPECT_THAT(findings(session), IsEmpty());
    expect_as_direct(session, straight, through);
    for (const std::string part : {"extended_master_secret", "encrypt_then_mac", "alpn"})
      EXPECT_EQ(word(session, "/client_leg/established/" + part),
                word(session, "/backend_leg/established/" + part))
          << part;
    EXPECT_EQ(word(session, "/client_leg/hello_retry"), word(session, "/backend_leg/hello_retry"));
    EXPECT_EQ(proxy.stop(), 0);
    return session;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_F(AnswerMirror, Http2IsAgreedOnBothLegs) {
  const Nginx nginx(credentials_, NginxOptions{.http2 = true});
  ProxyProcess proxy(to(nginx));
  std::size_t count = 0;
  for (const std::string protocol : {"h2", "http/1.1"}) {
    SCOPED_TRACE(protocol);
    const std::string option = protocol == "h2" ? "--http2" : "--http1.1";
    const Spoken straight = curl(direct(nginx), {option});
    ASSERT_EQ(straight.alpn, protocol) << straight.errors;
    const Spoken through = curl(proxy.visit(), {option});
    ASSERT_EQ(through.exit_code, 0) << through.errors;
    EXPECT_EQ(through.alpn, protocol);
    EXPECT_EQ(through.body, "hello from nginx\n");
    const Session session = proxy.session(++count);
    EXPECT_EQ(verdict(session), kHealthy);
    EXPECT_THAT(findings(session), IsEmpty());
    expect_as_direct(session, straight, through);
    EXPECT_EQ(word(session, "/client_leg/established/alpn"), protocol);
    EXPECT_EQ(word(session, "/backend_leg/established/alpn"), protocol);
    EXPECT_EQ(word(session, "/backend_leg/client_hello/alpn"),
              word(session, "/client_leg/client_hello/alpn"));
  }
}

TEST_F(AnswerMirror, NoProtocolIsAgreedWhereTheBackendHasNone) {
  const OpensslServer backend(credentials_, {"-www"});
  const ProxyProcess proxy(to(backend));
  const Spoken straight = curl(direct(backend));
  ASSERT_THAT(straight.errors, HasSubstr("server did not agree on a protocol"));
  const Spoken through = curl(proxy.visit());
  EXPECT_THAT(through.errors, HasSubstr("server did not agree on a protocol"));
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/client_leg/established/alpn"), "null");
  EXPECT_EQ(word(session, "/backend_leg/established/alpn"), "null");
  EXPECT_EQ(verdict(session), kHealthy);
}

struct Suite {
  std::string openssl_name;
  Version version = "1.2";
  TestKey key = TestKey::rsa_2048;
};

void PrintTo(const Suite& suite, std::ostream* out) { *out << suite.openssl_name; }

class SuiteMirror : public AnswerMirror, public ::testing::WithParamInterface<Suite> {};

TEST_P(SuiteMirror, IsTheSameOnBothLegs) {
  const Suite& suite = GetParam();
  std::vector<std::string> server = openssl_versions({suite.version});
  std::vector<std::string> client = openssl_versions({suite.version});
  if (suite.version == "1.3") {
    server.insert(server.end(), {"-ciphersuites", suite.openssl_name});
    client.insert(client.end(), {"-ciphersuites",
                                 "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_"
                                 "GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256"});
  } else {
    server.insert(server.end(), {"-cipher", suite.openssl_name + ":@SECLEVEL=0"});
  }
  const Session session = expect_mirrored(server, client, suite.key);
  EXPECT_EQ(word(session, "/client_leg/established/cipher/name"), suite_name(suite.openssl_name));
}

INSTANTIATE_TEST_SUITE_P(
    With, SuiteMirror,
    ::testing::Values(Suite{"AES128-SHA"}, Suite{"AES128-SHA", "1.0"}, Suite{"AES256-GCM-SHA384"},
                      Suite{"DHE-RSA-AES128-GCM-SHA256"}, Suite{"DHE-RSA-AES256-SHA", "1.1"},
                      Suite{"ECDHE-RSA-AES128-SHA256"}, Suite{"ECDHE-RSA-CHACHA20-POLY1305"},
                      Suite{"AES128-CCM8"}, Suite{"CAMELLIA128-SHA"},
                      Suite{"ECDHE-ECDSA-AES128-SHA", "1.0", TestKey::ec_p256},
                      Suite{"ECDHE-ECDSA-AES256-CCM", "1.2", TestKey::ec_p256},
                      Suite{"ECDHE-ECDSA-AES128-GCM-SHA256", "1.2", TestKey::ec_p384},
                      Suite{"TLS_AES_128_GCM_SHA256", "1.3"},
                      Suite{"TLS_CHACHA20_POLY1305_SHA256", "1.3", TestKey::ec_p384},
                      Suite{"TLS_AES_128_CCM_8_SHA256", "1.3", TestKey::ec_p256}),
    [](const auto& suite) {
      std::string name = suite.param.openssl_name + "_tls" + suite.param.version;
      std::erase(name, '.');
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

class GroupMirror : public AnswerMirror, public ::testing::WithParamInterface<std::string> {};

/// The client's first key share is X25519: any other group needs a HelloRetryRequest in TLS 1.3.
TEST_P(GroupMirror, IsTheSameOnBothLegs) {
  const std::string offered = "X25519:P-256:P-384:P-521:X448:ffdhe2048";
  for (const Version version : {"1.2", "1.3"}) {
    if (version == "1.2" && GetParam().starts_with("ffdhe")) continue;  // TLS 1.3 only
    SCOPED_TRACE(version);
    std::vector<std::string> server = openssl_versions({version});
    server.insert(server.end(), {"-groups", GetParam()});
    std::vector<std::string> client = openssl_versions({version});
    client.insert(client.end(), {"-groups", offered, "-cipher", "ECDHE:@SECLEVEL=0"});
    const Session session = expect_mirrored(server, client);
    EXPECT_NE(word(session, "/client_leg/established/group"), "null");
    EXPECT_EQ(word(session, "/client_leg/hello_retry"),
              version == "1.3" && GetParam() != "X25519" ? "true" : "false");
  }
}

INSTANTIATE_TEST_SUITE_P(With, GroupMirror,
                         ::testing::Values("X25519", "P-256", "P-384", "P-521", "X448",
                                           "ffdhe2048"),
                         [](const auto& group) {
                           std::string name = group.param;
                           std::erase(name, '-');
                           return name;
                         });

/// A backend without one of the two, by its configuration file: no option of s_server turns it off.
TEST_F(AnswerMirror, MasterSecretAndMacOrderAreAsTheBackendHasThem) {
  const Credentials credentials = make_credentials(folder_, TestKey::rsa_2048);
  for (const std::string off : {"", "-ExtendedMasterSecret", "-EncryptThenMac"}) {
    SCOPED_TRACE(off);
    const auto configuration = folder_.write(
        "openssl.cnf", "openssl_conf = all\n[all]\nssl_conf = modules\n[modules]\n" +
                           std::string("system_default = tls\n[tls]\nCipherString = ") +
                           "AES128-SHA:@SECLEVEL=0\nMaxProtocol = TLSv1.2\nOptions = " +
                           (off.empty() ? "ServerPreference" : off) + "\n");
    const Nginx nginx(credentials, NginxOptions{.versions = {"1.2"},
                                                .suites = "AES128-SHA:@SECLEVEL=0",
                                                .openssl_configuration = configuration.string()});
    const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials.root.string()});
    const std::vector<std::string> client = openssl_versions({"1.2"});
    const Spoken straight = openssl_client({nginx.port(), credentials.root}, client);
    ASSERT_EQ(straight.exit_code, 0) << straight.errors;
    const Spoken through = openssl_client(proxy.visit(), client);
    ASSERT_EQ(through.exit_code, 0) << through.errors;
    const Session session = proxy.session();
    expect_as_direct(session, straight, through);
    EXPECT_EQ(verdict(session), kHealthy);
    for (const std::string leg : {"/client_leg", "/backend_leg"}) {
      SCOPED_TRACE(leg);
      EXPECT_EQ(word(session, leg + "/established/extended_master_secret"),
                off == "-ExtendedMasterSecret" ? "false" : "true");
      EXPECT_EQ(word(session, leg + "/established/encrypt_then_mac"),
                off == "-EncryptThenMac" ? "false" : "true");
    }
  }
}

/// With --answer own the client gets the best that both can do, and every row says that it is ours.
TEST_F(AnswerMirror, IsOffWithAnswersOfOurOwn) {
  const Nginx nginx(credentials_, NginxOptions{.versions = {"1.2"}});
  std::vector<std::string> options = to(nginx);
  options.insert(options.end(), {"--answer", "own"});
  const ProxyProcess proxy(options);
  ASSERT_EQ(curl(direct(nginx)).version, 0x0303U);
  const Spoken through = curl(proxy.visit());
  EXPECT_EQ(through.version, 0x0304U) << through.errors;
  const Session session = proxy.session();
  EXPECT_EQ(comparison_row(session, "version"), "TLS 1.3 | TLS 1.2 differs ours");
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  EXPECT_THAT(findings(session), IsEmpty());
}

}  // namespace
}  // namespace visavis::testing
