#pragma once
#include <cstddef>
#include <cstdint>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {

/// kRecordHeaderBytes is the length of a TLS record's header: type, version, length. RFC 8446 5.1.
inline constexpr std::size_t kRecordHeaderBytes = 5;

/// kNoContentType stands in the ledger for the records of an SSL 2.0 session, which have none.
inline constexpr ContentType kNoContentType{0};

/// RecordHeader is a record's header as on the wire; values that no RFC knows survive in it.
///
/// A record of SSL 2.0 has neither type nor version on the wire: its version is kSsl2, its type
/// kHandshake for the record that opens a direction (a hello) and kNoContentType for the others.
struct RecordHeader {
  ContentType type;
  ProtocolVersion version;   ///< wire version; not the negotiated one
  std::uint16_t length = 0;  ///< bytes of ciphertext (or plaintext) that follow
  bool sslv2 = false;        ///< 2- or 3-byte SSL 2.0 header; length excludes it
  std::uint8_t padding = 0;  ///< of an SSL 2.0 record: the last bytes of the body that are padding

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

}  // namespace visavis::inspect
