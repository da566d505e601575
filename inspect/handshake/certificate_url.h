#pragma once
#include <string>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// CertificateUrl says where a client's certificates can be fetched; it stands in the place of its
/// Certificate. Source: RFC 6066 5.
struct CertificateUrl {
  bool pkipath = false;           ///< one URL of the whole path instead of one a certificate
  std::vector<std::string> urls;  ///< as sent, at most limits::kMaxCertificates
};

/// parse_certificate_url parses a complete message, header included. Errors: truncated, trailing,
/// bad_length, bad_value.
Result<CertificateUrl> parse_certificate_url(Bytes message);

}  // namespace visavis::inspect
