#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "certs/openssl_handles.h"

// What the certificates that we make have in common, our CA's and the leaves'. Every function
// throws std::runtime_error when OpenSSL fails.
namespace visavis::certs {

/// kDaySeconds is the length of a day in seconds.
inline constexpr std::int64_t kDaySeconds = 86'400;

/// make_blank_certificate returns an X.509 v3 certificate with a random serial number of up to 127
/// bits, valid over the given times (Unix seconds), with this key. RFC 5280 4.1.2.2 wants serial
/// numbers positive and at most 20 bytes long.
[[nodiscard]] X509Ptr make_blank_certificate(std::int64_t not_before_s, std::int64_t not_after_s,
                                             evp_pkey_st& key);

/// make_extension returns an extension by OpenSSL's configuration syntax ("critical,CA:FALSE");
/// `nid` is OpenSSL's number. For constants only: the text is an expression, never a peer's.
[[nodiscard]] X509ExtensionPtr make_extension(int nid, const char* value);

/// make_subject_key_id and make_authority_key_id return the extensions of RFC 5280 4.2.1.2
/// and 4.2.1.1.
[[nodiscard]] X509ExtensionPtr make_subject_key_id(std::span<const std::uint8_t> id);
[[nodiscard]] X509ExtensionPtr make_authority_key_id(std::span<const std::uint8_t> id);

/// add_extension puts a copy of the extension at the certificate's end.
void add_extension(x509_st& certificate, const X509_extension_st& extension);

/// add_name_text adds one attribute (UTF8String) to a name; `nid` is OpenSSL's number.
void add_name_text(X509_name_st& name, int nid, std::string_view text);

/// sign_certificate signs with SHA-256, or as the key's kind prescribes (Ed25519, Ed448).
void sign_certificate(x509_st& certificate, evp_pkey_st& issuer_key);

}  // namespace visavis::certs
