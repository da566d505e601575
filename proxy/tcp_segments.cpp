#include "proxy/tcp_segments.h"

// The kernel's header: glibc's netinet/tcp.h has an older tcp_info, and the two exclude each other.
#include <linux/tcp.h>
#include <sys/socket.h>

#include <cstddef>

namespace visavis::proxy {

namespace {

/// A counter of tcp_info, or nothing where this kernel's is shorter.
std::optional<std::uint32_t> counter(int socket, __u32 tcp_info::*field, std::size_t offset) {
  constexpr int kIpProtoTcp = 6;
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(socket, kIpProtoTcp, TCP_INFO, &info, &length) != 0) return std::nullopt;
  if (length < offset + sizeof(__u32)) return std::nullopt;
  return info.*field;
}

}  // namespace

std::optional<std::uint32_t> received_data_segments(int socket) {
  return counter(socket, &tcp_info::tcpi_data_segs_in, offsetof(tcp_info, tcpi_data_segs_in));
}

std::optional<std::uint32_t> sent_data_segments(int socket) {
  return counter(socket, &tcp_info::tcpi_data_segs_out, offsetof(tcp_info, tcpi_data_segs_out));
}

}  // namespace visavis::proxy
