#pragma once
#include <cstdint>
#include <optional>

namespace visavis::proxy {

/// received_data_segments returns how many TCP segments with data the kernel has taken in on this
/// socket (tcpi_data_segs_in), or nothing where the kernel does not say. Source: linux/tcp.h.
std::optional<std::uint32_t> received_data_segments(int socket);

/// sent_data_segments returns how many with data it has sent, repeated ones included
/// (tcpi_data_segs_out).
std::optional<std::uint32_t> sent_data_segments(int socket);

}  // namespace visavis::proxy
