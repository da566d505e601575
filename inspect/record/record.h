#pragma once
#include <cstddef>
#include <cstdint>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {

/// kRecordHeaderBytes is the length of a TLS record's header: type, version, length. RFC 8446 5.1.
inline constexpr std::size_t kRecordHeaderBytes = 5;

/// RecordHeader is a record's header as on the wire; values that no RFC knows survive in it.
struct RecordHeader {
  ContentType type;
  ProtocolVersion version;   ///< wire version; not the negotiated one
  std::uint16_t length = 0;  ///< bytes of ciphertext (or plaintext) that follow
  bool sslv2 = false;        ///< 2-byte SSL 2.0 header (RFC 5246 E.2); length excludes it

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

}  // namespace visavis::inspect
