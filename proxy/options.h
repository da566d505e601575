#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/key_pair.h"
#include "certs/leaf_minter.h"
#include "proxy/backend_address.h"
#include "proxy/deadline.h"
#include "proxy/mirror_policy.h"

namespace visavis::proxy {

/// ProxyOptions is what `visavis proxy` was told. Limits of zero are none.
struct ProxyOptions {
  HostPort listen{"127.0.0.1", 8443};
  std::optional<HostPort> backend;
  std::vector<Route> routes;
  Mode mode = Mode::terminate;
  VerifyPolicy verify = VerifyPolicy::report;
  /// What clients are shown instead of minted leaves; empty: minted ones.
  std::vector<std::shared_ptr<const certs::Leaf>> served_certificates;
  /// What backends are shown that ask for a certificate; null: none.
  std::shared_ptr<const certs::CertifiedKey> client_certificate;
  TwinPolicy twin = TwinPolicy::automatic;
  SplitPolicy split;
  SplitSegments split_segments = SplitSegments::keep;
  /// Clients ask for their backend by HTTP CONNECT first; `backend` and `routes` then only rename.
  bool connect = false;
  HelloPolicy hello = HelloPolicy::mirror;
  AnswerPolicy answer = AnswerPolicy::mirror;
  /// A minted leaf repeats what is wrong with the backend's certificate.
  bool mirror_faults = false;
  /// Resumption is mirrored; sessions are kept in memory only.
  bool resume = false;
  Milliseconds hello_timeout{10'000};
  Milliseconds dial_timeout{10'000};
  Milliseconds handshake_timeout{15'000};
  Milliseconds idle_timeout{300'000};
  unsigned threads = 1;
  bool log_queries = false;
};

}  // namespace visavis::proxy
