// A leaf that repeats a fault of the backend's chain has that fault, and no other, for a client
// that trusts our CA.
#include "certs/leaf_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/leaf_cache.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace visavis::testing;  // NOLINT: the kit

constexpr const char* kAsked = "www.example.com";

class LeafFaultsTest : public ::testing::Test {
 protected:
  /// What a client that trusts our CA objects to in a leaf made for this chain, and the faults that
  /// were repeated.
  struct Repeated {
    std::vector<std::string> ids;
    std::vector<std::string> words;  ///< of the leaf
    std::vector<std::string> codes;
  };
  Repeated repeat(const std::vector<Der>& sent, const TestCertificate* trusted) {
    TrustStores known(SystemStore::skip);
    if (trusted != nullptr) known.add_certificate(trusted->certificate());
    const auto verdict = ChainCheck(known).check(sent, kAsked, minter_.now_s());
    const LeafFaults faults = faults_to_repeat(*verdict);
    const auto leaf = minter_.mint({sent.front(), kAsked, "", LeafKey::ecdsa_p256, faults});
    TrustStores ours(SystemStore::skip);
    ours.add_certificate(authority_.certificate());
    std::vector<Der> shown{certificate_der(*leaf->certificate)};
    for (const X509Ptr& issuer : leaf->chain) shown.push_back(certificate_der(*issuer));
    const auto seen = ChainCheck(ours).check(shown, kAsked, minter_.now_s());
    Repeated repeated{describe_faults(faults, *verdict), seen->certificate_problems.front(), {}};
    for (const ChainProblem& problem : seen->problems) repeated.codes.push_back(problem.code);
    return repeated;
  }

  TemporaryDirectory directory_;
  Authority authority_ = Authority::open(directory_.path() / "ca");
  LeafMinter minter_{authority_, [] { return kNow; }};
};

TEST_F(LeafFaultsTest, OfASoundChainAreNone) {
  const TestChain chain = make_chain();
  const Repeated repeated = repeat(chain.sent(), &chain.root);
  EXPECT_THAT(repeated.ids, IsEmpty());
  EXPECT_THAT(repeated.codes, IsEmpty());
}

TEST_F(LeafFaultsTest, OfDates) {
  CertificateSpec spec = leaf_spec();
  spec.not_after_s = kNow - kDay;
  const TestChain expired = make_chain(spec);
  Repeated repeated = repeat(expired.sent(), &expired.root);
  EXPECT_THAT(repeated.ids, ElementsAre("expired"));
  EXPECT_THAT(repeated.words, ElementsAre("expired"));
  EXPECT_THAT(repeated.codes, ElementsAre("X509_V_ERR_CERT_HAS_EXPIRED"));

  spec = leaf_spec();
  spec.not_before_s = kNow + kDay;
  const TestChain early = make_chain(spec);
  repeated = repeat(early.sent(), &early.root);
  EXPECT_THAT(repeated.ids, ElementsAre("not-yet-valid"));
  EXPECT_THAT(repeated.codes, ElementsAre("X509_V_ERR_CERT_NOT_YET_VALID"));
}

TEST_F(LeafFaultsTest, OfNamesAndUsage) {
  const TestChain other = make_chain(leaf_spec("other.example.com"));
  Repeated repeated = repeat(other.sent(), &other.root);
  EXPECT_THAT(repeated.ids, ElementsAre("name-mismatch"));
  EXPECT_THAT(repeated.words, ElementsAre("name-mismatch"));

  CertificateSpec spec = leaf_spec();
  spec.extended_key_usage = "clientAuth";
  const TestChain wrong = make_chain(spec);
  repeated = repeat(wrong.sent(), &wrong.root);
  EXPECT_THAT(repeated.ids, ElementsAre("wrong-usage"));
  EXPECT_THAT(repeated.codes, ElementsAre("X509_V_ERR_INVALID_PURPOSE"));
}

TEST_F(LeafFaultsTest, OfTheIssuer) {
  const TestCertificate alone = make_certificate(leaf_spec());
  Repeated repeated = repeat({alone.der()}, nullptr);
  EXPECT_THAT(repeated.ids, ElementsAre("self-signed"));
  EXPECT_THAT(repeated.codes, ElementsAre("X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT"));

  const TestChain chain = make_chain();
  repeated = repeat({chain.leaf.der(), chain.intermediate.der(), chain.root.der()}, nullptr);
  EXPECT_THAT(repeated.ids, ElementsAre("untrusted-root"));
  EXPECT_THAT(repeated.codes, ElementsAre("X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN"));

  repeated = repeat({chain.leaf.der()}, &chain.root);
  EXPECT_THAT(repeated.ids, ElementsAre("incomplete-chain"));
  EXPECT_THAT(repeated.codes, ElementsAre("X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
                                          "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
}

TEST_F(LeafFaultsTest, SeveralAtOnce) {
  CertificateSpec spec = leaf_spec("other.example.com");
  spec.not_after_s = kNow - kDay;
  const TestCertificate alone = make_certificate(spec);
  EXPECT_THAT(repeat({alone.der()}, nullptr).ids,
              ElementsAre("expired", "name-mismatch", "self-signed"));
}

TEST_F(LeafFaultsTest, AFaultyLeafIsNotTheSoundOne) {
  const TestChain chain = make_chain();
  LeafCache cache(minter_);
  LeafRequest request{chain.leaf.der(), kAsked, "", LeafKey::ecdsa_p256};
  const auto sound = cache.leaf_for(request);
  request.faults.issuer = LeafIssuer::self;
  const auto faulty = cache.leaf_for(request);
  EXPECT_NE(sound->id, faulty->id);
  EXPECT_EQ(cache.leaf_for(request)->id, faulty->id);
  request.faults = {};
  EXPECT_EQ(cache.leaf_for(request)->id, sound->id);
}

/// Without a certificate of the backend's there is nothing to repeat.
TEST_F(LeafFaultsTest, NeedABackendsCertificate) {
  LeafFaults faults{.dates = true, .names = true, .usage = true, .issuer = LeafIssuer::unknown};
  const auto leaf = minter_.mint({{}, kAsked, "", LeafKey::ecdsa_p256, faults});
  EXPECT_EQ(read_certificate(certificate_der(*leaf->certificate)).issuer,
            authority_.facts().subject);
}

}  // namespace
}  // namespace visavis::certs
