#include "certs/key_fit.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

struct DigestContextFree {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, DigestContextFree>;

constexpr std::string_view kSigned = "visavis: does this key sign for this certificate?";

// The digest that this key wants; null when it has its own (EdDSA, RFC 8032).
const char* digest_for(EVP_PKEY* key, std::array<char, 80>& name) {
  if (EVP_PKEY_get_default_digest_name(key, name.data(), name.size()) <= 0) return "SHA256";
  return name[0] == '\0' || std::strcmp(name.data(), "UNDEF") == 0 ? nullptr : name.data();
}

bool signs_for(EVP_PKEY* signer, EVP_PKEY* verifier) {
  std::array<char, 80> name{};
  const char* digest = digest_for(signer, name);
  const auto* data = reinterpret_cast<const unsigned char*>(kSigned.data());
  std::size_t length = 0;
  DigestContextPtr context(EVP_MD_CTX_new());
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, signer, nullptr) !=
          1 ||
      EVP_DigestSign(context.get(), nullptr, &length, data, kSigned.size()) != 1)
    return false;
  std::vector<unsigned char> signature(length);
  if (EVP_DigestSign(context.get(), signature.data(), &length, data, kSigned.size()) != 1)
    return false;
  context.reset(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, verifier,
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), length, data, kSigned.size()) == 1;
}

}  // namespace

KeyFit key_fit(const x509_st& certificate, const evp_pkey_st& key) {
  const ErrorMark mark;
  EVP_PKEY* verifier = X509_get0_pubkey(&certificate);
  if (verifier == nullptr || EVP_PKEY_eq(verifier, &key) != 1) return KeyFit::another;
  return signs_for(const_cast<EVP_PKEY*>(&key), verifier) ? KeyFit::fits : KeyFit::forged;
}

}  // namespace visavis::certs
