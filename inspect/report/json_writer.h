#pragma once
#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace visavis::inspect {

/// decimal writes a number for people and for JSON: at most three decimals, no exponent. What is
/// not finite becomes 0 and what is beyond 1e11 is cut to it: such a duration is a mistake of ours,
/// and a report must stay readable all the same.
std::string decimal(double value);

/// JsonWriter appends JSON to a string as it is told, building no tree: a report is written for
/// every connection. It places the commas and escapes; balanced brackets and keys are the caller's.
/// Output is one line and valid UTF-8 whatever bytes the values hold.
///
///   JsonWriter json(out);
///   json.object([&] { json.field("id", 7); json.field("names", names); });   //
///   {"id":7,"names":["a"]}
///
/// `value` takes bool, whole numbers, double, text, optional (null) and vector of these, and any
/// type that has a `write_json(JsonWriter&, const T&)` beside it.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), base_(out.size()) {}

  template <class Fields>
  void object(const Fields& fields) {
    enclose('{', fields, '}');
  }
  template <class Items>
  void list(const Items& items) {
    enclose('[', items, ']');
  }

  /// key opens a field; exactly one value must follow. `name` is a literal of ours, not escaped.
  void key(std::string_view name) {
    // Three appends: a copy of bounded length into an array becomes a slow `rep movsq` in GCC 12.
    out_.append(comma_due() ? std::string_view(",\"") : std::string_view("\""));
    out_.append(name);
    out_.append("\":", 2);
  }
  template <class T>
  void field(std::string_view name, const T& content) {
    key(name);
    value(content);
  }

  /// named is a field whose name is no literal of ours: it is escaped.
  template <class T>
  void named(std::string_view name, const T& content) {
    text(name);
    out_ += ':';
    value(content);
  }

  template <class T>
  void value(const T& content) {
    if constexpr (std::same_as<T, bool>) {
      raw(content ? "true" : "false");
    } else if constexpr (std::integral<T>) {
      whole(content);
    } else if constexpr (std::floating_point<T>) {
      raw(decimal(content));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      text(content);
    } else {
      write_json(*this, content);
    }
  }
  template <class T>
  void value(const std::optional<T>& content) {
    if (content) return value(*content);
    null();
  }
  template <class T>
  void value(const std::vector<T>& contents) {
    list([&] {
      for (const T& content : contents) value(content);
    });
  }
  void null() { raw("null"); }

  /// verbatim writes one value that is given as its parts, JSON already: the short objects of which
  /// a report has hundreds. Text among the parts must be is_plain.
  template <class... Parts>
  void verbatim(const Parts&... parts) {
    separate();
    (append(parts), ...);
  }
  /// is_plain is true when a text needs no escape.
  static bool is_plain(std::string_view text);

 private:
  template <class Content>
  void enclose(char open, const Content& content, char close) {
    separate();
    out_ += open;
    content();
    out_ += close;
  }
  void raw(std::string_view token) {
    separate();
    out_ += token;
  }
  template <std::integral T>
  void whole(T number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    raw({digits, static_cast<std::size_t>(end - digits)});
  }
  void text(std::string_view content);
  void append(std::string_view part) { out_ += part; }
  void append(char part) { out_ += part; }
  template <std::integral T>
  void append(T number) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }

  /// A comma is due unless something was just opened: the last character tells, since a text ends
  /// with its quote.
  [[nodiscard]] bool comma_due() const {
    if (out_.size() == base_) return false;
    const char last = out_.back();
    return last != '{' && last != '[' && last != ':';
  }
  void separate() {
    if (comma_due()) out_ += ',';
  }

  std::string& out_;
  std::size_t base_;
};

}  // namespace visavis::inspect
