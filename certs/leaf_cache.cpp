#include "certs/leaf_cache.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "certs/host_name.h"

namespace visavis::certs {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// All parts of a request, with the lengths of those that a peer chooses, so that no two requests
// meet.
Sha256 cache_key(const LeafRequest& request) {
  const std::string name = lower_case(request.server_name);
  const LeafFaults& faults = request.faults;
  const std::uint64_t bits = (faults.dates ? 1U : 0U) | (faults.names ? 2U : 0U) |
                             (faults.usage ? 4U : 0U) | static_cast<unsigned>(faults.issuer) << 3U;
  const std::array<std::uint64_t, 4> fixed{request.backend_certificate_der.size(), name.size(),
                                           static_cast<std::uint64_t>(request.key), bits};
  std::array<std::uint8_t, sizeof fixed> head{};
  std::memcpy(head.data(), fixed.data(), sizeof fixed);
  const std::array<std::span<const std::uint8_t>, 4> parts{
      head, request.backend_certificate_der, bytes_of(name), bytes_of(request.address)};
  return sha256_of_parts(parts);
}

}  // namespace

std::shared_ptr<const Leaf> LeafCache::find(const Sha256& key) {
  const auto* known = leaves_.find(key);
  return known != nullptr && (*known)->not_after_s > minter_.now_s() ? *known : nullptr;
}

std::shared_ptr<const Leaf> LeafCache::find(const LeafRequest& request) {
  const Sha256 key = cache_key(request);
  const std::lock_guard lock(mutex_);
  return find(key);
}

std::shared_ptr<const Leaf> LeafCache::leaf_for(const LeafRequest& request) {
  const Sha256 key = cache_key(request);
  {
    const std::lock_guard lock(mutex_);
    if (auto known = find(key)) return known;
  }
  auto leaf = minter_.mint(request);  // without the lock: others need not wait for a signature
  const std::lock_guard lock(mutex_);
  // Whoever was first keeps its place, so that all get the same leaf.
  if (auto known = find(key)) return known;
  leaves_.put(key, leaf);
  return leaf;
}

std::size_t LeafCache::size() const {
  const std::lock_guard lock(mutex_);
  return leaves_.size();
}

}  // namespace visavis::certs
