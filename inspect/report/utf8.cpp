#include "inspect/report/utf8.h"

#include <cstdint>

namespace visavis::inspect {
namespace {

/// What a first byte announces: how many bytes follow it, and the range of the second one.
struct Lead {
  std::size_t following = 0;
  std::uint8_t second_from = 0x80;
  std::uint8_t second_to = 0xBF;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};  // the rest would be surrogates
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};  // nothing above U+10FFFF
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  return {};
}

}  // namespace

Utf8Step step_utf8(std::string_view text) {
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte_at(0);
  if (first < 0x80) return {first, 1, true};
  const Lead lead = lead_of(first);
  if (lead.following == 0) return {};
  auto value = static_cast<char32_t>(first & (0x3FU >> lead.following));
  for (std::size_t i = 1; i <= lead.following; ++i) {
    const std::uint8_t from = i == 1 ? lead.second_from : 0x80;
    const std::uint8_t to = i == 1 ? lead.second_to : 0xBF;
    if (i >= text.size() || byte_at(i) < from || byte_at(i) > to)
      return {kReplacementCharacter, i, false};
    value = (value << 6) | (byte_at(i) & 0x3FU);
  }
  return {value, lead.following + 1, true};
}

}  // namespace visavis::inspect
