#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace visavis::certs {

/// FieldProblem is what stops a certificate from being read: the field as RFC 5280 4.1 calls it,
/// and the byte of the certificate at which it goes wrong.
struct FieldProblem {
  std::string field;       ///< "serialNumber", "extension 3 extnValue"
  std::size_t offset = 0;  ///< from the certificate's first byte
  std::string what;        ///< "a length of 300 bytes where 12 are left"
};

/// text returns "serialNumber at byte 15: SEQUENCE where INTEGER should be".
[[nodiscard]] std::string text(const FieldProblem& problem);

/// ExtensionPlace is where one extension lies in the certificate.
struct ExtensionPlace {
  std::span<const std::uint8_t> oid;    ///< its content octets
  std::span<const std::uint8_t> value;  ///< content of extnValue
  std::size_t offset = 0;               ///< of `value`
};

/// CertificateOutline is a certificate seen as nested lengths, which OpenSSL does not show: it says
/// that a certificate can't be read, not where.
struct CertificateOutline {
  std::optional<FieldProblem> problem;     ///< the first one
  std::vector<ExtensionPlace> extensions;  ///< those before it, at most 256
};

/// read_outline walks a certificate's fields. Spans point into `der`. A certificate without a
/// problem here may still be refused for what a primitive field contains. Source: RFC 5280 4.1.
[[nodiscard]] CertificateOutline read_outline(std::span<const std::uint8_t> der);

/// extension_problem returns where the value of the extension with this OID (content octets) goes
/// wrong: its first broken length, or where it begins. Empty when there is no such extension.
[[nodiscard]] std::string extension_problem(std::span<const std::uint8_t> der,
                                            std::span<const std::uint8_t> oid);

}  // namespace visavis::certs
