#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "certs/openssl_handles.h"

namespace visavis::certs {

/// Objection is one call of OpenSSL's verify callback with an error.
struct Objection {
  int depth = 0;
  int code = 0;         ///< X509_V_ERR_…
  X509Ptr certificate;  ///< the one objected to; null when the objection is to none
};

/// PathValidation is OpenSSL's verdict against one store, with nothing left out.
struct PathValidation {
  bool trusted = false;
  std::vector<Objection> objections;  ///< each depth and code once
  std::vector<X509Ptr> path;          ///< leaf first, as far as it could be built
};

/// validate_path runs X509_verify_cert for a TLS server's certificate, at security level 0 (weak
/// keys are judged by check_certificate: a library's policy must not pass for the chain's fault),
/// and goes on after every objection. `sent` has the leaf first and no nulls; `host` is a DNS name
/// or an IP literal, or empty for no check of names. Throws std::runtime_error when OpenSSL runs
/// out of memory.
[[nodiscard]] PathValidation validate_path(x509_store_st& store, const std::vector<X509Ptr>& sent,
                                           const std::string& host, std::int64_t now_s);

}  // namespace visavis::certs
