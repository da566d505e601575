#include <algorithm>
#include <functional>

#include "certs/certificate_reader.h"

namespace visavis::certs {
namespace {

/// Bytes at a certificate's end by which it is found.
constexpr std::size_t kKeyBytes = 32;

std::size_t key_of(std::span<const std::uint8_t> der) {
  const auto end = der.last(std::min(der.size(), kKeyBytes));
  const std::string_view text(reinterpret_cast<const char*>(end.data()), end.size());
  return std::hash<std::string_view>()(text) ^ der.size();
}

}  // namespace

std::shared_ptr<const CertificateFacts> CertificateFactsCache::facts_of(
    std::span<const std::uint8_t> der) {
  if (der.size() > kMaxRememberedBytes)
    return std::make_shared<const CertificateFacts>(read_certificate(der));
  const std::size_t key = key_of(der);
  {
    const std::lock_guard lock(mutex_);
    const Remembered* known = facts_.find(key);
    if (known != nullptr && std::ranges::equal(known->der, der)) return known->facts;
  }
  auto facts = std::make_shared<const CertificateFacts>(read_certificate(der));
  const std::lock_guard lock(mutex_);
  facts_.put(key, {{der.begin(), der.end()}, facts});
  return facts;
}

std::size_t CertificateFactsCache::size() const {
  const std::lock_guard lock(mutex_);
  return facts_.size();
}

}  // namespace visavis::certs
