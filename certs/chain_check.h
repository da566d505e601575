#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/chain_verdict.h"
#include "certs/digest.h"
#include "certs/lru_map.h"
#include "certs/trust_store.h"

namespace visavis::certs {

/// Certificates of one chain that are looked at. Protects the time of a check: each may cost a
/// signature. OpenSSL's own depth is 100: a leaf, 100 issuers, a root.
inline constexpr std::size_t kMaxCheckedCertificates = 102;

/// chain_sha256 names a chain: the SHA-256 of its certificates in order, each with its length in
/// front.
[[nodiscard]] Sha256 chain_sha256(const std::vector<std::vector<std::uint8_t>>& chain_der);

/// ChainCheck judges chains against the trust stores, every problem at every depth and of every
/// certificate sent, and remembers its verdicts. Bounded, thread-safe; a verdict not yet known
/// costs 40 to 400 us. Source: RFC 5280 6, RFC 6125 6, RFC 5246 7.4.2 and RFC 8446 4.4.2 (order).
class ChainCheck {
 public:
  /// Some 2 KiB a verdict, so 1 MiB when full.
  static constexpr std::size_t kDefaultCapacity = 512;

  /// The stores must outlive the check and stay as they are.
  explicit ChainCheck(const TrustStores& stores, std::size_t capacity = kDefaultCapacity)
      : stores_(stores), verdicts_(capacity), completed_(capacity) {}

  /// check returns the verdict on `chain_der` (leaf first, as sent), for `host` (a DNS name or an
  /// IP literal; empty: names are not checked) at `now_s` (Unix time). Never null. An empty chain
  /// (anonymous suites, PSK) is not trusted and has no problems. Throws std::runtime_error only
  /// when OpenSSL runs out of memory.
  [[nodiscard]] std::shared_ptr<const ChainVerdict> check(
      const std::vector<std::vector<std::uint8_t>>& chain_der, std::string_view host,
      std::int64_t now_s);

  /// check with the chain's chain_sha256 known already: a remembered verdict then costs well below
  /// 1 us.
  [[nodiscard]] std::shared_ptr<const ChainVerdict> check(
      const Sha256& chain_digest, const std::vector<std::vector<std::uint8_t>>& chain_der,
      std::string_view host, std::int64_t now_s);

  /// find_issuer looks for the issuer that a chain lacks among the certificates that were given for
  /// that, and those of all chains checked before.
  [[nodiscard]] std::optional<FoundIssuer> find_issuer(
      const std::vector<std::vector<std::uint8_t>>& chain_der, std::string_view missing_issuer) {
    return stores_.known_issuers().find(chain_der, missing_issuer);
  }

  /// check_completed judges a chain to which found issuers were added. Its certificates do not
  /// become known issuers, for nobody sent that.
  [[nodiscard]] std::shared_ptr<const ChainVerdict> check_completed(
      const std::vector<std::vector<std::uint8_t>>& chain_der, std::string_view host,
      std::int64_t now_s);

  [[nodiscard]] std::size_t size() const;

 private:
  using Verdicts = LruMap<Sha256, std::shared_ptr<const ChainVerdict>, Sha256Hash>;

  [[nodiscard]] std::shared_ptr<const ChainVerdict> known(Verdicts& verdicts, const Sha256& key,
                                                          std::int64_t now_s);

  const TrustStores& stores_;
  /// The last chain asked about, found by its bytes: comparing costs a fraction of hashing.
  struct Last {
    std::vector<std::vector<std::uint8_t>> chain;
    std::string host;
    std::shared_ptr<const ChainVerdict> verdict;
  };

  mutable std::mutex mutex_;
  Last last_;
  Verdicts verdicts_;
  Verdicts completed_;  // of chains that nobody sent
};

}  // namespace visavis::certs
