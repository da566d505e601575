#pragma once
#include <cstddef>
#include <optional>
#include <string>

namespace visavis::inspect {

/// HalfMessage is what a side had begun and not ended when it went silent.
struct HalfMessage {
  std::string what;          ///< "ServerHello", "record header", "encrypted record"
  std::size_t sent = 0;      ///< bytes of it
  std::size_t promised = 0;  ///< bytes that its length field says; never less than `sent`
  /// All messages in it were whole: it is the record that goes on, as its length says.
  bool record_only = false;
};

/// find_half_message looks for it at the end of a direction's handshake bytes, in hex as a report
/// keeps them. Nothing: they end with a whole record and a whole message.
std::optional<HalfMessage> find_half_message(const std::string& raw_hex);

/// words puts it as "31 of the 86 bytes of its ServerHello".
std::string words(const HalfMessage& half);

}  // namespace visavis::inspect
