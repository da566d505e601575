#include "certs/revocation_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>

#include "certs/chain_check.h"
#include "tests/support/revocation.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using visavis::testing::crl_pem;
using visavis::testing::Der;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::make_crl;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;

class RevocationListsTest : public ::testing::Test {
 protected:
  std::filesystem::path der_file(const std::string& name, const Der& der) {
    return folder_.write(name, std::string(der.begin(), der.end()));
  }
  std::string problem(const std::filesystem::path& file) {
    try {
      RevocationLists().add_file(file);
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(ERR_peek_error(), 0U);
      return error.what();
    }
    return "none";
  }
  TemporaryDirectory folder_;
  TestChain chain_ = make_chain();
  TestCertificate other_ = make_certificate(testing::leaf_spec(), &chain_.intermediate);
};

TEST_F(RevocationListsTest, DerAndPem) {
  const Der crl = make_crl(chain_.intermediate, {&other_});
  for (const auto& file :
       {der_file("a.der", crl),
        folder_.write("a.pem", "several\n" + crl_pem(crl) + crl_pem(make_crl(chain_.root, {})))}) {
    RevocationLists lists;
    lists.add_file(file);
    EXPECT_TRUE(lists.revokes(other_.certificate(), chain_.intermediate.certificate()));
    EXPECT_TRUE(lists.revokes(other_.certificate(), chain_.intermediate.certificate()));
    EXPECT_FALSE(lists.revokes(chain_.leaf.certificate(), chain_.intermediate.certificate()));
    EXPECT_FALSE(lists.revokes(other_.certificate(), chain_.root.certificate()));
  }
}

/// Anybody can write a list in the CA's name.
TEST_F(RevocationListsTest, OfAnotherWithTheSameNameSaysNothing) {
  const TestCertificate namesake = make_certificate(testing::intermediate_spec(), &chain_.root);
  RevocationLists lists;
  lists.add_file(der_file("a.der", make_crl(namesake, {&other_})));
  EXPECT_FALSE(lists.revokes(other_.certificate(), chain_.intermediate.certificate()));
}

/// Whatever the CA signs with; and not where a byte of the list was changed afterwards.
TEST_F(RevocationListsTest, SignaturesOfAnyKindAreChecked) {
  for (const testing::TestKey key :
       {testing::TestKey::rsa_2048, testing::TestKey::ec_p384, testing::TestKey::ed25519}) {
    SCOPED_TRACE(static_cast<int>(key));
    testing::CertificateSpec spec = testing::intermediate_spec();
    spec.key = key;
    const TestCertificate issuer = make_certificate(spec, &chain_.root);
    const TestCertificate leaf = make_certificate(testing::leaf_spec(), &issuer);
    const Der crl = make_crl(issuer, {&leaf});
    RevocationLists lists;
    lists.add_file(der_file("a.der", crl));
    EXPECT_TRUE(lists.revokes(leaf.certificate(), issuer.certificate()));
    const TestCertificate namesake = make_certificate(spec, &chain_.root);
    EXPECT_FALSE(lists.revokes(leaf.certificate(), namesake.certificate()));
    EXPECT_FALSE(lists.revokes(leaf.certificate(), chain_.intermediate.certificate()))
        << "a key of another kind";

    const std::string date = "270114080000Z";  // of its issue: a second digit of it
    Der changed = crl;
    const auto at = std::search(changed.begin(), changed.end(), date.begin(), date.end());
    ASSERT_NE(at, changed.end());
    at[11] = '1';
    RevocationLists altered;
    altered.add_file(der_file("b.der", changed));
    EXPECT_FALSE(altered.revokes(leaf.certificate(), issuer.certificate()));
    changed = crl;
    changed.back() ^= 1U;
    RevocationLists flipped;
    flipped.add_file(der_file("c.der", changed));
    EXPECT_FALSE(flipped.revokes(leaf.certificate(), issuer.certificate()));
  }
}

TEST_F(RevocationListsTest, WrongFilesAreNamed) {
  EXPECT_THAT(problem(folder_.path() / "none"), HasSubstr("cannot read"));
  EXPECT_THAT(problem(folder_.path()), HasSubstr("cannot read"));
  EXPECT_THAT(problem(folder_.write("x", "")), HasSubstr("no CRL (PEM or DER) in"));
  EXPECT_THAT(problem(folder_.write("y", chain_.leaf.pem())), HasSubstr("no CRL (PEM or DER) in"));
  Der cut = make_crl(chain_.root, {});
  cut.pop_back();
  EXPECT_THAT(problem(der_file("z", cut)), HasSubstr("no CRL (PEM or DER) in"));
}

TEST_F(RevocationListsTest, InTheVerdictOnAChain) {
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(chain_.root.certificate());
  stores.add_crls(der_file("a.der", make_crl(chain_.root, {&chain_.intermediate})));
  ChainCheck check(stores);
  const auto verdict = check.check(chain_.sent(), "www.example.com", testing::kNow);
  EXPECT_FALSE(verdict->trusted);
  ASSERT_EQ(verdict->problems.size(), 1U);
  EXPECT_EQ(verdict->problems[0].code, "X509_V_ERR_CERT_REVOKED");
  EXPECT_EQ(verdict->problems[0].depth, 1);
  EXPECT_EQ(verdict->problems[0].hresult, "0x80092010");
  EXPECT_THAT(verdict->certificate_problems, ElementsAre(IsEmpty(), ElementsAre("revoked")));
  EXPECT_THAT(verdict->stores[0].problems, ElementsAre("X509_V_ERR_CERT_REVOKED"));
}

}  // namespace
}  // namespace visavis::certs
