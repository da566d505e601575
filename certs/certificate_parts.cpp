#include "certs/certificate_parts.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

constexpr int kSerialBits = 127;  // 16 bytes with the sign bit clear

void require(bool ok, const char* doing) {
  if (!ok)
    throw std::runtime_error(std::string("cannot ") + doing + ": " + describe_openssl_errors());
}

struct OctetStringFree {
  void operator()(ASN1_OCTET_STRING* string) const noexcept { ASN1_OCTET_STRING_free(string); }
};
using OctetStringPtr = std::unique_ptr<ASN1_OCTET_STRING, OctetStringFree>;

struct AuthorityKeyIdFree {
  void operator()(AUTHORITY_KEYID* id) const noexcept { AUTHORITY_KEYID_free(id); }
};

OctetStringPtr octet_string(std::span<const std::uint8_t> bytes) {
  OctetStringPtr string(ASN1_OCTET_STRING_new());
  require(string && ASN1_OCTET_STRING_set(string.get(), bytes.data(),
                                          static_cast<int>(bytes.size())) == 1,
          "make a key identifier");
  return string;
}

void set_random_serial(X509* certificate) {
  const BignumPtr number(BN_new());
  require(number && BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_add_word(number.get(), 1) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "make a serial number");
}

}  // namespace

X509Ptr make_blank_certificate(std::int64_t not_before_s, std::int64_t not_after_s,
                               evp_pkey_st& key) {
  X509Ptr certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
              ASN1_TIME_set(X509_getm_notBefore(certificate.get()), not_before_s) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after_s) != nullptr &&
              X509_set_pubkey(certificate.get(), &key) == 1,
          "make a certificate");
  set_random_serial(certificate.get());
  return certificate;
}

X509ExtensionPtr make_extension(int nid, const char* value) {
  X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
  require(extension != nullptr, "make an extension");
  return extension;
}

X509ExtensionPtr make_subject_key_id(std::span<const std::uint8_t> id) {
  X509ExtensionPtr extension(X509V3_EXT_i2d(NID_subject_key_identifier, 0, octet_string(id).get()));
  require(extension != nullptr, "make a subject key identifier");
  return extension;
}

X509ExtensionPtr make_authority_key_id(std::span<const std::uint8_t> id) {
  const std::unique_ptr<AUTHORITY_KEYID, AuthorityKeyIdFree> value(AUTHORITY_KEYID_new());
  require(value != nullptr, "make an authority key identifier");
  value->keyid = octet_string(id).release();
  X509ExtensionPtr extension(X509V3_EXT_i2d(NID_authority_key_identifier, 0, value.get()));
  require(extension != nullptr, "make an authority key identifier");
  return extension;
}

void add_extension(x509_st& certificate, const X509_extension_st& extension) {
  require(X509_add_ext(&certificate, const_cast<X509_EXTENSION*>(&extension), -1) == 1,
          "add an extension");
}

void add_name_text(X509_name_st& name, int nid, std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  require(X509_NAME_add_entry_by_NID(&name, nid, MBSTRING_UTF8, bytes,
                                     static_cast<int>(text.size()), -1, 0) == 1,
          "write a name");
}

void sign_certificate(x509_st& certificate, evp_pkey_st& issuer_key) {
  // EdDSA has its digest built in (RFC 8032) and takes none.
  const int kind = EVP_PKEY_get_base_id(&issuer_key);
  const bool edwards = kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448;
  const EVP_MD* algorithm = edwards ? nullptr : EVP_sha256();
  require(X509_sign(&certificate, &issuer_key, algorithm) > 0, "sign a certificate");
}

}  // namespace visavis::certs
