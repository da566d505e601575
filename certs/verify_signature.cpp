#include "certs/verify_signature.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>

#include "certs/certificate_reader.h"
#include "certs/openssl_error.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {
namespace {

struct DigestContextFree {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Method is how one scheme signs.
struct Method {
  int key = EVP_PKEY_NONE;
  const char* digest = nullptr;  // null: built into the signature (RFC 8032)
  bool pss = false;
};

// RFC 5246 7.4.1.4.1: HashAlgorithm; 0 for what is none.
const char* digest_of(unsigned hash) {
  switch (hash) {
    case 1:
      return "MD5";
    case 2:
      return "SHA1";
    case 3:
      return "SHA224";
    case 4:
      return "SHA256";
    case 5:
      return "SHA384";
    case 6:
      return "SHA512";
    default:
      return nullptr;
  }
}

// RFC 5246 7.4.1.4.1: SignatureAlgorithm.
std::optional<Method> method_of_pair(unsigned hash, unsigned signature) {
  const char* digest = digest_of(hash);
  if (digest == nullptr) return std::nullopt;
  if (signature == 1) return Method{EVP_PKEY_RSA, digest};
  if (signature == 2) return Method{EVP_PKEY_DSA, digest};
  if (signature == 3) return Method{EVP_PKEY_EC, digest};
  return std::nullopt;
}

std::optional<Method> method_of(std::uint16_t scheme) {
  switch (scheme) {
    case 0x0804:
      return Method{EVP_PKEY_RSA, "SHA256", true};
    case 0x0805:
      return Method{EVP_PKEY_RSA, "SHA384", true};
    case 0x0806:
      return Method{EVP_PKEY_RSA, "SHA512", true};
    case 0x0807:
      return Method{EVP_PKEY_ED25519};
    case 0x0808:
      return Method{EVP_PKEY_ED448};
    case 0x0809:
      return Method{EVP_PKEY_RSA_PSS, "SHA256", true};
    case 0x080a:
      return Method{EVP_PKEY_RSA_PSS, "SHA384", true};
    case 0x080b:
      return Method{EVP_PKEY_RSA_PSS, "SHA512", true};
    case 0x081a:  // RFC 8734: ECDSA on Brainpool curves
      return Method{EVP_PKEY_EC, "SHA256"};
    case 0x081b:
      return Method{EVP_PKEY_EC, "SHA384"};
    case 0x081c:
      return Method{EVP_PKEY_EC, "SHA512"};
    default:
      return method_of_pair(scheme >> 8, scheme & 0xffU);
  }
}

SignatureVerdict verify(EVP_PKEY* key, const Method& method, std::span<const std::uint8_t> data,
                        std::span<const std::uint8_t> signature) {
  if (EVP_PKEY_get_base_id(key) != method.key) return SignatureVerdict::wrong_key;
  const std::unique_ptr<EVP_MD_CTX, DigestContextFree> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (!context || EVP_DigestVerifyInit_ex(context.get(), &parameters, method.digest, nullptr,
                                          nullptr, key, nullptr) != 1)
    return SignatureVerdict::unknown_scheme;
  // RFC 8446 4.2.3: the salt is as long as the digest.
  if (method.pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
    return SignatureVerdict::unknown_scheme;
  const int result =
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(), data.size());
  return result == 1 ? SignatureVerdict::valid : SignatureVerdict::invalid;
}

}  // namespace

SignatureVerdict verify_signature(std::span<const std::uint8_t> certificate_der,
                                  std::uint16_t scheme, std::span<const std::uint8_t> data,
                                  std::span<const std::uint8_t> signature) {
  const ErrorMark mark;
  const X509Ptr certificate = decode_certificate(certificate_der);
  EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (key == nullptr) return SignatureVerdict::no_key;
  const auto method = method_of(scheme);
  return method ? verify(key, *method, data, signature) : SignatureVerdict::unknown_scheme;
}

SignatureVerdict verify_signature_before_tls12(std::span<const std::uint8_t> certificate_der,
                                               std::span<const std::uint8_t> data,
                                               std::span<const std::uint8_t> signature) {
  const ErrorMark mark;
  const X509Ptr certificate = decode_certificate(certificate_der);
  EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (key == nullptr) return SignatureVerdict::no_key;
  const int kind = EVP_PKEY_get_base_id(key);
  if (kind == EVP_PKEY_RSA) return verify(key, Method{EVP_PKEY_RSA, "MD5-SHA1"}, data, signature);
  if (kind == EVP_PKEY_EC || kind == EVP_PKEY_DSA)
    return verify(key, Method{kind, "SHA1"}, data, signature);
  return SignatureVerdict::wrong_key;
}

std::string_view text(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::valid:
      return "valid";
    case SignatureVerdict::invalid:
      return "not by this key over these bytes";
    case SignatureVerdict::wrong_key:
      return "the certificate's key can't make such a signature";
    case SignatureVerdict::unknown_scheme:
      return "its scheme is not known here";
    case SignatureVerdict::no_key:
      break;
  }
  return "the certificate's public key can't be read";
}

}  // namespace visavis::certs
