#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace visavis::certs {

/// SignatureVerdict is what became of a signature.
enum class SignatureVerdict {
  valid,
  invalid,         ///< it is not by this key over these bytes
  wrong_key,       ///< the certificate's key is of a kind that can't make such signatures
  unknown_scheme,  ///< a scheme that is not known here, or that OpenSSL lacks
  no_key,          ///< the certificate, or its public key, can't be read
};

/// verify_signature checks a signature over `data` (not over its digest) by the public key of a
/// DER certificate, for a TLS SignatureScheme (0x0401 rsa_pkcs1_sha256 …, and TLS 1.2's pairs of
/// hash and signature, which are the same numbers). A scheme's curve is not compared with the
/// key's: TLS 1.3 binds it, TLS 1.2 does not. Thread-safe, never throws; leaves nothing in
/// OpenSSL's queue.
/// Source: RFC 8446 4.2.3, RFC 5246 7.4.1.4.1 and 4.7.
[[nodiscard]] SignatureVerdict verify_signature(std::span<const std::uint8_t> certificate_der,
                                                std::uint16_t scheme,
                                                std::span<const std::uint8_t> data,
                                                std::span<const std::uint8_t> signature);

/// verify_signature_before_tls12 checks a signature as SSL 3.0 (but for its CertificateVerify),
/// TLS 1.0 and TLS 1.1 make it: RSA over MD5 and SHA-1 together, DSA and ECDSA over SHA-1. Source:
/// RFC 4346 7.4.3 and 4.7, RFC 4492 5.4.
[[nodiscard]] SignatureVerdict verify_signature_before_tls12(
    std::span<const std::uint8_t> certificate_der, std::span<const std::uint8_t> data,
    std::span<const std::uint8_t> signature);

/// text returns the verdict in words: "valid", "not by this key" …
[[nodiscard]] std::string_view text(SignatureVerdict verdict);

}  // namespace visavis::certs
