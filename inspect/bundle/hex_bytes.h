#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace visavis::inspect {

/// hex_bytes reads what certs::hex wrote, as reports have it. Letters that are no digits give some
/// value, and an odd one at the end none.
[[nodiscard]] inline std::vector<std::uint8_t> hex_bytes(std::string_view hex) {
  const auto digit = [](char letter) {
    return static_cast<unsigned>(letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10) & 15U;
  };
  std::vector<std::uint8_t> bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  return bytes;
}

}  // namespace visavis::inspect
