// --verify enforce: a backend whose chain is not trusted gets no request.
#include <gtest/gtest.h>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kCurlHandshakeFailed = 35;

const std::vector<std::string> kOldVersionsToo{"--tlsv1.0", "--ciphers", "DEFAULT:@SECLEVEL=0"};

class VerifyEnforce : public ::testing::TestWithParam<Version> {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_P(VerifyEnforce, RefusesAChainThatIsNotTrusted) {
  const Nginx nginx(credentials_, {.versions = {GetParam()}});
  // Whoever does not know the root refuses it directly, too.
  const Spoken direct = curl({nginx.port(), folder_.write("none.pem", "")}, kOldVersionsToo);
  ASSERT_NE(direct.exit_code, 0);

  ProxyProcess proxy({"--backend", nginx.address(), "--verify", "enforce"});
  const Recorder wire(proxy.port());
  const Spoken proxied = curl({wire.port(), proxy.ca_certificate()}, kOldVersionsToo);
  EXPECT_EQ(proxied.exit_code, kCurlHandshakeFailed) << proxied.errors;
  EXPECT_EQ(to_hex(wire.bytes(0, "s2c")), "15030100020228") << "handshake_failure, in clear";

  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("untrusted-root backend error likely"));
  EXPECT_EQ(verdict(session), "unknown proxied failed direct unknown by none");
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("proxy fatal 48"));
  EXPECT_EQ(word(session, "/backend_leg/outcome"), "failed");
  EXPECT_EQ(word(session, "/backend_leg/failure"),
            "refused by --verify enforce: X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
  EXPECT_EQ(word(session, "/client_leg/server_hello"), "null");
  EXPECT_EQ(word(session, "/bytes/client_to_backend"), "0");
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(VerifyEnforce, LetsATrustedChainPass) {
  const Nginx nginx(credentials_, {.versions = {GetParam()}});
  const Spoken direct = curl({nginx.port(), credentials_.root}, kOldVersionsToo);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const ProxyProcess proxy(
      {"--backend", nginx.address(), "--verify", "enforce", "--trust", credentials_.root.string()});
  const Spoken proxied = curl(proxy.visit(), kOldVersionsToo);
  EXPECT_EQ(proxied.body, direct.body);
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
  expect_as_direct(session, direct, proxied);
}

INSTANTIATE_TEST_SUITE_P(Over, VerifyEnforce, ::testing::Values("1.0", "1.2", "1.3"),
                         [](const auto& version) {
                           return std::string("tls1") + version.param.back();
                         });

}  // namespace
}  // namespace visavis::testing
