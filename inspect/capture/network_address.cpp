#include "inspect/capture/network_address.h"

#include <algorithm>
#include <cstdio>

namespace visavis::inspect {
namespace {

constexpr std::size_t kGroups = 8;

std::string v4_text(const std::uint8_t* bytes) {
  std::string text = std::to_string(bytes[0]);
  for (std::size_t i = 1; i < 4; ++i) text.append(1, '.').append(std::to_string(bytes[i]));
  return text;
}

/// RFC 5952 4: the longest run of two or more groups of zeros, the first of equals, becomes "::".
std::string v6_text(const std::array<std::uint8_t, 16>& address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), address.begin()))
    return "::ffff:" + v4_text(address.data() + kMapped.size());
  const auto group = [&address](std::size_t i) {
    return static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
  };
  std::size_t gap = kGroups;
  std::size_t gap_length = 1;
  for (std::size_t begin = 0; begin < kGroups; ++begin) {
    std::size_t end = begin;
    while (end < kGroups && group(end) == 0) ++end;
    if (end - begin > gap_length) {
      gap = begin;
      gap_length = end - begin;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      text += "::";
      i += gap_length - 1;
      continue;
    }
    char digits[8];
    std::snprintf(digits, sizeof digits, "%x", group(i));
    if (!text.empty() && text.back() != ':') text += ':';
    text += digits;
  }
  return text;
}

}  // namespace

std::string to_string(const NetworkEndpoint& endpoint) {
  const std::string port = ':' + std::to_string(endpoint.port);
  return endpoint.v6 ? '[' + v6_text(endpoint.address) + ']' + port
                     : v4_text(endpoint.address.data()) + port;
}

}  // namespace visavis::inspect
