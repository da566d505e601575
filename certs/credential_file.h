#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "certs/openssl_handles.h"
#include "certs/password.h"

namespace visavis::certs {

/// CredentialFile is what one file holds: certificates and private keys, in the file's order, ready
/// for OpenSSL's default context.
struct CredentialFile {
  std::string form;  ///< "PEM", "DER", "PKCS #12", "PKCS #7"
  std::vector<X509Ptr> certificates;
  std::vector<PkeyPtr> keys;
  /// Why a private key in it can't be used; empty: none such. Who only wants certificates need not
  /// care.
  std::string key_problem;
  /// What else it holds, to be named when what is wanted is missing: "CERTIFICATE REQUEST".
  std::vector<std::string> others;
};

/// read_credentials reads PEM, DER, PKCS #12 (PFX) or PKCS #7 (P7B), told apart by content; an
/// empty result is no error. Throws std::runtime_error, one line without the file's name: what it
/// is that can't be read, and why (at which byte or line, where that is known).
[[nodiscard]] CredentialFile read_credentials(std::string_view bytes, const Password& password);

/// load_credentials reads a file. Throws std::runtime_error, one line that names file and cause: as
/// read_credentials; as FileError: missing, a directory, no permission, more than kMaxFileBytes.
[[nodiscard]] CredentialFile load_credentials(const std::filesystem::path& file,
                                              const Password& password);

}  // namespace visavis::certs
