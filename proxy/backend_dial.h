#pragma once
#include <string>
#include <string_view>

#include "inspect/transcript/event.h"
#include "proxy/backend_address.h"
#include "proxy/deadline.h"
#include "proxy/task.h"

namespace visavis::proxy {

/// Dialled is a TCP connection to the backend, or what went wrong with the last address tried.
struct Dialled {
  Socket socket;
  error_code error;
  std::string what;  ///< in words, when it failed: "connection refused by 127.0.0.1:443"
  std::string_view note = inspect::tcp_note::kFailed;  ///< the failure's word, one of tcp_note
  inspect::Party blamed = inspect::Party::backend;     ///< proxy: our own machine is the reason
  std::string address;  ///< ip:port that answered, or the last one tried
};

/// dial_backend resolves and connects, address after address. The deadline ends it.
Task<Dialled> dial_backend(Executor executor, const HostPort& backend, Deadline& deadline);

}  // namespace visavis::proxy
