#include "certs/der.h"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace visavis::certs {
namespace {

constexpr std::uint8_t kConstructed = 0x20;
constexpr std::size_t kMaxDepth = 32;  // a certificate needs some ten

std::string hex_text(unsigned value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%02x", value);
  return text.data();
}

}  // namespace

std::optional<DerProblem> read_der(std::span<const std::uint8_t> bytes, std::size_t offset,
                                   std::size_t end, DerElement& element) {
  if (end - offset < 2) return DerProblem{offset, "no room for a tag and a length"};
  element = {bytes[offset], offset, offset + 2, end, false};
  if ((element.tag & 0x1f) == 0x1f) return DerProblem{offset, "a tag of several bytes"};
  const std::uint8_t first = bytes[offset + 1];
  if (first == 0x80 && (element.tag & kConstructed) != 0) {
    element.indefinite = true;
    return std::nullopt;
  }
  std::size_t length = first;
  if (first >= 0x80) {
    const std::size_t octets = first & 0x7fU;
    if (octets == 0 || octets > 4)
      return DerProblem{offset + 1, hex_text(first) + " begins no length that can be"};
    if (end - element.content < octets) return DerProblem{offset + 1, "a length that is cut off"};
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | bytes[element.content + i];
    element.content += octets;
  }
  const std::size_t left = end - element.content;
  if (length > left)
    return DerProblem{offset + 1, "a length of " + std::to_string(length) + " bytes where " +
                                      std::to_string(left) + " are left"};
  element.end = element.content + length;
  return std::nullopt;
}

std::optional<DerProblem> find_der_problem(std::span<const std::uint8_t> bytes,
                                           const DerElement& outer) {
  // What is still to be read: [next, end) of each level.
  std::vector<std::pair<std::size_t, std::size_t>> levels{{outer.content, outer.end}};
  while (!levels.empty()) {
    auto& [next, end] = levels.back();
    if (next == end) {
      levels.pop_back();
      continue;
    }
    DerElement element;
    if (auto problem = read_der(bytes, next, end, element)) return problem;
    if (element.indefinite)
      return DerProblem{element.offset + 1, "a length left open, as BER has it and DER has not"};
    next = element.end;
    if ((element.tag & kConstructed) == 0) continue;
    if (levels.size() == kMaxDepth) return DerProblem{element.offset, "nested too deep"};
    levels.emplace_back(element.content, element.end);
  }
  return std::nullopt;
}

std::string tag_text(std::uint8_t tag) {
  switch (tag) {
    case 0x01:
      return "BOOLEAN";
    case 0x02:
      return "INTEGER";
    case 0x03:
      return "BIT STRING";
    case 0x04:
      return "OCTET STRING";
    case 0x05:
      return "NULL";
    case 0x06:
      return "OBJECT IDENTIFIER";
    case 0x0c:
      return "UTF8String";
    case 0x13:
      return "PrintableString";
    case 0x17:
      return "UTCTime";
    case 0x18:
      return "GeneralizedTime";
    case 0x30:
      return "SEQUENCE";
    case 0x31:
      return "SET";
    default:
      break;
  }
  if ((tag & 0xe0) == 0xa0 || (tag & 0xe0) == 0x80)
    return std::string("[").append(std::to_string(tag & 0x1f)).append("]");
  return "tag " + hex_text(tag);
}

}  // namespace visavis::certs
