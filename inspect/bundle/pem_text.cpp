#include "inspect/bundle/pem_text.h"

#include <string_view>

namespace visavis::inspect {

std::string pem_text(Bytes der) {
  // RFC 4648 4.
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kLineBytes = 48;  // 64 letters
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t i = 0; i < der.size(); i += 3) {
    const std::size_t left = der.size() - i;
    const std::uint32_t three = std::uint32_t{der[i]} << 16 |
                                (left > 1 ? std::uint32_t{der[i + 1]} << 8 : 0U) |
                                (left > 2 ? der[i + 2] : 0U);
    text += kLetters[three >> 18];
    text += kLetters[three >> 12 & 63U];
    text += left > 1 ? kLetters[three >> 6 & 63U] : '=';
    text += left > 2 ? kLetters[three & 63U] : '=';
    if ((i + 3) % kLineBytes == 0 && left > 3) text += '\n';
  }
  return text + "\n-----END CERTIFICATE-----\n";
}

}  // namespace visavis::inspect
