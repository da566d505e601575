#pragma once
#include <set>

#include "inspect/capture/network_address.h"

namespace visavis::inspect {

/// ExpectedTls says where TLS would have been spoken, had the connection come about: on the ports
/// of protocols that begin with it (IANA's list, and those in common use beside it), and where it
/// was spoken before in the same capture.
class ExpectedTls {
 public:
  /// spoken remembers a server; of very many those are forgotten that sort first.
  void spoken(const NetworkEndpoint& server);
  [[nodiscard]] bool at(const NetworkEndpoint& server) const;

 private:
  std::set<NetworkEndpoint> servers_;
};

}  // namespace visavis::inspect
