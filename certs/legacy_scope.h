#pragma once

struct ossl_lib_ctx_st;
struct ossl_provider_st;

namespace visavis::certs {

/// LegacyScope, while it lives, gives the OpenSSL calls of this thread the algorithms of the legacy
/// provider too (RC2, RC4, DES: old PFX files), in a library context of its own: the process' own
/// context never gets them, and no configuration file is read. What was made inside must not
/// outlive the scope, but for plain bytes. Not nested.
class LegacyScope {
 public:
  /// Throws std::runtime_error when OpenSSL can't make a context at all.
  LegacyScope();
  ~LegacyScope();
  LegacyScope(const LegacyScope&) = delete;
  LegacyScope& operator=(const LegacyScope&) = delete;

  /// available returns whether this machine has the legacy provider (legacy.so).
  [[nodiscard]] bool available() const { return legacy_ != nullptr; }

 private:
  ossl_lib_ctx_st* context_ = nullptr;
  ossl_provider_st* default_ = nullptr;
  ossl_provider_st* legacy_ = nullptr;
  ossl_lib_ctx_st* before_ = nullptr;
};

}  // namespace visavis::certs
