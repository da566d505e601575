#pragma once
#include <cstdint>
#include <string_view>

#include "inspect/bytes/byte_owner.h"
#include "inspect/bytes/byte_reader.h"
#include "inspect/transcript/event.h"
#include "inspect/transcript/leg.h"

namespace visavis::inspect {

/// WireTap is shown what a TranscriptBuilder is told of its leg's TCP connection, beside the
/// transcript: for whoever keeps the bytes themselves. Times are those of the builder.
class WireTap {
 public:
  virtual ~WireTap() = default;
  /// endpoints brings "ip:port" of both ends; empty: not known (yet).
  virtual void endpoints(std::string_view from, std::string_view to) = 0;
  virtual void connected(std::int64_t at) = 0;
  /// wire brings the next bytes of a direction; what they mean to the transcript was told before.
  /// Who wants to keep them may keep the owner instead of a copy, if there is one.
  virtual void wire(std::int64_t at, Direction direction, Bytes bytes, const ByteOwner& owner) = 0;
  /// early_data_refused says, before `established`, that the client's records of application data
  /// before the one with this index were passed over undecrypted.
  virtual void early_data_refused(std::uint64_t /*c2s_records*/) {}
  /// established says how many records of each direction belong to the handshake.
  virtual void established(std::int64_t at, std::uint64_t c2s_records,
                           std::uint64_t s2c_records) = 0;
  virtual void closed(std::int64_t at, Party by, CloseHow how) = 0;
};

}  // namespace visavis::inspect
