#include "certs/key_pair.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <climits>
#include <stdexcept>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/openssl_error.h"
#include "certs/whole_file.h"

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

// The usual mistake: DER (a SEQUENCE, its length in two bytes) where PEM is wanted.
std::string not_pem(const std::filesystem::path& file, std::string_view text, const char* what) {
  const bool der = text.starts_with("\x30\x82") || text.starts_with("\x30\x81");
  return file.string() + ": no PEM " + what + " in it" + (der ? "; it looks like DER" : "");
}

std::size_t count_certificate_blocks(std::string_view pem) {
  std::size_t count = 0;
  for (const std::string_view begin :
       {"-----BEGIN CERTIFICATE-----", "-----BEGIN X509 CERTIFICATE-----",
        "-----BEGIN TRUSTED CERTIFICATE-----"})
    for (std::size_t at = pem.find(begin); at != std::string_view::npos;
         at = pem.find(begin, at + begin.size()))
      ++count;
  return count;
}

// Called for an encrypted key: notes that, and answers that there is no passphrase. Without a
// callback OpenSSL would ask on the terminal.
int note_encrypted(char*, int, int, void* encrypted) {
  *static_cast<bool*>(encrypted) = true;
  return -1;
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
  const std::string text = read_whole_file(file);
  const auto blocks = read_pem_certificates(text);
  if (blocks.size() < count_certificate_blocks(text))
    throw std::runtime_error(file.string() + ": a certificate block in it is broken");
  if (blocks.empty()) throw std::runtime_error(not_pem(file, text, "certificate"));
  std::vector<X509Ptr> certificates;
  for (const auto& der : blocks) {
    certificates.push_back(decode_certificate(der));
    if (!certificates.back())
      throw std::runtime_error(file.string() + ": certificate " +
                               std::to_string(certificates.size()) +
                               " in it is no X.509 certificate");
  }
  return certificates;
}

PkeyPtr load_private_key(const std::filesystem::path& file) {
  const std::string text = read_whole_file(file);
  const ErrorMark mark;
  const BioPtr in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  bool encrypted = false;
  PkeyPtr key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, note_encrypted, &encrypted)
                 : nullptr);
  std::string problem;
  if (encrypted)
    problem = file.string() + ": the private key is encrypted; decrypt it with openssl pkey";
  else if (!key)
    problem = not_pem(file, text, "private key");
  if (!problem.empty()) throw std::runtime_error(problem);
  return key;
}

CertifiedKey load_certified_key(const std::filesystem::path& certificate_file,
                                const std::filesystem::path& key_file) {
  std::vector<X509Ptr> certificates = load_certificates(certificate_file);
  CertifiedKey pair{std::move(certificates.front()), load_private_key(key_file), {}};
  const ErrorMark mark;
  if (X509_check_private_key(pair.certificate.get(), pair.key.get()) != 1)
    throw std::runtime_error(key_file.string() +
                             ": the private key does not fit the certificate in " +
                             certificate_file.string());
  certificates.erase(certificates.begin());
  pair.chain = std::move(certificates);
  return pair;
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
