#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "certs/credential_file.h"
#include "certs/key_pair.h"

namespace visavis::certs {

/// CredentialSource is a file that was read, and the option that named it.
struct CredentialSource {
  std::string option;  ///< "--cert": errors begin with it
  std::filesystem::path file;
  CredentialFile contents;
};

/// load_source reads a file. Errors as load_credentials, with the option in front.
[[nodiscard]] CredentialSource load_source(const std::string& option,
                                           const std::filesystem::path& file,
                                           const Password& password);

/// Matched is what came of a set of files.
struct Matched {
  /// One for each certificate that has a key and issued none of its file's others. Its chain: the
  /// file's certificates that lead up from it, in that order, a root too when it is there.
  std::vector<CertifiedKey> pairs;
  /// What is left over without harm, a line each: a CA certificate that leads nowhere.
  std::vector<std::string> notes;
};

/// match_keys gives every certificate its key, whichever file it is in: keys are known by what they
/// fit, not by their order. Throws std::runtime_error, one line that begins with the option and
/// names what is left over and what it would fit: a certificate without a key, the key of another
/// certificate, the key of an issuer, a forged key, a file without what it was given for.
[[nodiscard]] Matched match_keys(const std::vector<CredentialSource>& certificate_files,
                                 const std::vector<CredentialSource>& key_files);

/// certificate_label names a certificate for a reader: its subject, or else its serial number.
[[nodiscard]] std::string certificate_label(const x509_st& certificate);

/// holds_text says what a file has instead of what was wanted: "; it holds: a private key", or "".
[[nodiscard]] std::string holds_text(const CredentialFile& contents);

}  // namespace visavis::certs
