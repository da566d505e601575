#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "certs/digest.h"
#include "certs/lru_map.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {

/// FoundIssuer is an intermediate certificate that a chain lacks, found elsewhere.
struct FoundIssuer {
  std::string subject;  ///< RFC 2253
  std::string sha256;
  /// seen: sent by some backend before; file: in a directory that was given; aia: fetched from
  /// where a certificate's authorityInfoAccess says
  std::string where;
  std::string url = {};      ///< where it was fetched from; else empty
  bool self_issued = false;  ///< a root, which no backend has to send: only aia finds those
  std::vector<std::uint8_t> der = {};

  friend bool operator==(const FoundIssuer&, const FoundIssuer&) = default;
};

/// KnownIssuers are intermediate certificates of CAs: those of a directory, and those that backends
/// have sent. None of them is trusted for that; they only tell what a chain lacks. Bounded,
/// thread-safe.
class KnownIssuers {
 public:
  /// Certificates that are remembered of those seen, some 2 KiB each. Public CAs have some 2000
  /// intermediates, one company's backends a dozen.
  static constexpr std::size_t kMaxSeen = 512;
  /// Files of a directory that are read: protects the start from a wrong directory.
  static constexpr std::size_t kMaxFiles = 4096;
  /// Certificates of a fetched PKCS #7 bundle that are looked at, each of which may cost a
  /// signature. CAs put the issuer and those above it there.
  static constexpr std::size_t kMaxFetchedCertificates = 16;

  KnownIssuers() : seen_(kMaxSeen) {}

  /// add_directory reads the certificates (PEM or DER) in the files of a directory, not of those
  /// within; files without one are passed over. Throws std::runtime_error, one line that names
  /// directory and cause: missing, unreadable, too many files, no certificate in any of them.
  void add_directory(const std::filesystem::path& directory);

  /// note remembers the intermediates of a chain (DER, leaf first), at most kMaxCheckedCertificates
  /// of it.
  void note(const std::vector<std::vector<std::uint8_t>>& chain);

  /// note_fetched remembers the certificate in `body` that issued `subject_der`: what an address in
  /// authorityInfoAccess answered, at most kMaxFetchedCertificates of it. It returns why there is
  /// none, in words that follow the address; empty: there is one. Source: RFC 5280 4.2.2.1.
  [[nodiscard]] std::string note_fetched(const std::vector<std::uint8_t>& subject_der,
                                         std::span<const std::uint8_t> body, std::string_view url);

  /// find looks for the issuer with this name (RFC 2253) that signed one of the chain's
  /// certificates.
  [[nodiscard]] std::optional<FoundIssuer> find(const std::vector<std::vector<std::uint8_t>>& chain,
                                                std::string_view missing_issuer);

 private:
  struct Issuer {
    std::string subject;
    X509Ptr certificate;
    Sha256 digest{};
    std::string url{};  ///< of those fetched
    bool self_issued = false;
  };

  std::mutex mutex_;
  std::vector<std::shared_ptr<const Issuer>> filed_;
  LruMap<Sha256, std::shared_ptr<const Issuer>, Sha256Hash> seen_;

  static std::shared_ptr<Issuer> authority_of(const std::vector<std::uint8_t>& der);
  static std::shared_ptr<const Issuer> intermediate_of(const std::vector<std::uint8_t>& der);
};

}  // namespace visavis::certs
