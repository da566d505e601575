#pragma once
#include <boost/asio/thread_pool.hpp>

#include <memory>

#include "certs/leaf_cache.h"
#include "proxy/task.h"

namespace visavis::proxy {

/// Minting gives sessions their leaves: a known one at once, a new one made on a thread of its own,
/// so that names seen for the first time don't hold up the relaying of the sessions beside them.
class Minting {
 public:
  /// The cache must outlive it.
  explicit Minting(certs::LeafCache& cache) : cache_(cache) {}
  ~Minting() { thread_.join(); }

  /// leaf_for never gives null. What the request points at must stay until then. Throws as
  /// LeafMinter::mint.
  Task<std::shared_ptr<const certs::Leaf>> leaf_for(const certs::LeafRequest& request);

 private:
  certs::LeafCache& cache_;
  asio::thread_pool thread_{1};
};

}  // namespace visavis::proxy
