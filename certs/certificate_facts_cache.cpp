#include <algorithm>

#include "certs/certificate_reader.h"

namespace visavis::certs {

std::shared_ptr<const CertificateFacts> CertificateFactsCache::facts_of(
    std::span<const std::uint8_t> der) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [known_der, facts] : recent_)
      if (facts && std::ranges::equal(known_der, der)) return facts;
  }
  const Sha256 key = sha256(der);
  std::shared_ptr<const CertificateFacts> facts;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* known = facts_.find(key)) facts = *known;
  }
  if (!facts) facts = std::make_shared<const CertificateFacts>(read_certificate(der));
  const std::lock_guard lock(mutex_);
  if (der.size() > kMaxRememberedBytes) return facts;
  facts_.put(key, facts);
  recent_[next_recent_++ % recent_.size()] = {{der.begin(), der.end()}, facts};
  return facts;
}

std::size_t CertificateFactsCache::size() const {
  const std::lock_guard lock(mutex_);
  return facts_.size();
}

}  // namespace visavis::certs
