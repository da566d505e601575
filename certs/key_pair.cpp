#include "certs/key_pair.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <utility>

#include "certs/credential_file.h"
#include "certs/key_fit.h"
#include "certs/key_matching.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + describe_openssl_errors());
}

std::string memory_text(BIO* bio) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

PkeyPtr make_ec_p256_key() {
  PkeyPtr key(EVP_EC_gen("P-256"));
  if (!key) fail("cannot make a P-256 key");
  return key;
}

PkeyPtr make_rsa_2048_key() {
  PkeyPtr key(EVP_RSA_gen(2048));
  if (!key) fail("cannot make an RSA key");
  return key;
}

std::vector<X509Ptr> load_certificates(const std::filesystem::path& file) {
  CredentialFile contents = load_credentials(file, {});
  if (contents.certificates.empty())
    throw std::runtime_error(file.string() + ": no certificate in it" + holds_text(contents));
  return std::move(contents.certificates);
}

PkeyPtr load_private_key(const std::filesystem::path& file) {
  CredentialFile contents = load_credentials(file, {});
  if (!contents.keys.empty()) return std::move(contents.keys.front());
  throw std::runtime_error(file.string() + ": " +
                           (contents.key_problem.empty()
                                ? "no private key in it" + holds_text(contents)
                                : contents.key_problem));
}

CertifiedKey load_certified_key(const std::filesystem::path& certificate_file,
                                const std::filesystem::path& key_file) {
  std::vector<X509Ptr> certificates = load_certificates(certificate_file);
  CertifiedKey pair{std::move(certificates.front()), load_private_key(key_file), {}};
  certificates.erase(certificates.begin());
  pair.chain = std::move(certificates);
  const KeyFit fit = key_fit(*pair.certificate, *pair.key);
  if (fit == KeyFit::fits) return pair;
  if (fit == KeyFit::forged)
    throw std::runtime_error(
        key_file.string() + ": a damaged or forged private key: its public half is that of " +
        certificate_label(*pair.certificate) + ", but what it signs does not verify");
  std::string problem = key_file.string() + ": the private key does not fit " +
                        certificate_label(*pair.certificate) + " in " + certificate_file.string();
  for (const X509Ptr& other : pair.chain)
    if (key_fit(*other, *pair.key) == KeyFit::fits)
      problem += ", but " + certificate_label(*other) + " behind it";
  throw std::runtime_error(problem);
}

std::vector<std::uint8_t> certificate_der(const x509_st& certificate) {
  const int length = i2d_X509(&certificate, nullptr);
  if (length <= 0) fail("cannot encode a certificate");
  std::vector<std::uint8_t> der(static_cast<std::size_t>(length));
  unsigned char* at = der.data();
  if (i2d_X509(&certificate, &at) != length) fail("cannot encode a certificate");
  return der;
}

std::string certificate_pem(const x509_st& certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), &certificate) != 1) fail("cannot write a certificate");
  return memory_text(out.get());
}

std::string private_key_pem(const evp_pkey_st& key) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    fail("cannot write a private key");
  return memory_text(out.get());
}

std::vector<std::uint8_t> subject_key_id(const x509_st& certificate) {
  std::vector<std::uint8_t> id(SHA_DIGEST_LENGTH);
  if (X509_pubkey_digest(&certificate, EVP_sha1(), id.data(), nullptr) != 1)
    fail("cannot name a public key");
  return id;
}

}  // namespace visavis::certs
