#include "proxy/tcp_segments.h"

// The kernel's header: glibc's netinet/tcp.h has an older tcp_info, and the two exclude each other.
#include <linux/tcp.h>
#include <sys/socket.h>

#include <cstddef>

namespace visavis::proxy {

std::optional<std::uint32_t> received_data_segments(int socket) {
  constexpr int kIpProtoTcp = 6;
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(socket, kIpProtoTcp, TCP_INFO, &info, &length) != 0) return std::nullopt;
  if (length < offsetof(tcp_info, tcpi_data_segs_in) + sizeof info.tcpi_data_segs_in)
    return std::nullopt;
  return info.tcpi_data_segs_in;
}

}  // namespace visavis::proxy
