#include "certs/legacy_scope.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <stdexcept>

#include "certs/openssl_error.h"

namespace visavis::certs {

LegacyScope::LegacyScope() : context_(OSSL_LIB_CTX_new()) {
  if (context_ != nullptr) default_ = OSSL_PROVIDER_load(context_, "default");
  if (default_ == nullptr) {
    const std::string reason = describe_openssl_errors();
    OSSL_LIB_CTX_free(context_);
    throw std::runtime_error("cannot make a context for decryption: " + reason);
  }
  const ErrorMark mark;  // that it is missing is said when it is needed
  legacy_ = OSSL_PROVIDER_load(context_, "legacy");
  before_ = OSSL_LIB_CTX_set0_default(context_);
}

LegacyScope::~LegacyScope() {
  OSSL_LIB_CTX_set0_default(before_);
  if (legacy_ != nullptr) OSSL_PROVIDER_unload(legacy_);
  OSSL_PROVIDER_unload(default_);
  OSSL_LIB_CTX_free(context_);
}

}  // namespace visavis::certs
