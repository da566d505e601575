#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace visavis::certs {

/// certificates_in_bundle returns the DER of the certificates, at most `most` of them, in what a
/// CA's server answers: one DER certificate, a PKCS #7 "certs-only" message (DER), or, as some
/// servers do, PEM of either. Empty when it is none of these. For bytes of a stranger's: unlike
/// read_credentials it opens nothing that is encrypted. Source: RFC 5280 4.2.2.1, RFC 2797 2.2.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> certificates_in_bundle(
    std::span<const std::uint8_t> bytes, std::size_t most);

}  // namespace visavis::certs
