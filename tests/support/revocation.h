#pragma once
#include <cstdint>
#include <optional>

#include "tests/support/test_certificates.h"

// What CAs say of certificates that they withdrew, as the openssl program writes it.

namespace visavis::testing {

/// OcspSpec is one answer of an OCSP responder. Times are Unix time.
struct OcspSpec {
  const TestCertificate& subject;
  const TestCertificate& issuer;
  const TestCertificate* signer = nullptr;  ///< null: the issuer itself
  bool revoked = false;
  std::int64_t this_update_s = kNow - kDay;
  std::optional<std::int64_t> next_update_s = kNow + kDay;
};

/// make_ocsp_response is the response in DER, with the signer's certificate in it.
[[nodiscard]] Der make_ocsp_response(const OcspSpec& spec);

/// make_crl is a CRL by `issuer`, in DER.
[[nodiscard]] Der make_crl(const TestCertificate& issuer,
                           const std::vector<const TestCertificate*>& revoked);

/// crl_pem is the same in PEM.
[[nodiscard]] std::string crl_pem(const Der& crl);

}  // namespace visavis::testing
