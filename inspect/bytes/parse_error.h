#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace visavis::inspect {

/// What was wrong with bytes that could not be parsed.
enum class ParseErrorCode {
  truncated,   ///< a length field points behind the end of what encloses it
  trailing,    ///< bytes are left over where the structure should have ended
  bad_length,  ///< a length outside what the RFC allows (odd list of 16-bit values, empty vector
               ///< ...)
  bad_value,   ///< a value outside what the RFC allows
  too_large,   ///< larger than a limit of ours (limits.h names it)
  duplicate,   ///< what may stand there once stands there again
};

/// ParseError says what was wrong, in which field, and at which byte.
struct ParseError {
  ParseErrorCode code{};
  std::string_view field;  ///< name of the field; always a string literal
  std::size_t offset = 0;  ///< bytes from the start of the message or record that was parsed

  friend bool operator==(const ParseError&, const ParseError&) = default;
};

constexpr std::string_view name(ParseErrorCode code) {
  switch (code) {
    case ParseErrorCode::truncated:
      return "truncated";
    case ParseErrorCode::trailing:
      return "trailing bytes";
    case ParseErrorCode::bad_length:
      return "bad length";
    case ParseErrorCode::bad_value:
      return "bad value";
    case ParseErrorCode::too_large:
      return "too large";
    case ParseErrorCode::duplicate:
      return "duplicate";
  }
  return "?";
}

/// describe returns one line: "truncated: extensions at byte 41".
inline std::string describe(const ParseError& error) {
  return std::string(name(error.code)) + ": " + std::string(error.field) + " at byte " +
         std::to_string(error.offset);
}

}  // namespace visavis::inspect
