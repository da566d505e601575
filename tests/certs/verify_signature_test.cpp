#include "certs/verify_signature.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "certs/whole_file.h"
#include "tests/support/openssl_files.h"

namespace visavis::certs {
namespace {

using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::openssl;
using visavis::testing::OpensslFiles;
using visavis::testing::TestKey;

using Bytes = std::vector<std::uint8_t>;

const std::string kText = "client random, server random, parameters";

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// What the openssl command signs with the key.
Bytes signed_by_command(const OpensslFiles& files, std::vector<std::string> options) {
  const auto data = files.folder().write("data", kText);
  const auto out = files.folder().path() / "signature";
  options.insert(options.end(), {"-out", out.string(), data.string()});
  options.insert(options.begin(), {"dgst", "-sign", files.key().string()});
  openssl(std::move(options));
  return bytes_of(read_whole_file(out));
}

const std::vector<std::string> kPss{"-sigopt", "rsa_padding_mode:pss", "-sigopt",
                                    "rsa_pss_saltlen:digest"};

std::vector<std::string> pss(const std::string& digest) {
  std::vector<std::string> options{digest};
  options.insert(options.end(), kPss.begin(), kPss.end());
  return options;
}

void expect_only(const Der& certificate, std::uint16_t scheme, const Bytes& signature) {
  ERR_clear_error();
  const Bytes data = bytes_of(kText);
  EXPECT_EQ(verify_signature(certificate, scheme, data, signature), SignatureVerdict::valid);
  for (std::size_t at = 0; at < data.size(); ++at) {
    Bytes other = data;
    other[at] ^= 1;
    EXPECT_EQ(verify_signature(certificate, scheme, other, signature), SignatureVerdict::invalid);
  }
  for (std::size_t length = 0; length < signature.size(); length += 7)
    EXPECT_NE(verify_signature(certificate, scheme, data, std::span(signature).first(length)),
              SignatureVerdict::valid);
  Bytes other = signature;
  other.back() ^= 1;
  EXPECT_EQ(verify_signature(certificate, scheme, data, other), SignatureVerdict::invalid);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(VerifySignature, Rsa) {
  const OpensslFiles files(TestKey::rsa_2048);
  const Der& certificate = files.chain().leaf.der();
  const std::pair<std::uint16_t, std::vector<std::string>> schemes[] = {
      {0x0101, {"-md5"}},       {0x0201, {"-sha1"}},      {0x0301, {"-sha224"}},
      {0x0401, {"-sha256"}},    {0x0501, {"-sha384"}},    {0x0601, {"-sha512"}},
      {0x0804, pss("-sha256")}, {0x0805, pss("-sha384")}, {0x0806, pss("-sha512")}};
  for (const auto& [scheme, options] : schemes) {
    SCOPED_TRACE(scheme);
    expect_only(certificate, scheme, signed_by_command(files, options));
  }
  const Bytes signature = signed_by_command(files, {"-sha256"});
  const auto verdict = [&](std::uint16_t scheme) {
    return verify_signature(certificate, scheme, bytes_of(kText), signature);
  };
  EXPECT_EQ(verdict(0x0501), SignatureVerdict::invalid) << "another digest";
  EXPECT_EQ(verdict(0x0804), SignatureVerdict::invalid) << "another padding";
  EXPECT_EQ(verdict(0x0403), SignatureVerdict::wrong_key);
  EXPECT_EQ(verdict(0x0809), SignatureVerdict::wrong_key) << "PSS keys are keys of their own";
  for (const std::uint16_t unknown :
       std::initializer_list<std::uint16_t>{0x0000, 0x0001, 0x0701, 0x0404, 0x2a2a, 0xffff})
    EXPECT_EQ(verdict(unknown), SignatureVerdict::unknown_scheme) << unknown;
}

TEST(VerifySignature, Ecdsa) {
  const OpensslFiles p256(TestKey::ec_p256);
  for (const auto& [scheme, digest] : {std::pair<std::uint16_t, std::string>{0x0403, "-sha256"},
                                       {0x0503, "-sha384"},
                                       {0x0603, "-sha512"},
                                       {0x0203, "-sha1"}})
    expect_only(p256.chain().leaf.der(), scheme, signed_by_command(p256, {digest}));
  const OpensslFiles p384(TestKey::ec_p384);
  expect_only(p384.chain().leaf.der(), 0x0503, signed_by_command(p384, {"-sha384"}));
}

TEST(VerifySignature, EdDsa) {
  const OpensslFiles files(TestKey::ed25519);
  const auto data = files.folder().write("data", kText);
  const auto out = files.folder().path() / "signature";
  openssl({"pkeyutl", "-sign", "-rawin", "-inkey", files.key().string(), "-in", data.string(),
           "-out", out.string()});
  expect_only(files.chain().leaf.der(), 0x0807, bytes_of(read_whole_file(out)));
  EXPECT_EQ(verify_signature(files.chain().leaf.der(), 0x0808, bytes_of(kText), {}),
            SignatureVerdict::wrong_key);
}

TEST(VerifySignature, BeforeTls12) {
  const OpensslFiles rsa(TestKey::rsa_2048);
  const Bytes data = bytes_of(kText);
  const Bytes by_rsa = signed_by_command(rsa, {"-md5-sha1"});
  EXPECT_EQ(verify_signature_before_tls12(rsa.chain().leaf.der(), data, by_rsa),
            SignatureVerdict::valid);
  EXPECT_EQ(verify_signature_before_tls12(rsa.chain().leaf.der(), bytes_of("x"), by_rsa),
            SignatureVerdict::invalid);
  EXPECT_EQ(verify_signature(rsa.chain().leaf.der(), 0x0201, data, by_rsa),
            SignatureVerdict::invalid);
  const OpensslFiles ec(TestKey::ec_p256);
  EXPECT_EQ(
      verify_signature_before_tls12(ec.chain().leaf.der(), data, signed_by_command(ec, {"-sha1"})),
      SignatureVerdict::valid);
  const OpensslFiles ed(TestKey::ed25519);
  EXPECT_EQ(verify_signature_before_tls12(ed.chain().leaf.der(), data, by_rsa),
            SignatureVerdict::wrong_key);
}

TEST(VerifySignature, WithoutAReadableKey) {
  const Bytes data = bytes_of(kText);
  EXPECT_EQ(verify_signature({}, 0x0403, data, data), SignatureVerdict::no_key);
  EXPECT_EQ(verify_signature(data, 0x0403, data, data), SignatureVerdict::no_key);
  EXPECT_EQ(verify_signature_before_tls12(data, data, data), SignatureVerdict::no_key);
  Der der = make_certificate(leaf_spec()).der();
  const Der oid{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
  const auto at = std::search(der.begin(), der.end(), oid.begin(), oid.end());
  ASSERT_NE(at, der.end());
  *(at + 8) = 0x63;
  EXPECT_EQ(verify_signature(der, 0x0403, data, data), SignatureVerdict::no_key);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(VerifySignature, VerdictsHaveWords) {
  EXPECT_EQ(text(SignatureVerdict::valid), "valid");
  EXPECT_EQ(text(SignatureVerdict::no_key), "the certificate's public key can't be read");
}

}  // namespace
}  // namespace visavis::certs
