#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "inspect/bytes/byte_reader.h"
#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ExtensionWords collects what an extension's body says: parts separated by ", ", plain ASCII
/// whatever a peer sent, at most kMax characters, cut with "...".
class ExtensionWords {
 public:
  static constexpr std::size_t kMax = 200;

  void add(std::string_view part) {
    begin();
    put(part);
  }
  template <WireCodePoint T>
  void add(T point) {
    const std::string_view known = known_name(point);
    add(known.empty() ? std::string_view(name(point)) : known);
  }
  /// add_count adds "3 names"; `noun` stands in the singular.
  void add_count(std::size_t count, std::string_view noun);
  /// add_bytes adds "32 bytes", behind `what` where that is given: "enc 32 bytes".
  void add_bytes(std::size_t count, std::string_view what = {});
  /// add_text adds a peer's text, what is not printable ASCII as \x1b.
  void add_text(Bytes text);
  /// join adds behind the last part, without a separator; join_hex at most kMaxHexBytes bytes.
  void join(std::string_view text) { put(text); }
  void join_hex(Bytes bytes);

  /// full is true when nothing more will be kept: a reader may skip, but must go on reading.
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  static constexpr std::size_t kMaxHexBytes = 32;

  void begin();
  void put(std::string_view text);

  std::string text_;
  bool begun_ = false;
  bool full_ = false;
};

}  // namespace visavis::inspect
