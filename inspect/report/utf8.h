#pragma once
#include <cstddef>
#include <string_view>

namespace visavis::inspect {

/// What stands for bytes that are not UTF-8.
inline constexpr char32_t kReplacementCharacter = 0xFFFD;
inline constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";

/// Utf8Step is one character read from the front of a text.
struct Utf8Step {
  char32_t value = kReplacementCharacter;
  std::size_t bytes = 1;  ///< taken from the text, at least 1
  bool valid = false;     ///< false: the bytes are no UTF-8, and value is U+FFFD
};

/// step_utf8 reads the first character of a text, which must not be empty. Of bytes that are no
/// UTF-8 it takes as many as belong together, so that JSON and text show the same number of U+FFFD.
/// Source: RFC 3629 4; Unicode 3.9, "U+FFFD Substitution of Maximal Subparts".
Utf8Step step_utf8(std::string_view text);

}  // namespace visavis::inspect
