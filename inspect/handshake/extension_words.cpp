#include "inspect/handshake/extension_words.h"

#include <algorithm>

namespace visavis::inspect {
namespace {

constexpr std::string_view kDots = "...";

}  // namespace

void ExtensionWords::begin() {
  if (begun_) put(", ");
  begun_ = true;
}

void ExtensionWords::put(std::string_view text) {
  if (full_) return;
  text_ += text.substr(0, kMax + 1 - text_.size());
  if (text_.size() <= kMax) return;
  text_.resize(kMax - kDots.size());
  text_ += kDots;
  full_ = true;
}

void ExtensionWords::add_count(std::size_t count, std::string_view noun) {
  begin();
  put(std::to_string(count));
  put(" ");
  put(noun);
  if (count != 1) put("s");
}

void ExtensionWords::add_bytes(std::size_t count, std::string_view what) {
  begin();
  if (!what.empty()) {
    put(what);
    put(" ");
  }
  put(std::to_string(count));
  put(count == 1 ? " byte" : " bytes");
}

void ExtensionWords::add_text(Bytes text) {
  begin();
  for (const std::uint8_t byte : text.first(std::min(text.size(), kMax + 1))) {
    const char letter = static_cast<char>(byte);
    if (byte >= 0x20 && byte < 0x7f)
      put({&letter, 1});
    else
      put("\\x" + hex_name(byte, 1).substr(2));
  }
}

void ExtensionWords::join_hex(Bytes bytes) {
  for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kMaxHexBytes)))
    put(hex_name(byte, 1).substr(2));
  if (bytes.size() > kMaxHexBytes) put(kDots);
}

}  // namespace visavis::inspect
