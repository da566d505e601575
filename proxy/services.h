#pragma once
#include <atomic>
#include <cstdint>

#include "certs/chain_check.h"
#include "proxy/minting.h"
#include "proxy/options.h"
#include "proxy/reporter.h"
#include "proxy/resumption_store.h"
#include "proxy/session_capture.h"
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
  Capture* capture = nullptr;    ///< of --capture and --keylog; null: none
};

/// ThreadServices belong to one io_context and need no lock.
struct ThreadServices {
  Services& shared;
  TlsContexts contexts;
  Watchdog watchdog;
  CaptureQueue* capture_queue;  ///< null: nothing is captured

  ThreadServices(Services& services, Executor executor)
      : shared(services),
        contexts(services.options.client_certificate,
                 services.options.resume ? &services.resumption : nullptr,
                 services.capture != nullptr && services.capture->options().wants_secrets()),
        watchdog(executor),
        capture_queue(services.capture == nullptr ? nullptr : &services.capture->add_queue()) {}

  /// begin_capture returns null where nothing is captured.
  [[nodiscard]] std::shared_ptr<SessionCapture> begin_capture(const SessionClock& clock) const {
    if (capture_queue == nullptr) return nullptr;
    return std::make_shared<SessionCapture>(*shared.capture, *capture_queue, clock);
  }
};

}  // namespace visavis::proxy
