#pragma once
#include <atomic>
#include <cstdint>

#include "certs/chain_check.h"
#include "proxy/minting.h"
#include "proxy/options.h"
#include "proxy/reporter.h"
#include "proxy/resumption_store.h"
#include "proxy/tls_context.h"
#include "proxy/twin_cache.h"

namespace visavis::proxy {

/// Services are what all sessions share. Thread-safe, and asked only outside the relay.
struct Services {
  const ProxyOptions& options;
  Minting& minting;
  certs::ChainCheck& chain_check;
  Reporter& reporter;
  std::atomic<std::uint64_t> sessions_begun{0};
  TwinCache twins{};
  ResumptionStore resumption{};  ///< of --resume
};

/// ThreadServices belong to one io_context and need no lock.
struct ThreadServices {
  Services& shared;
  TlsContexts contexts;
  Watchdog watchdog;

  ThreadServices(Services& services, Executor executor)
      : shared(services),
        contexts(services.options.client_certificate,
                 services.options.resume ? &services.resumption : nullptr),
        watchdog(executor) {}
};

}  // namespace visavis::proxy
