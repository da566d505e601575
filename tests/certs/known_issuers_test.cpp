#include "certs/known_issuers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "certs/chain_check.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::HasSubstr;
using visavis::testing::Der;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestChain;

constexpr std::string_view kMissing = "CN=Test Intermediate";

class KnownIssuersTest : public ::testing::Test {
 protected:
  static std::string problem(const std::filesystem::path& directory) {
    try {
      KnownIssuers().add_directory(directory);
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(ERR_peek_error(), 0U);
      return error.what();
    }
    return "none";
  }
  TemporaryDirectory folder_;
  TestChain chain_ = make_chain();
  std::vector<Der> leaf_only_{chain_.leaf.der()};
};

TEST_F(KnownIssuersTest, InADirectoryAsPemOrDer) {
  for (const bool pem : {true, false}) {
    const TemporaryDirectory folder;
    (void)folder.write("readme.txt", "no certificate");
    const Der& der = chain_.intermediate.der();
    (void)folder.write("ca", pem ? chain_.root.pem() + chain_.intermediate.pem()
                                 : std::string(der.begin(), der.end()));
    KnownIssuers known;
    known.add_directory(folder.path());
    const auto found = known.find(leaf_only_, kMissing);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->subject, kMissing);
    EXPECT_EQ(found->sha256, hex(sha256(der)));
    EXPECT_EQ(found->where, "file");
    EXPECT_FALSE(known.find(chain_.sent(), "CN=Test Root")) << "a root is not to be sent";
  }
}

TEST_F(KnownIssuersTest, SeenBefore) {
  KnownIssuers known;
  EXPECT_FALSE(known.find(leaf_only_, kMissing));
  known.note({chain_.leaf.der()});
  EXPECT_FALSE(known.find(leaf_only_, kMissing));
  known.note(chain_.sent());
  const auto found = known.find(leaf_only_, kMissing);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->where, "seen");
}

/// The name alone makes no issuer.
TEST_F(KnownIssuersTest, ANamesakeIsNone) {
  KnownIssuers known;
  const auto namesake = make_certificate(testing::intermediate_spec(), &chain_.root);
  known.note({chain_.leaf.der(), namesake.der()});
  EXPECT_FALSE(known.find(leaf_only_, kMissing));
  known.note({chain_.leaf.der(), Der{}, Der{0x30, 0x03}, chain_.intermediate.der()});
  EXPECT_TRUE(known.find(leaf_only_, kMissing)) << "what can't be read is passed over";
}

TEST_F(KnownIssuersTest, ThroughTheChainCheck) {
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(chain_.root.certificate());
  ChainCheck check(stores);
  const auto first = check.check(leaf_only_, "www.example.com", testing::kNow);
  EXPECT_EQ(first->missing_issuer, kMissing);
  EXPECT_FALSE(check.find_issuer(leaf_only_, first->missing_issuer));
  (void)check.check(chain_.sent(), "www.example.com", testing::kNow);
  EXPECT_TRUE(check.find_issuer(leaf_only_, first->missing_issuer));
}

/// What an address in the leaf answered is taken for its issuer when it signed it.
TEST_F(KnownIssuersTest, Fetched) {
  KnownIssuers known;
  const std::string url = "http://ca.example/issuer";
  const auto namesake = make_certificate(testing::intermediate_spec(), &chain_.root);
  EXPECT_EQ(known.note_fetched(chain_.leaf.der(), {}, url),
            "what came is neither a certificate nor a PKCS #7 bundle of them");
  EXPECT_EQ(known.note_fetched(chain_.leaf.der(), namesake.der(), url),
            "the certificate that came, 'CN=Test Intermediate', did not issue this one");
  EXPECT_EQ(known.note_fetched({}, chain_.intermediate.der(), url),
            "the certificate that came, 'CN=Test Intermediate', did not issue this one");
  EXPECT_FALSE(known.find(leaf_only_, kMissing));
  const std::string both = namesake.pem() + chain_.intermediate.pem();
  EXPECT_EQ(known.note_fetched(chain_.leaf.der(), Der(both.begin(), both.end()), url), "");
  const auto found = known.find(leaf_only_, kMissing);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->where, "aia");
  EXPECT_EQ(found->url, url);
  EXPECT_EQ(found->der, chain_.intermediate.der());
  EXPECT_FALSE(found->self_issued);
  known.note(chain_.sent());
  EXPECT_EQ(known.find(leaf_only_, kMissing)->where, "seen") << "a backend sends it, too";
  EXPECT_EQ(known.note_fetched(chain_.leaf.der(), chain_.intermediate.der(), url), "");
  EXPECT_EQ(known.find(leaf_only_, kMissing)->where, "seen");

  EXPECT_EQ(known.note_fetched(chain_.intermediate.der(), chain_.root.der(), url), "");
  const auto root = known.find(chain_.sent(), "CN=Test Root");
  ASSERT_TRUE(root);
  EXPECT_TRUE(root->self_issued);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(KnownIssuersTest, WrongDirectoriesAreNamed) {
  EXPECT_THAT(problem(folder_.path() / "none"), HasSubstr("cannot read"));
  EXPECT_THAT(problem(folder_.path()), HasSubstr("no certificate in the files of"));
  EXPECT_THAT(problem(folder_.write("file", "x")), HasSubstr("cannot read"));
}

}  // namespace
}  // namespace visavis::certs
