#pragma once
#include <string>

#include "inspect/bytes/byte_reader.h"
#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// MessagePacking is how one direction puts its handshake messages into records.
struct MessagePacking {
  std::string most_cut{};         ///< the message that lies in most records
  std::size_t records = 0;        ///< how many those are
  std::size_t messages = 0;       ///< most messages that begin in one record
  std::size_t empty_records = 0;  ///< of type handshake: not allowed, RFC 5246 6.2.1
};

/// packing_in_clear reads it off the raw bytes of a direction's handshake, as far as its records
/// are in clear. What is cut short counts as far as it is there.
MessagePacking packing_in_clear(Bytes raw);

/// packing_encrypted works it out for what TLS 1.3 encrypts, from EncryptedExtensions (or the
/// client's first message after its hello) to the last session ticket before application data. The
/// messages' lengths are known by the leg's events, those of the records' contents by the ledger:
/// a record is an inner type, the suite's tag and padding longer than its content (RFC 8446 5.2).
/// The application data shows the padding. The sums must agree; where they do not, where the
/// padding differs, or the messages were not seen (passthrough), nothing is claimed.
MessagePacking packing_encrypted(const LegReport& leg, bool c2s);

}  // namespace visavis::inspect
