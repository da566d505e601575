#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "certs/openssl_handles.h"

namespace visavis::certs {

/// make_ec_p256_key returns a new key on NIST P-256 (about 20 us). Throws std::runtime_error when
/// OpenSSL fails.
[[nodiscard]] PkeyPtr make_ec_p256_key();

/// make_rsa_2048_key returns a new RSA key of 2048 bits. Takes 50 to 500 ms: not for a thread that
/// serves connections. Throws std::runtime_error when OpenSSL fails.
[[nodiscard]] PkeyPtr make_rsa_2048_key();

/// CertifiedKey is a certificate, the private key that fits it, and the further certificates of the
/// same file (its chain).
struct CertifiedKey {
  X509Ptr certificate;
  PkeyPtr key;
  std::vector<X509Ptr> chain;
};

/// load_certificates returns the certificates of a file, in order, at least one; PEM, DER, PKCS #7
/// or a PKCS #12 file without a password. Throws std::runtime_error, one line that names file and
/// cause: as load_credentials, and when there is no certificate in it.
[[nodiscard]] std::vector<X509Ptr> load_certificates(const std::filesystem::path& file);

/// load_private_key returns the first private key of such a file. Errors as load_certificates; an
/// encrypted key is an error too, since nothing here asks for a password.
[[nodiscard]] PkeyPtr load_private_key(const std::filesystem::path& file);

/// load_certified_key reads both files (they may be the same one); the chain is in the file's
/// order. Errors as the two above, and when the key does not fit the first certificate.
[[nodiscard]] CertifiedKey load_certified_key(const std::filesystem::path& certificate_file,
                                              const std::filesystem::path& key_file);

/// certificate_der returns the certificate's encoding; certificate_pem and private_key_pem the PEM
/// text (PKCS #8, not encrypted). Throw std::runtime_error when OpenSSL fails.
[[nodiscard]] std::vector<std::uint8_t> certificate_der(const x509_st& certificate);
[[nodiscard]] std::string certificate_pem(const x509_st& certificate);
[[nodiscard]] std::string private_key_pem(const evp_pkey_st& key);

/// subject_key_id returns the 20 bytes that name a public key: SHA-1 of its bit string (RFC
/// 5280 4.2.1.2).
[[nodiscard]] std::vector<std::uint8_t> subject_key_id(const x509_st& certificate);

}  // namespace visavis::certs
