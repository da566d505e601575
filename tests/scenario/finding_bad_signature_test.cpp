// A certificate whose own signature is wrong. No command makes one: a bit is flipped in what the
// openssl program made.
#include "certs/certificate_reader.h"
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

/// The signature is a certificate's last field. RFC 5280 4.1.
TestCertificate with_flipped_signature(const TestCertificate& certificate) {
  Der der = certificate.der();
  der.back() ^= 1U;
  return {certs::decode_certificate(der), certs::share(certificate.key())};
}

class BadSignature : public ::testing::TestWithParam<Pair> {
 protected:
  void expect_both(const Scene& scene, const Fault& fault) {
    expect_works_through_proxy(GetParam(), scene, fault);
    expect_fails_in_passthrough(GetParam(), scene, fault);
  }
  [[nodiscard]] static Fault fault(int depth, std::vector<std::string> certificates) {
    return {.id = "bad-signature",
            .own_alert = 51,
            .code = "X509_V_ERR_CERT_SIGNATURE_FAILURE",
            .hresult = "0x80096004",
            .certificates = std::move(certificates),
            .problems = {std::to_string(depth) + " X509_V_ERR_CERT_SIGNATURE_FAILURE 0x80096004"}};
  }
  TemporaryDirectory folder_;
  TestChain chain_ = make_chain(leaf_spec(kHost));
};

TEST_P(BadSignature, OfTheLeaf) {
  const TestCertificate leaf = with_flipped_signature(chain_.leaf);
  expect_both(all_trust(write_credentials(folder_, leaf, {&chain_.intermediate}, chain_.root)),
              fault(0, {"CN=localhost: bad-signature", "CN=Test Intermediate: fine"}));
}

TEST_P(BadSignature, OfTheIntermediate) {
  const TestCertificate intermediate = with_flipped_signature(chain_.intermediate);
  expect_both(all_trust(write_credentials(folder_, chain_.leaf, {&intermediate}, chain_.root)),
              fault(1, {"CN=localhost: fine", "CN=Test Intermediate: bad-signature"}));
}

/// A CA that was set up anew under its old name: its clients have the new root, without key
/// identifiers that would tell the two apart.
TEST_P(BadSignature, AnotherCaOfTheSameName) {
  CertificateSpec root = root_spec();
  root.key_ids = false;
  CertificateSpec intermediate = intermediate_spec();
  intermediate.key_ids = false;
  CertificateSpec leaf = leaf_spec(kHost);
  leaf.key_ids = false;
  const TestChain old = make_chain(leaf, intermediate, root);
  const TestCertificate renewed = make_certificate(root);
  expect_both(all_trust(write_credentials(folder_, old.leaf, {&old.intermediate}, renewed)),
              fault(1, {"CN=localhost: fine", "CN=Test Intermediate: bad-signature"}));
}

/// curl and s_client say less than that: "EVP lib".
INSTANTIATE_TEST_SUITE_P(Between, BadSignature,
                         ::testing::Values(Pair{Client::openssl, Server::nginx, "1.2",
                                                "certificate signature failure", 51}),
                         pair_name);

const Pair kCurl{Client::curl, Server::nginx, "1.2", "", 0};

/// What no path leads over is nobody's trouble.
TEST_F(BadSignature, OfACertificateThatNobodyNeeds) {
  CertificateSpec spec = intermediate_spec();
  spec.common_name = "Former Intermediate";
  const TestCertificate former = with_flipped_signature(make_certificate(spec, &chain_.root));
  expect_healthy(kCurl,
                 all_trust(write_credentials(folder_, chain_.leaf, {&chain_.intermediate, &former},
                                             chain_.root)),
                 {"unrelated-certificates backend info proven"});
}

/// OpenSSL does not verify what a root says of itself; nor does anybody else.
TEST_F(BadSignature, OfTheRootIsNobodysBusiness) {
  const TestCertificate root = with_flipped_signature(chain_.root);
  expect_healthy(kCurl,
                 all_trust(write_credentials(folder_, chain_.leaf, {&chain_.intermediate}, root)));
}

}  // namespace
}  // namespace visavis::testing
