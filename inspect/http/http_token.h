#pragma once
#include <algorithm>
#include <cstddef>
#include <string_view>

namespace visavis::inspect {

/// The longest method registered with IANA, UPDATEREDIRECTREF, has 17 bytes.
inline constexpr std::size_t kMaxMethodBytes = 24;

/// is_token_character is true for what a method or a field's name consists of (RFC 9110 5.6.2).
constexpr bool is_token_character(char character) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9') || kMarks.find(character) != std::string_view::npos;
}

/// is_method is true for a token that is no longer than any method.
constexpr bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= kMaxMethodBytes &&
         std::all_of(text.begin(), text.end(), is_token_character);
}

}  // namespace visavis::inspect
