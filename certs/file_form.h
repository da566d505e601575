#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace visavis::certs {

/// DerForm is what a DER structure is by its first elements.
enum class DerForm {
  certificate,
  certificate_request,
  revocation_list,
  private_key,
  encrypted_key,
  public_key,
  pkcs12,
  pkcs7,
  unknown,
};

/// der_form tells what a structure is by its shape alone, so a broken certificate is still called
/// one. `der` may be BER with lengths left open. Source: RFC 5280 4.1 and 5.1, RFC 2986 4, RFC
/// 5958, RFC 7292 4, RFC 5652 3.
[[nodiscard]] DerForm der_form(std::span<const std::uint8_t> der);

/// form_text names it: "CERTIFICATE REQUEST".
[[nodiscard]] std::string form_text(DerForm form);

/// foreign_form says what bytes are that are neither PEM nor DER: a Java keystore, UTF-16 text …
/// and what can be done. Never empty.
[[nodiscard]] std::string foreign_form(std::string_view bytes);

}  // namespace visavis::certs
