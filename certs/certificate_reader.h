#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "certs/certificate_facts.h"
#include "certs/lru_map.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {

/// read_certificate returns the facts of one DER certificate. It never throws on hostile DER: what
/// cannot be read is named in `parse_problem`, with its field and byte where its structure tells,
/// and the rest is still given.
[[nodiscard]] CertificateFacts read_certificate(std::span<const std::uint8_t> der);

/// decode_certificate returns OpenSSL's own form of one DER certificate, or null when it is none.
/// Bytes after its end are passed over. It leaves nothing in the error queue. The last ones are
/// remembered and shared: don't change them. Thread-safe.
[[nodiscard]] X509Ptr decode_certificate(std::span<const std::uint8_t> der);

/// read_pem_certificates returns the DER of each certificate block in the text, in order
/// ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE" without its trust settings). Other
/// blocks, text between them and blocks with broken base64 are passed over. The DER itself is not
/// judged: read_certificate does that. Source: RFC 7468 5.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> read_pem_certificates(std::string_view pem);

/// CertificateFactsCache gives the facts of certificates seen before without reading them again:
/// the same chain comes with every connection. Bounded, thread-safe; errors as read_certificate.
class CertificateFactsCache {
 public:
  /// About 4 KiB an entry, so 2 MiB when full: a peer that sends ever new certificates fills no
  /// more.
  static constexpr std::size_t kDefaultCapacity = 512;

  /// Larger certificates are read anew each time: the facts of one with 80,000 names take 2.5 MB.
  static constexpr std::size_t kMaxRememberedBytes = 16U << 10;

  explicit CertificateFactsCache(std::size_t capacity = kDefaultCapacity) : facts_(capacity) {}

  /// facts_of returns the facts of `der`; never null.
  [[nodiscard]] std::shared_ptr<const CertificateFacts> facts_of(std::span<const std::uint8_t> der);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Remembered {
    std::vector<std::uint8_t> der;
    std::shared_ptr<const CertificateFacts> facts;
  };

  mutable std::mutex mutex_;
  /// Found by their last bytes, which are a signature's and so differ, and then compared: a
  /// fraction of what a digest costs. Of two that end alike the last one is remembered.
  LruMap<std::size_t, Remembered> facts_;
};

}  // namespace visavis::certs
