#pragma once
#include <functional>

#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/leaf_cache.h"
#include "inspect/report/session_report.h"
#include "proxy/options.h"
#include "proxy/tls_context.h"

namespace visavis::proxy {

/// SessionSink takes each finished session, from any thread.
using SessionSink = std::function<void(const inspect::SessionReport&)>;

/// Services are what all sessions share. Thread-safe, and asked only outside the relay.
struct Services {
  const ProxyOptions& options;
  certs::LeafCache& leaves;
  certs::ChainCheck& chain_check;
  certs::CertificateFactsCache& facts;
  SessionSink sink;
};

/// ThreadServices belong to one io_context and need no lock.
struct ThreadServices {
  Services& shared;
  TlsContexts contexts;
  Watchdog watchdog;

  ThreadServices(Services& services, Executor executor) : shared(services), watchdog(executor) {}
};

}  // namespace visavis::proxy
