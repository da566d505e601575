#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace visavis::certs {

/// KeyKind is the kind of a certificate's public key.
enum class KeyKind { rsa, rsa_pss, ec, ed25519, ed448, dsa, other };

/// CertificateFacts is what a certificate says, as plain data. All text is valid UTF-8 without
/// control characters: what the certificate has of those, and bytes that are no UTF-8, stand as
/// "\XX" (hex). Fields that could not be read are empty. Source: RFC 5280 4.1 and 4.2.
struct CertificateFacts {
  std::string subject;     ///< RFC 2253; empty when the certificate's is
  std::string issuer;      ///< RFC 2253
  std::string serial;      ///< lower-case hex, whole bytes; "-" in front of a negative one
  std::string not_before;  ///< RFC 3339, UTC: "2026-01-02T03:04:05Z"
  std::string not_after;
  std::int64_t not_before_s = 0;  ///< Unix time
  std::int64_t not_after_s = 0;
  /// "DNS:…", "IP:…", "URI:…", "email:…", "DirName:…", "RID:…", "othername:…"
  std::vector<std::string> san;
  std::string common_name;  ///< the most specific CN of the subject
  std::string key;  ///< "RSA 2048", "EC P-256", "Ed25519", "DSA 1024" or the algorithm's OID
  KeyKind key_kind = KeyKind::other;
  int key_bits = 0;              ///< size of modulus, field or key; 0 when the key cannot be read
  int key_security_bits = 0;     ///< strength by NIST SP 800-57: RSA 2048 is 112, P-256 is 128
  std::string signature;         ///< "sha256WithRSAEncryption", "ecdsa-with-SHA256" … or the OID
  std::string sha256;            ///< hex of the SHA-256 of the DER as given, readable or not
  bool ca = false;               ///< basicConstraints says CA:TRUE
  bool self_issued = false;      ///< subject and issuer are the same name (RFC 5280 7.1)
  std::string subject_key_id;    ///< hex or empty
  std::string authority_key_id;  ///< hex of keyIdentifier, or empty
  std::vector<std::string> ca_issuers_urls;      ///< authorityInfoAccess, caIssuers
  std::vector<std::string> key_usages;           ///< "digitalSignature" …; empty: no extension
  std::vector<std::string> extended_key_usages;  ///< "serverAuth" … or the OID; empty: none
  /// TLS feature says status_request: a server has to staple an OCSP response (RFC 7633).
  bool must_staple = false;
  std::string parse_problem;  ///< empty when fine, else one line: what could not be read

  friend bool operator==(const CertificateFacts&, const CertificateFacts&) = default;
};

}  // namespace visavis::certs
