#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "certs/certificate_facts.h"
#include "certs/key_pair.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {

/// Authority is our certificate authority: its certificate, its private key and where they lie.
/// Immutable after it is made, so it may be read from any thread. Every failure is a
/// std::runtime_error of one line that names the file and says what to do.
class Authority {
 public:
  /// open reads the authority of `directory`, ca.pem and ca.key, and makes it at first use:
  /// directory 0700, key 0600, certificate 0644, written whole or not at all. Processes that start
  /// at once end up with the same pair. Errors: a key file that group or others may use, one file
  /// missing while the certificate is there, a pair that does not fit, an expired certificate, no
  /// permission.
  [[nodiscard]] static Authority open(const std::filesystem::path& directory);

  /// load reads an authority that the user names (--ca-cert, --ca-key). Errors: as
  /// load_certified_key, a certificate that is no CA, an expired one. A key file that others may
  /// use is no error here, since its mode is the user's decision: see permission_warning.
  [[nodiscard]] static Authority load(const std::filesystem::path& certificate_file,
                                      const std::filesystem::path& key_file);

  /// default_directory returns $XDG_DATA_HOME/visavis, or ~/.local/share/visavis when that is not
  /// set or relative (XDG Base Directory Specification). Error: HOME is not set either.
  [[nodiscard]] static std::filesystem::path default_directory();

  /// certificate and key stay owned by the authority; share() makes another owner.
  [[nodiscard]] x509_st* certificate() const { return pair_.certificate.get(); }
  [[nodiscard]] evp_pkey_st* key() const { return pair_.key.get(); }

  [[nodiscard]] const std::filesystem::path& certificate_path() const { return certificate_path_; }
  [[nodiscard]] const std::filesystem::path& key_path() const { return key_path_; }

  /// certificate_pem returns the authority's own certificate, what a client must trust.
  [[nodiscard]] const std::string& certificate_pem() const { return certificate_pem_; }
  [[nodiscard]] const CertificateFacts& facts() const { return facts_; }

  /// self_signed returns whether it is a root, which a server does not send along.
  [[nodiscard]] bool self_signed() const { return self_signed_; }

  /// issuers returns the further certificates of the certificate file, an intermediate's way to its
  /// root.
  [[nodiscard]] const std::vector<X509Ptr>& issuers() const { return pair_.chain; }

  /// made_now returns whether open made the pair in this call.
  [[nodiscard]] bool made_now() const { return made_now_; }

  /// permission_warning returns one line when the key file may be used by group or others, else "".
  [[nodiscard]] const std::string& permission_warning() const { return permission_warning_; }

 private:
  Authority(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file);

  std::filesystem::path certificate_path_;
  std::filesystem::path key_path_;
  CertifiedKey pair_;
  CertificateFacts facts_;
  std::string certificate_pem_;
  std::string permission_warning_;
  bool self_signed_ = false;
  bool made_now_ = false;
};

}  // namespace visavis::certs
