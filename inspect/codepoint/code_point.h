#pragma once
#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "inspect/codepoint/grease.h"
#include "inspect/codepoint/name.h"

namespace visavis::inspect {

/// hex_name writes a number as "0x" and two digits a byte: what an unknown code point is called.
inline std::string hex_name(std::uint32_t value, int bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = bytes * 8 - 4; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15U];
  return text;
}

/// A code point is a struct around its wire number, so that unknown values survive, compare and
/// print. Each type has `known_name(type)`: its registry name, or empty when it is not in our
/// table.
template <class T>
concept WireCodePoint = requires(T point) {
  { known_name(point) } -> std::convertible_to<std::string_view>;
  point.value;
};

/// name returns the registry name, "GREASE" (16-bit values only), or the hex form.
template <WireCodePoint T>
std::string name(T point) {
  if (const std::string_view known = known_name(point); !known.empty()) return std::string(known);
  if constexpr (sizeof(point.value) == 2) {
    if (is_grease(point.value)) return "GREASE";
  }
  return hex_name(point.value, static_cast<int>(sizeof(point.value)));
}

/// CodePoint is how a report carries a code point: the number and its name.
struct CodePoint {
  std::uint32_t id = 0;
  Name name;

  friend bool operator==(const CodePoint& a, const CodePoint& b) {
    return a.id == b.id && a.name == b.name;
  }
};

template <WireCodePoint T>
CodePoint code_point(T point) {
  if (const std::string_view known = known_name(point); !known.empty())
    return {point.value, Name::of_registry(known)};
  return {point.value, name(point)};
}

}  // namespace visavis::inspect
