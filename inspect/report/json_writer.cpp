#include "inspect/report/json_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "inspect/report/utf8.h"

namespace visavis::inspect {
namespace {

constexpr std::uint64_t kEach = 0x0101010101010101U;
constexpr std::uint64_t kHighBits = 0x80 * kEach;

/// needs_care is not zero when one of eight bytes is a control character, a quote, a backslash or
/// not ASCII. The subtractions borrow only above a byte that is a hit itself, so there is no false
/// alarm.
std::uint64_t needs_care(std::uint64_t bytes) {
  const std::uint64_t quote = bytes ^ ('"' * kEach);
  const std::uint64_t backslash = bytes ^ ('\\' * kEach);
  const std::uint64_t control = (bytes - 0x20 * kEach) & ~bytes;
  const std::uint64_t marks = ((quote - kEach) & ~quote) | ((backslash - kEach) & ~backslash);
  return (bytes | control | marks) & kHighBits;
}

bool plain(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// plain_prefix returns how many bytes from `start` can be copied as they are. Nearly all text is
/// plain, and the hex of raw bytes is long: eight bytes a step.
std::size_t plain_prefix(std::string_view text, std::size_t start) {
  std::size_t i = start;
  for (std::uint64_t bytes = 0; text.size() - i >= sizeof bytes; i += sizeof bytes) {
    std::memcpy(&bytes, text.data() + i, sizeof bytes);
    if (needs_care(bytes) != 0) break;
  }
  while (i < text.size() && plain(text[i])) ++i;
  return i - start;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<std::uint8_t>(c);
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15U];
}

/// append_special writes the character at the front that is not plain, and returns the bytes it
/// took.
std::size_t append_special(std::string& out, std::string_view text) {
  if (static_cast<std::uint8_t>(text.front()) < 0x80) {
    append_escape(out, text.front());
    return 1;
  }
  const Utf8Step step = step_utf8(text);
  out += step.valid ? text.substr(0, step.bytes) : kReplacementBytes;
  return step.bytes;
}

}  // namespace

std::string decimal(double value) {
  constexpr double most = 1e11;  // three decimals survive writing and reading back up to here
  if (!std::isfinite(value)) return "0";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                 std::clamp(value, -most, most), std::chars_format::fixed, 3);
  std::string_view digits(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  while (digits.back() == '0') digits.remove_suffix(1);
  if (digits.back() == '.') digits.remove_suffix(1);
  return std::string(digits == "-0" ? "0" : digits);
}

bool JsonWriter::is_plain(std::string_view text) { return plain_prefix(text, 0) == text.size(); }

void JsonWriter::text(std::string_view content) {
  separate();
  out_ += '"';
  std::size_t done = 0;
  while (true) {
    const std::size_t copied = plain_prefix(content, done);
    out_.append(content, done, copied);
    done += copied;
    if (done == content.size()) break;
    done += append_special(out_, content.substr(done));
  }
  out_ += '"';
}

}  // namespace visavis::inspect
