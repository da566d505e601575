#pragma once
#include <cstddef>
#include <memory>
#include <mutex>

#include "certs/digest.h"
#include "certs/leaf_minter.h"
#include "certs/lru_map.h"

namespace visavis::certs {

/// LeafCache stands before a LeafMinter: the same backend certificate, server name (case apart),
/// address and key kind give the same leaf until it expires, so a client sees a steady certificate
/// and no signature is spent on it. Bounded, thread-safe.
class LeafCache {
 public:
  /// Some 4 KiB a leaf, so 4 MiB when full: a client that asks for ever new names fills no more.
  static constexpr std::size_t kDefaultCapacity = 1024;

  /// The minter must outlive the cache.
  explicit LeafCache(LeafMinter& minter, std::size_t capacity = kDefaultCapacity)
      : minter_(minter), leaves_(capacity) {}

  /// find returns the leaf for the request when there is one that is still valid, else null.
  [[nodiscard]] std::shared_ptr<const Leaf> find(const LeafRequest& request);

  /// leaf_for returns the leaf for the request, minted when there is none that is still valid.
  /// Never null. Throws as LeafMinter::mint.
  [[nodiscard]] std::shared_ptr<const Leaf> leaf_for(const LeafRequest& request);

  [[nodiscard]] std::size_t size() const;

 private:
  std::shared_ptr<const Leaf> find(const Sha256& key);

  LeafMinter& minter_;
  mutable std::mutex mutex_;
  LruMap<Sha256, std::shared_ptr<const Leaf>, Sha256Hash> leaves_;
};

}  // namespace visavis::certs
