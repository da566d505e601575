#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "inspect/bytes/parse_error.h"

namespace visavis::inspect {

using Bytes = std::span<const std::uint8_t>;

/// ByteReader is a cursor that shrinks over bytes it does not own.
///
/// Every read names its field. The first read that fails is remembered, with the field's name and
/// the offset; from then on reads return zero and empty, so that a parser reads straight through
/// and asks once at the end: `if (reader.failed()) return *reader.error();`. Readers of enclosed
/// vectors made by `vector8/16/24` share the error of the reader that they came from, which must
/// outlive them.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  [[nodiscard]] bool failed() const { return root().error_.has_value(); }
  [[nodiscard]] const std::optional<ParseError>& error() const { return root().error_; }
  /// more is true while bytes are left and nothing has failed: the condition of a list's loop.
  [[nodiscard]] bool more() const { return !failed() && position_ < bytes_.size(); }
  [[nodiscard]] std::size_t remaining() const { return failed() ? 0 : bytes_.size() - position_; }
  [[nodiscard]] std::size_t offset() const { return base_ + position_; }

  std::uint8_t u8(std::string_view field) { return static_cast<std::uint8_t>(number(1, field)); }
  std::uint16_t u16(std::string_view field) { return static_cast<std::uint16_t>(number(2, field)); }
  std::uint32_t u24(std::string_view field) { return number(3, field); }
  std::uint32_t u32(std::string_view field) { return number(4, field); }

  /// bytes returns the next `count` bytes, or nothing when fewer are left.
  Bytes bytes(std::size_t count, std::string_view field) {
    if (failed()) return {};
    if (count > bytes_.size() - position_) {
      fail(ParseErrorCode::truncated, field);
      return {};
    }
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  Bytes rest() { return bytes(remaining(), "rest"); }

  /// enclosed returns a reader over the next `length` bytes.
  ByteReader enclosed(std::size_t length, std::string_view field) {
    const std::size_t base = offset();
    return ByteReader(bytes(length, field), base, *this);
  }
  /// vector8/16/24 return a reader over a vector with a length prefix of 1, 2 or 3 bytes.
  ByteReader vector8(std::string_view field) { return enclosed(u8(field), field); }
  ByteReader vector16(std::string_view field) { return enclosed(u16(field), field); }
  ByteReader vector24(std::string_view field) { return enclosed(u24(field), field); }

  /// list16 reads all that is left as 16-bit values; an odd number of bytes is an error.
  template <class CodePoint>
  std::vector<CodePoint> list16(std::string_view field) {
    std::vector<CodePoint> values;
    if (failed()) return values;
    if (remaining() % 2 != 0) fail(ParseErrorCode::bad_length, field);
    values.reserve(remaining() / 2);
    while (more()) values.push_back(CodePoint{u16(field)});
    return values;
  }

  /// done is an error when bytes are left over.
  void done(std::string_view field) {
    if (more()) fail(ParseErrorCode::trailing, field);
  }
  /// fail records an error here unless there is one already.
  void fail(ParseErrorCode code, std::string_view field) {
    auto& error = root().error_;
    if (!error) error = ParseError{code, field, offset()};
  }

 private:
  ByteReader(Bytes bytes, std::size_t base, ByteReader& parent)
      : bytes_(bytes), base_(base), root_(&parent.root()) {}

  ByteReader& root() { return root_ != nullptr ? *root_ : *this; }
  [[nodiscard]] const ByteReader& root() const { return root_ != nullptr ? *root_ : *this; }

  std::uint32_t number(std::size_t width, std::string_view field) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes(width, field)) value = (value << 8) | byte;
    return value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  std::size_t base_ = 0;
  ByteReader* root_ = nullptr;
  std::optional<ParseError> error_;
};

}  // namespace visavis::inspect
