#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/openssl_handles.h"

namespace visavis::testing {

/// Der is one certificate's encoding.
using Der = std::vector<std::uint8_t>;

/// Certificates are valid from 2020-01-01 until 2049-12-31 unless a test says otherwise, so none
/// expires under a test. kNow is a moment well inside: 2027-01-15T08:00:00Z.
inline constexpr std::int64_t kValidFrom = 1'577'836'800;
inline constexpr std::int64_t kValidUntil = 2'524'521'600;
inline constexpr std::int64_t kNow = 1'800'000'000;
inline constexpr std::int64_t kDay = 86'400;

/// TestKey is the kind of key that a test certificate has.
enum class TestKey { ec_p256, ec_p384, rsa_2048, rsa_1024, ed25519 };

/// CertificateSpec says what a test certificate is like. Extension values are in OpenSSL's
/// configuration syntax.
struct CertificateSpec {
  std::string common_name;  ///< empty: an empty subject
  std::string organization;
  std::vector<std::string> san;  ///< "DNS:example.com", "IP:192.0.2.1"
  std::int64_t not_before_s = kValidFrom;
  std::int64_t not_after_s = kValidUntil;
  bool ca = false;
  std::optional<int> path_length;  ///< of a CA: how many CAs may follow
  std::string key_usage;           ///< empty: keyCertSign,cRLSign for a CA, else no extension
  std::string extended_key_usage;  ///< empty: no extension
  std::vector<std::pair<std::string, std::string>> extensions;  ///< further ones: name, value
  bool key_ids = true;  ///< SKI, and AKI when issued by another
  TestKey key = TestKey::ec_p256;
  std::string digest = "SHA256";
};

/// TestCertificate is a certificate with its private key.
class TestCertificate {
 public:
  TestCertificate(certs::X509Ptr certificate, certs::PkeyPtr key);

  [[nodiscard]] x509_st* certificate() const { return certificate_.get(); }
  [[nodiscard]] evp_pkey_st* key() const { return key_.get(); }
  [[nodiscard]] const Der& der() const { return der_; }
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string key_pem() const;

 private:
  certs::X509Ptr certificate_;
  certs::PkeyPtr key_;
  Der der_;
};

/// make_certificate issues a certificate; without an issuer it is self-signed. `key` is used when
/// given, else a new one is made. Throws std::runtime_error when the spec cannot be met.
[[nodiscard]] TestCertificate make_certificate(const CertificateSpec& spec,
                                               const TestCertificate* issuer = nullptr,
                                               evp_pkey_st* key = nullptr);

/// root_spec, intermediate_spec and leaf_spec describe a healthy chain for `host`.
[[nodiscard]] CertificateSpec root_spec();
[[nodiscard]] CertificateSpec intermediate_spec();
[[nodiscard]] CertificateSpec leaf_spec(std::string_view host = "www.example.com");

/// TestChain is a root, an intermediate and a leaf, each issued by the one before.
struct TestChain {
  TestCertificate root;
  TestCertificate intermediate;
  TestCertificate leaf;

  /// sent returns what a healthy server sends: leaf and intermediate.
  [[nodiscard]] std::vector<Der> sent() const { return {leaf.der(), intermediate.der()}; }
};

[[nodiscard]] TestChain make_chain(const CertificateSpec& leaf = leaf_spec(),
                                   const CertificateSpec& intermediate = intermediate_spec(),
                                   const CertificateSpec& root = root_spec());

/// TemporaryDirectory is a fresh directory (0700) that goes with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// write puts a file into the directory and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace visavis::testing
