// A certificate that the user gives instead of our CA's leaves: clients get exactly that one with
// its chain, whatever kind of file it came in; what they will object to is said at the start.
#include <gtest/gtest.h>

#include "certs/digest.h"
#include "tests/support/legs.h"
#include "tests/support/openssl_files.h"

namespace visavis::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string subjects(const Session& session, const std::string& leg) {
  std::string text;
  for (int i = 0;; ++i) {
    const std::string subject =
        word(session, "/" + leg + "/certificates/" + std::to_string(i) + "/subject");
    if (subject == "absent") return text;
    text += (i == 0 ? "" : " <- ") + subject;
  }
}

class ServedCertificate : public ::testing::Test {
 protected:
  /// A chain of its own for clients; the backend has another.
  static CertificateSpec spec_for(const std::string& host) {
    CertificateSpec spec = leaf_spec(host);
    spec.organization = "Served";
    return spec;
  }

  /// A client trusts the served chain's root.
  [[nodiscard]] Visit visit(const ProxyProcess& proxy) const {
    return {proxy.port(), folder_.write("served_root.pem", served_.chain().root.pem())};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  OpensslFiles served_{TestKey::rsa_2048, spec_for("localhost")};
};

TEST_F(ServedCertificate, FromEveryKindOfFileIsWhatTheClientSees) {
  const Nginx nginx(credentials_);
  const Visit direct_visit{nginx.port(), credentials_.root};
  const Spoken direct = curl(direct_visit);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;

  const std::string key = served_.key().string();
  const std::string secret = "pass:" + std::string(kPassword);
  const std::vector<std::vector<std::string>> starts{
      {"--cert", served_.pfx("modern.pfx").string(), "--cert-pass", secret},
      {"--cert", served_.pfx("legacy.pfx", {"-legacy"}).string(), "--cert-pass", secret},
      {"--cert", served_.p7b("chain.p7b", "DER").string(), "--key",
       served_.pkcs8("encrypted.key").string(), "--cert-pass",
       "file:" + folder_.write("pw", std::string(kPassword) + "\r\nmore\n").string()},
      {"--key", key, "--cert",
       folder_
           .write("chain.pem", served_.chain().root.pem() + served_.chain().leaf.pem() +
                                   served_.chain().intermediate.pem())
           .string()},
  };
  for (auto words : starts) {
    SCOPED_TRACE(words[1]);
    words.insert(words.end(),
                 {"--backend", nginx.address(), "--trust", credentials_.root.string()});
    ProxyProcess proxy(words);
    const Spoken proxied = curl(visit(proxy));
    const Session session = proxy.session();
    EXPECT_EQ(proxied.body, direct.body);
    expect_as_direct(session, direct, proxied);
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(verdict(session), healthy(Mode::terminate));
    EXPECT_EQ(subjects(session, "client_leg"),
              "CN=localhost,O=Served <- CN=Test Intermediate <- CN=Test Root");
    EXPECT_EQ(word(session, "/client_leg/certificates/0/sha256"),
              certs::hex(certs::sha256(served_.chain().leaf.der())));
    EXPECT_EQ(proxy.stop(), 0);
    EXPECT_THAT(proxy.process().errors(),
                HasSubstr("serves CN=localhost,O=Served (RSA 2048, until 2049-12-31T00:00:00Z) "
                          "with 2 certificates of its chain\n"));
    EXPECT_THAT(proxy.process().errors(), ::testing::Not(HasSubstr("warning")));
    EXPECT_THAT(proxy.process().errors() + proxy.log_text(),
                ::testing::Not(HasSubstr(std::string(kPassword))));
  }
}

TEST_F(ServedCertificate, TheOneForTheClientsNameIsChosen) {
  const Nginx nginx(credentials_);
  const OpensslFiles other(TestKey::rsa_2048, spec_for("*.example.test"));
  // Keys are given in another order than certificates, and the second one is for a wildcard.
  const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string(),
                            "--key", other.key().string(), "--key", served_.key().string(),
                            "--cert", served_.leaf().string(), "--cert", other.leaf().string()});
  const std::vector<std::pair<std::string, std::string>> asked{
      {"localhost", "CN=localhost,O=Served"},
      {"a.example.test", "CN=*.example.test,O=Served"},
      {"LOCALHOST", "CN=localhost,O=Served"}};
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& [name, subject] = asked[i];
    Visit visit{proxy.port(), served_.issuers()};
    visit.host = name;
    (void)openssl_client(visit);
    EXPECT_EQ(subjects(proxy.sessions(i + 1).back(), "client_leg"), subject) << name;
  }
}

TEST_F(ServedCertificate, WhatPeersWillObjectToIsSaidAtTheStart) {
  CertificateSpec expired = spec_for("localhost");
  expired.not_after_s = kValidFrom + kDay;
  CertificateSpec early = spec_for("localhost");
  early.not_before_s = kValidUntil - kDay;
  CertificateSpec for_clients = spec_for("localhost");
  for_clients.extended_key_usage = "clientAuth";
  const std::pair<CertificateSpec, std::string> specs[] = {
      {expired, "expired on 2020-01-02T00:00:00Z"},
      {early, "is not valid before 2049-12-30T00:00:00Z"},
      {for_clients, "is not for TLS servers by its usages (clientAuth, digitalSignature)"}};
  for (const auto& [spec, warning] : specs) {
    const OpensslFiles files(TestKey::ec_p256, spec);
    ProxyProcess proxy({"--backend", "127.0.0.1:1", "--cert", files.pfx("a.pfx").string(),
                        "--cert-pass", "pass:" + std::string(kPassword)});
    EXPECT_EQ(proxy.stop(), 0);
    EXPECT_THAT(proxy.process().errors(),
                ::testing::StartsWith("visavis: warning: --cert: CN=localhost,O=Served " + warning +
                                      "\nlistening on "));
  }
  const OpensslFiles server_only(TestKey::ec_p256, spec_for("localhost"));
  ProxyProcess proxy({"--backend", "127.0.0.1:1", "--client-cert", server_only.leaf().string(),
                      "--client-key", server_only.key().string()});
  EXPECT_EQ(proxy.stop(), 0);
  EXPECT_THAT(proxy.process().errors(),
              ::testing::StartsWith("visavis: warning: --client-cert: CN=localhost,O=Served is not "
                                    "for TLS clients by its usages (serverAuth, "
                                    "digitalSignature)\nlistening on "));
}

TEST_F(ServedCertificate, ACaCertificateThatLeadsNowhereIsLeftOutWithAWord) {
  CertificateSpec spec = root_spec();
  spec.common_name = "Stray";
  const auto file =
      folder_.write("with_stray.pem", served_.chain().leaf.pem() + make_certificate(spec).pem());
  ProxyProcess proxy(
      {"--backend", "127.0.0.1:1", "--cert", file.string(), "--key", served_.key().string()});
  EXPECT_EQ(proxy.stop(), 0);
  EXPECT_THAT(proxy.process().errors(),
              ::testing::StartsWith("visavis: warning: --cert: " + file.string() +
                                    ": CN=Stray is not in the chain of what is served, and is not "
                                    "sent\nlistening on "));
}

}  // namespace
}  // namespace visavis::testing
