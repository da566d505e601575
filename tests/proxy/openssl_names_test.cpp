#include "proxy/openssl_names.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

namespace visavis::proxy {
namespace {

TEST(OpensslNamesTest, SuitesGoIntoTwoListsInOrder) {
  const OpensslSuites suites = openssl_suites({0xc030, 0x1302, 0xc02f, 0x1301});
  EXPECT_EQ(suites.up_to_tls12, "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_EQ(suites.tls13, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
}

TEST(OpensslNamesTest, UnknownSuitesAreLeftOut) {
  const OpensslSuites suites = openssl_suites({0x3a3a, 0x0005, 0x13ff, 0x002f});
  EXPECT_EQ(suites.up_to_tls12, "AES128-SHA");
  EXPECT_EQ(suites.tls13, "");
}

/// RFC 4279, 5487, 5489, RFC 5054: OpenSSL has them, and we have not the client's key.
TEST(OpensslNamesTest, SuitesThatNeedTheClientsOwnSecretAreLeftOut) {
  const OpensslSuites suites = openssl_suites({0x00a8, 0x00aa, 0x00ac, 0xc035, 0xc01d, 0xc02f});
  EXPECT_EQ(suites.up_to_tls12, "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_EQ(openssl_suites({0x00a8, 0x008c}).up_to_tls12, "");
}

TEST(OpensslNamesTest, UnknownGroupsAreLeftOut) {
  EXPECT_EQ(openssl_groups({0x5a5a, 29, 0x11ec, 23, 0x0100}), "x25519:secp256r1:ffdhe2048");
  EXPECT_EQ(openssl_groups({0x5a5a, 0x6399}), "");
  EXPECT_EQ(openssl_groups({}), "");
}

TEST(OpensslNamesTest, UnknownSchemesAreLeftOutAndPairsAreSpelt) {
  EXPECT_EQ(openssl_signature_schemes({0x8a8a, 0x0403, 0x0804, 0x0201}),
            "ECDSA+SHA256:rsa_pss_rsae_sha256:RSA+SHA1");
  EXPECT_EQ(openssl_signature_schemes({0x0904}), "");
}

TEST(OpensslNamesTest, TryingNamesLeavesNoErrorBehind) {
  ERR_clear_error();
  (void)openssl_groups({0x4a4a, 0x4b4b});
  (void)openssl_signature_schemes({0x4a4a, 0x4b4b});
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace visavis::proxy
