#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"

namespace visavis::testing {

/// kPassword is what encrypted files of tests are opened with.
inline constexpr std::string_view kPassword = "geheim";

/// openssl runs the `openssl` command to its end; throws std::runtime_error with what it said when
/// it fails.
void openssl(std::vector<std::string> words);

/// OpensslFiles is a chain and a key in files, and what the `openssl` command makes of them. Each
/// function returns the new file, named `name` in the folder.
class OpensslFiles {
 public:
  explicit OpensslFiles(TestKey key = TestKey::ec_p256, const CertificateSpec& leaf = leaf_spec());

  [[nodiscard]] const TestChain& chain() const { return chain_; }
  [[nodiscard]] const TemporaryDirectory& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path leaf() const { return folder_.path() / "leaf.pem"; }
  /// issuers has the intermediate and the root.
  [[nodiscard]] std::filesystem::path issuers() const { return folder_.path() / "issuers.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return folder_.path() / "leaf.key"; }

  /// pfx is `openssl pkcs12 -export` of leaf, key and issuers, with kPassword unless `options` say
  /// otherwise (-passout stands before them).
  [[nodiscard]] std::filesystem::path pfx(const std::string& name,
                                          std::vector<std::string> options = {}) const;
  /// pfx_of exports only what the options name: -in, -inkey, -nokeys ...
  [[nodiscard]] std::filesystem::path pfx_of(const std::string& name,
                                             std::vector<std::string> options) const;
  /// p7b has leaf and issuers; form: PEM or DER.
  [[nodiscard]] std::filesystem::path p7b(const std::string& name, const std::string& form) const;
  /// pkcs8 is `openssl pkcs8 -topk8` of the key, encrypted with kPassword.
  [[nodiscard]] std::filesystem::path pkcs8(const std::string& name,
                                            std::vector<std::string> options = {}) const;
  /// traditional is the key in its type's own PEM form, encrypted with kPassword by a cipher such
  /// as "-aes256".
  [[nodiscard]] std::filesystem::path traditional(const std::string& name,
                                                  const std::string& cipher) const;
  /// der is the DER form of a PEM certificate or (`command` "pkey") key.
  [[nodiscard]] std::filesystem::path der(const std::string& name, const std::string& command,
                                          const std::filesystem::path& pem) const;

 private:
  [[nodiscard]] std::filesystem::path made(const std::string& name,
                                           std::vector<std::string> words) const;

  TemporaryDirectory folder_;
  TestChain chain_;
};

}  // namespace visavis::testing
