#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "certs/known_issuers.h"
#include "certs/openssl_handles.h"
#include "certs/revocation_lists.h"

namespace visavis::certs {

/// SystemStore says whether the main store takes in OpenSSL's default places (SSL_CERT_FILE and
/// SSL_CERT_DIR where set). Tests skip them.
enum class SystemStore { use, skip };

/// TrustStore is a set of trusted certificates with a name.
struct TrustStore {
  std::string name;
  X509StorePtr store;
};

/// TrustStores holds the main store, named "system", which decides the findings, and the named
/// stores, which have a verdict of their own beside it. Filled at start; from then on read by any
/// thread.
class TrustStores {
 public:
  /// Throws std::runtime_error when OpenSSL cannot make a store.
  explicit TrustStores(SystemStore system = SystemStore::use);

  /// add_file adds the certificates of a PEM file to the main store (--trust FILE). Throws
  /// std::runtime_error, one line that names file and cause: missing, unreadable, no certificate in
  /// it.
  void add_file(const std::filesystem::path& file);

  /// add_named makes a store of its own from a PEM file (--trust NAME=FILE); a name given twice
  /// collects the certificates of both files. Errors as add_file, and when the name is empty or
  /// "system".
  void add_named(std::string_view name, const std::filesystem::path& file);

  /// add_crls adds the CRLs of a file (--crl FILE), for the main store's verdict. Errors as
  /// RevocationLists::add_file.
  void add_crls(const std::filesystem::path& file) { revocation_.add_file(file); }
  [[nodiscard]] const RevocationLists& revocation() const { return revocation_; }

  /// known_issuers has the intermediates of --intermediates DIR, and those that are noted as
  /// backends send them. Thread-safe in itself.
  [[nodiscard]] KnownIssuers& known_issuers() const { return *known_issuers_; }

  /// add_certificate adds one certificate to the main store, which takes a share of it.
  void add_certificate(x509_st* certificate);

  /// stores returns all stores, the main one first, then the named ones in the order they were
  /// given.
  [[nodiscard]] const std::vector<TrustStore>& stores() const { return stores_; }

 private:
  std::vector<TrustStore> stores_;
  RevocationLists revocation_;
  std::unique_ptr<KnownIssuers> known_issuers_ = std::make_unique<KnownIssuers>();
};

/// trusted_pem returns the certificates that a store holds in memory as PEM, one after another: for
/// clients that are to trust what we trust. Those of a directory (SSL_CERT_DIR, and Debian's own
/// place) are loaded by OpenSSL only as they are needed, and are not among them.
std::string trusted_pem(const TrustStore& store);

/// system_bundle_pem returns the system's roots as one PEM text: SSL_CERT_FILE where it is set,
/// else the first of the usual places that can be read. Empty when there is none.
std::string system_bundle_pem();

}  // namespace visavis::certs
