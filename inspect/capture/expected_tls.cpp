#include "inspect/capture/expected_tls.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace visavis::inspect {
namespace {

/// Servers with TLS that are remembered; 32 bytes and a node each.
constexpr std::size_t kMaxServers = 16'384;

/// In order: https, submissions, nntps, ldaps, DNS over TLS, ftps (data, control), telnets, imaps,
/// pop3s; Active Directory's global catalog; an application server's https; sips, amqps, ircs; an
/// application server's https; mqtts; again an application server's https.
constexpr std::array<std::uint16_t, 18> kPorts{443, 465,  563,  636,  853,  989,  990,  992,  993,
                                               995, 3269, 4443, 5061, 5671, 6697, 8443, 8883, 9443};

}  // namespace

void ExpectedTls::spoken(const NetworkEndpoint& server) {
  if (std::ranges::binary_search(kPorts, server.port)) return;  // expected there anyway
  if (servers_.size() >= kMaxServers) servers_.erase(servers_.begin());
  servers_.insert(server);
}

bool ExpectedTls::at(const NetworkEndpoint& server) const {
  return std::ranges::binary_search(kPorts, server.port) || servers_.count(server) > 0;
}

}  // namespace visavis::inspect
