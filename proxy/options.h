#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proxy/backend_address.h"
#include "proxy/deadline.h"
#include "proxy/mirror_policy.h"

namespace visavis::proxy {

/// ProxyOptions is what `visavis proxy` was told. Limits of zero are none.
struct ProxyOptions {
  HostPort listen{"127.0.0.1", 8443};
  std::optional<HostPort> backend;
  std::vector<Route> routes;
  HelloPolicy hello = HelloPolicy::mirror;
  AnswerPolicy answer = AnswerPolicy::mirror;
  Milliseconds hello_timeout{10'000};
  Milliseconds dial_timeout{10'000};
  Milliseconds handshake_timeout{15'000};
  Milliseconds idle_timeout{300'000};
  unsigned threads = 1;
  bool log_queries = false;
};

}  // namespace visavis::proxy
