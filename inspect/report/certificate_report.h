#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// CertificateRequestReport is what a server asks of its client's certificate.
struct CertificateRequestReport {
  std::vector<CodePoint> types;                    ///< up to TLS 1.2
  std::optional<std::vector<CodePoint>> sig_algs;  ///< TLS 1.2 and 1.3
  std::vector<std::string> issuers;                ///< RFC 2253; none: any issuer will do
  std::uint32_t issuers_total = 0;

  friend bool operator==(const CertificateRequestReport&,
                         const CertificateRequestReport&) = default;
};

struct CertificateReport {
  std::string subject;  ///< RFC 2253
  std::string issuer;
  std::string serial;      ///< hex
  std::string not_before;  ///< RFC 3339
  std::string not_after;
  std::vector<std::string> san;  ///< "DNS:...", "IP:..."
  std::string key;               ///< "RSA 2048"
  std::string signature;         ///< "sha256WithRSAEncryption"
  std::string sha256;
  std::vector<std::string> problems;
  bool ca = false;                        ///< basicConstraints says CA:TRUE
  bool must_staple = false;               ///< asks for a stapled OCSP response (RFC 7633)
  std::vector<std::string> key_usages{};  ///< "digitalSignature" ...; empty: no such extension

  friend bool operator==(const CertificateReport&, const CertificateReport&) = default;
};

struct ChainProblemReport {
  int depth = 0;
  std::string code;     ///< X509_V_ERR_...
  std::string hresult;  ///< 0x........

  friend bool operator==(const ChainProblemReport&, const ChainProblemReport&) = default;
};

struct StoreReport {
  std::string name;
  bool trusted = false;
  std::vector<std::string> problems;

  friend bool operator==(const StoreReport&, const StoreReport&) = default;
};

/// FoundIssuerReport is the certificate that a chain lacks, found elsewhere.
struct FoundIssuerReport {
  std::string subject;  ///< RFC 2253
  std::string sha256;
  std::string where;  ///< seen, file, aia
  std::string url{};  ///< where it was fetched from (aia); else empty
  bool self_issued = false;
  bool trusted = false;  ///< with all that was found for it the chain is trusted

  friend bool operator==(const FoundIssuerReport&, const FoundIssuerReport&) = default;
};

struct ChainReport {
  bool trusted = false;
  std::vector<ChainProblemReport> problems;
  std::optional<std::string> missing_issuer;
  std::vector<StoreReport> stores;
  std::optional<FoundIssuerReport> found_issuer{};  ///< the missing one, where it was found
  /// With --fetch-aia: why what is still missing was not got, as a clause that names the address.
  std::string fetch_problem{};

  friend bool operator==(const ChainReport&, const ChainReport&) = default;
};

/// StapledOcspReport is what the stapled OCSP response says. RFC 6960 4.2.
struct StapledOcspReport {
  std::string status;       ///< good, revoked, unknown; unreadable, or a responder's error in words
  std::string this_update;  ///< RFC 3339; empty where there is no answer
  std::optional<std::string> next_update;  ///< RFC 3339
  std::optional<std::string> revoked_at;   ///< RFC 3339
  bool for_this_certificate = false;       ///< for the leaf that was sent
  std::optional<bool> signature_ok;        ///< absent: the issuer's certificate is not known

  friend bool operator==(const StapledOcspReport&, const StapledOcspReport&) = default;
};

}  // namespace visavis::inspect
