#pragma once
#include <string>
#include <string_view>

namespace visavis::inspect {

/// Name is a short text that lives as long as the process: a registry's name, or one of the few
/// that are not in a registry, kept by `intern`. A report holds hundreds of them, so copying one
/// must cost nothing.
class Name {
 public:
  Name() = default;
  /// A text that is not known to live on is interned: one copy each, for good. Meant for hex forms
  /// and for reports that are read back, whose size bounds it.
  Name(const std::string& text) : text_(intern(text)) {}  // NOLINT: as a std::string is
  Name(const char* text) : text_(intern(text)) {}         // NOLINT
  /// of_registry takes a text with static storage as it is.
  static Name of_registry(std::string_view text) {
    Name name;
    name.text_ = text;
    name.registered_ = true;
    return name;
  }

  operator std::string_view() const { return text_; }          // NOLINT
  operator std::string() const { return std::string(text_); }  // NOLINT
  [[nodiscard]] std::string_view view() const { return text_; }
  [[nodiscard]] std::string str() const { return std::string(text_); }
  /// is_registered is true for a text of ours: plain ASCII without quotes or backslashes.
  [[nodiscard]] bool is_registered() const { return registered_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  friend bool operator==(const Name& a, const Name& b) { return a.text_ == b.text_; }
  friend bool operator==(const Name& a, std::string_view b) { return a.text_ == b; }
  friend bool operator==(const Name& a, const char* b) { return a.text_ == b; }
  friend std::string operator+(std::string left, const Name& right) {
    return std::move(left.append(right.text_));
  }
  friend std::string operator+(const Name& left, std::string_view right) {
    return left.str().append(right);
  }

 private:
  static std::string_view intern(std::string_view text);

  std::string_view text_;
  bool registered_ = false;
};

}  // namespace visavis::inspect
