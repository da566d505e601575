#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace visavis::certs {

/// OcspFacts is what a stapled OCSP response says of the certificate that it came with.
struct OcspFacts {
  /// good, revoked, unknown; without an answer: "unreadable", or the responder's error in OpenSSL's
  /// words ("trylater", "unauthorized" ...).
  std::string status;
  std::string this_update;                 ///< RFC 3339; empty: no answer, or it can't be read
  std::optional<std::string> next_update;  ///< RFC 3339
  std::optional<std::string> revoked_at;   ///< RFC 3339
  bool for_this_certificate = false;       ///< by serial, issuer's name and, where known, its key
  /// By the issuer, or by a responder that the issuer certified for it; absent: the issuer is not
  /// among the certificates given, so that nobody can tell.
  std::optional<bool> signature_ok;

  friend bool operator==(const OcspFacts&, const OcspFacts&) = default;
};

/// read_ocsp_response reads a response in DER against the chain that it was stapled to (DER, leaf
/// first; the issuer is looked for among the others, at most kMaxCheckedCertificates of them).
/// Never throws; costs up to three signature checks. Source: RFC 6960 4.2 and 4.2.2.2, RFC 6066 8.
[[nodiscard]] OcspFacts read_ocsp_response(std::span<const std::uint8_t> response,
                                           const std::vector<std::vector<std::uint8_t>>& chain);

}  // namespace visavis::certs
