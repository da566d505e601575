#include "certs/openssl_handles.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace visavis::certs {

void OpensslFree::operator()(bio_st* object) const noexcept { BIO_free_all(object); }
void OpensslFree::operator()(bignum_st* object) const noexcept { BN_clear_free(object); }
void OpensslFree::operator()(evp_pkey_st* object) const noexcept { EVP_PKEY_free(object); }
void OpensslFree::operator()(evp_pkey_ctx_st* object) const noexcept { EVP_PKEY_CTX_free(object); }
void OpensslFree::operator()(stack_st_GENERAL_NAME* object) const noexcept {
  GENERAL_NAMES_free(object);
}
void OpensslFree::operator()(stack_st_X509* object) const noexcept {
  sk_X509_pop_free(object, X509_free);
}
void OpensslFree::operator()(x509_st* object) const noexcept { X509_free(object); }
void OpensslFree::operator()(x509_store_st* object) const noexcept { X509_STORE_free(object); }
void OpensslFree::operator()(x509_store_ctx_st* object) const noexcept {
  X509_STORE_CTX_free(object);
}
void OpensslFree::operator()(X509_extension_st* object) const noexcept {
  X509_EXTENSION_free(object);
}
void OpensslFree::operator()(X509_name_st* object) const noexcept { X509_NAME_free(object); }

X509Ptr share(x509_st* certificate) noexcept {
  if (certificate != nullptr) X509_up_ref(certificate);
  return X509Ptr(certificate);
}

PkeyPtr share(evp_pkey_st* key) noexcept {
  if (key != nullptr) EVP_PKEY_up_ref(key);
  return PkeyPtr(key);
}

}  // namespace visavis::certs
