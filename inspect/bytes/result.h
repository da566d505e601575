#pragma once
#include <cstddef>
#include <utility>
#include <variant>

#include "inspect/bytes/parse_error.h"

namespace visavis::inspect {

/// Result holds a parsed value, or the ParseError that stopped the parse of a complete body.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}           // NOLINT: a value is a result
  Result(ParseError error) : state_(std::move(error)) {}  // NOLINT: so is an error

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] T& value() & { return std::get<T>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<T>(state_); }
  [[nodiscard]] T&& value() && { return std::get<T>(std::move(state_)); }
  [[nodiscard]] const ParseError& error() const { return std::get<ParseError>(state_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, ParseError> state_;
};

/// NeedMore says that a stream has not yet brought enough: at least `bytes` more are wanted.
struct NeedMore {
  std::size_t bytes = 1;
};

/// StreamResult is what a parser of a stream answers: a value, not yet, or malformed.
template <class T>
class [[nodiscard]] StreamResult {
 public:
  StreamResult(T value) : state_(std::move(value)) {}           // NOLINT
  StreamResult(NeedMore more) : state_(more) {}                 // NOLINT
  StreamResult(ParseError error) : state_(std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] bool needs_more() const { return std::holds_alternative<NeedMore>(state_); }
  [[nodiscard]] bool failed() const { return std::holds_alternative<ParseError>(state_); }
  [[nodiscard]] T& value() { return std::get<T>(state_); }
  [[nodiscard]] const T& value() const { return std::get<T>(state_); }
  [[nodiscard]] std::size_t missing_bytes() const { return std::get<NeedMore>(state_).bytes; }
  [[nodiscard]] const ParseError& error() const { return std::get<ParseError>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, NeedMore, ParseError> state_;
};

}  // namespace visavis::inspect
