// A backend that does not send its intermediate certificate: the client can't build the chain to a
// root that it trusts, and through visavis it works.
#include <gtest/gtest.h>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kCurlUntrusted = 60;  // CURLE_PEER_FAILED_VERIFICATION

class IncompleteChain : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
};

TEST_F(IncompleteChain, IsFoundWhereTheClientFailsDirectly) {
  const Credentials credentials = make_credentials(folder_, TestKey::ec_p256, Sent::leaf_only);
  const Nginx nginx(credentials);
  const Spoken direct = curl({nginx.port(), credentials.root});
  ASSERT_EQ(direct.exit_code, kCurlUntrusted) << direct.errors;
  ASSERT_THAT(direct.errors, ::testing::HasSubstr("unable to get local issuer certificate"));

  ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials.root.string()});
  const Spoken proxied = curl(proxy.visit());
  ASSERT_EQ(proxied.exit_code, 0) << proxied.errors;
  EXPECT_EQ(proxied.body, "hello from nginx\n");

  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("incomplete-chain backend error likely"));
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "proxy-check");
  EXPECT_EQ(word(session, "/backend_leg/chain/trusted"), "false");
  EXPECT_NE(word(session, "/backend_leg/chain/missing_issuer"), "null");
  EXPECT_EQ(session.at_pointer("/backend_leg/certificates").as_array().size(), 1U);
  for (const std::string part : {"version", "cipher", "group"})
    EXPECT_EQ(word(session, "/client_leg/established/" + part),
              word(session, "/backend_leg/established/" + part));
  EXPECT_EQ(word(session, "/backend_leg/established/cipher/name"), proxied.suite);
  // Nothing of it is passed on: the client got a chain that ends at our CA.
  EXPECT_NE(word(session, "/client_leg/certificates/0/issuer"),
            word(session, "/backend_leg/certificates/0/issuer"));
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(IncompleteChain, IsNotFoundWhereTheIntermediateIsSent) {
  for (const Sent sent : {Sent::leaf_and_intermediate, Sent::with_root}) {
    SCOPED_TRACE(static_cast<int>(sent));
    const Credentials credentials = make_credentials(folder_, TestKey::ec_p256, sent);
    const Nginx nginx(credentials);
    const Spoken direct = curl({nginx.port(), credentials.root});
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials.root.string()});
    const Spoken proxied = curl(proxy.visit());
    ASSERT_EQ(proxied.exit_code, 0) << proxied.errors;
    const Session session = proxy.session();
    if (sent == Sent::with_root)
      EXPECT_THAT(findings(session), ElementsAre("root-included backend info proven"));
    else
      EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
    expect_as_direct(session, direct, proxied);
  }
}

/// The intermediate lies in a directory, or another backend sent it before: then it is certain what
/// the chain lacks.
TEST_F(IncompleteChain, IsProvenWhereTheIntermediateIsFoundElsewhere) {
  const Credentials credentials = make_credentials(folder_, TestKey::ec_p256);
  const OpensslServer leaf_only({credentials.leaf, credentials.leaf, folder_.write("none", ""),
                                 credentials.key, credentials.root},
                                {"-www"});
  const Nginx whole(credentials);
  ASSERT_EQ(curl({leaf_only.port(), credentials.root}).exit_code, kCurlUntrusted);
  const TemporaryDirectory known;
  (void)known.write("ca.pem", whole_text(credentials.intermediates));
  for (const bool in_directory : {true, false}) {
    SCOPED_TRACE(in_directory);
    std::vector<std::string> options{"--backend", leaf_only.address(),
                                     "--trust",   credentials.root.string(),
                                     "--route",   "whole.example.com=" + whole.address()};
    if (in_directory) {
      options.emplace_back("--intermediates");
      options.push_back(known.path().string());
    }
    ProxyProcess proxy(options);
    ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
    const Session first = proxy.session();
    EXPECT_THAT(findings(first),
                ElementsAre(in_directory ? "incomplete-chain backend error proven"
                                         : "incomplete-chain backend error likely"));
    EXPECT_EQ(word(first, "/backend_leg/chain/found_issuer/where"),
              in_directory ? "file" : "absent");
    EXPECT_EQ(word(first, "/backend_leg/chain/trusted"), "false") << "found is not trusted";
    if (in_directory) continue;
    (void)openssl_client({proxy.port(), proxy.ca_certificate(), "whole.example.com"}, {});
    (void)proxy.sessions(2);
    ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
    const Session later = proxy.session(3);
    EXPECT_THAT(findings(later), ElementsAre("incomplete-chain backend error proven"));
    EXPECT_EQ(word(later, "/backend_leg/chain/found_issuer/where"), "seen");
    EXPECT_EQ(word(later, "/backend_leg/chain/found_issuer/subject"), "CN=Test Intermediate");
  }
}

/// All issuers are there; that nobody trusts the root is another matter.
TEST_F(IncompleteChain, IsNotFoundWhereAnUntrustedRootIsSent) {
  const Credentials credentials = make_credentials(folder_, TestKey::ec_p256, Sent::with_root);
  const Nginx nginx(credentials);
  const ProxyProcess proxy({"--backend", nginx.address()});
  // The direct client trusts what visavis trusts here: other roots.
  ASSERT_EQ(curl({nginx.port(), proxy.ca_certificate()}).exit_code, kCurlUntrusted);
  const Spoken proxied = curl(proxy.visit());
  ASSERT_EQ(proxied.exit_code, 0) << proxied.errors;
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("untrusted-root backend error likely"));
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  EXPECT_EQ(word(session, "/backend_leg/chain/trusted"), "false");
  EXPECT_EQ(word(session, "/backend_leg/chain/missing_issuer"), "null");
}

TEST_F(IncompleteChain, IsNotFoundWhereTheClientTrustsTheIntermediateItself) {
  const Credentials credentials = make_credentials(folder_, TestKey::ec_p256);
  const OpensslServer leaf_only({credentials.leaf, credentials.leaf, folder_.write("none", ""),
                                 credentials.key, credentials.root},
                                {"-www"});
  ASSERT_EQ(curl({leaf_only.port(), credentials.root}).exit_code, kCurlUntrusted);
  const std::filesystem::path both = folder_.write(
      "both.pem", whole_text(credentials.root) + whole_text(credentials.intermediates));
  ASSERT_EQ(curl({leaf_only.port(), both}).exit_code, 0);

  const ProxyProcess proxy({"--backend", leaf_only.address(), "--trust", both.string()});
  const Spoken proxied = curl(proxy.visit());
  ASSERT_EQ(proxied.exit_code, 0) << proxied.errors;
  EXPECT_THAT(findings(proxy.session()), IsEmpty());
  EXPECT_EQ(word(proxy.session(), "/backend_leg/chain/trusted"), "true");
}

}  // namespace
}  // namespace visavis::testing
