#pragma once
#include <memory>

// OpenSSL's own tags, so that headers of ours need none of its headers.
struct bio_st;
struct bignum_st;
struct evp_pkey_st;
struct evp_pkey_ctx_st;
struct stack_st_GENERAL_NAME;
struct stack_st_X509;
struct x509_st;
struct x509_store_st;
struct x509_store_ctx_st;
struct X509_extension_st;
struct X509_name_st;

namespace visavis::certs {

/// OpensslFree frees an OpenSSL object, or drops the reference that a handle holds. Null is never
/// passed.
struct OpensslFree {
  void operator()(bio_st* object) const noexcept;
  void operator()(bignum_st* object) const noexcept;
  void operator()(evp_pkey_st* object) const noexcept;
  void operator()(evp_pkey_ctx_st* object) const noexcept;
  void operator()(stack_st_GENERAL_NAME* object) const noexcept;
  void operator()(stack_st_X509* object) const noexcept;  // the stack and its certificates
  void operator()(x509_st* object) const noexcept;
  void operator()(x509_store_st* object) const noexcept;
  void operator()(x509_store_ctx_st* object) const noexcept;
  void operator()(X509_extension_st* object) const noexcept;
  void operator()(X509_name_st* object) const noexcept;
};

using X509Ptr = std::unique_ptr<x509_st, OpensslFree>;
using PkeyPtr = std::unique_ptr<evp_pkey_st, OpensslFree>;
using X509StorePtr = std::unique_ptr<x509_store_st, OpensslFree>;
using X509StoreContextPtr = std::unique_ptr<x509_store_ctx_st, OpensslFree>;
using X509StackPtr = std::unique_ptr<stack_st_X509, OpensslFree>;
using X509NamePtr = std::unique_ptr<X509_name_st, OpensslFree>;
using X509ExtensionPtr = std::unique_ptr<X509_extension_st, OpensslFree>;
using GeneralNamesPtr = std::unique_ptr<stack_st_GENERAL_NAME, OpensslFree>;
using PkeyContextPtr = std::unique_ptr<evp_pkey_ctx_st, OpensslFree>;
using BioPtr = std::unique_ptr<bio_st, OpensslFree>;
using BignumPtr = std::unique_ptr<bignum_st, OpensslFree>;

/// share returns one more owner of the same object (its reference count goes up); null gives null.
[[nodiscard]] X509Ptr share(x509_st* certificate) noexcept;
[[nodiscard]] PkeyPtr share(evp_pkey_st* key) noexcept;

}  // namespace visavis::certs
