#pragma once
#include <optional>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/bytes/result.h"
#include "inspect/codepoint/handshake_type.h"

namespace visavis::inspect {

/// HandshakeMessage is one message with its original bytes: 4 bytes of header, then the body.
struct HandshakeMessage {
  HandshakeType type;
  Bytes raw;  ///< header and body; points into the assembler, valid until its next call

  [[nodiscard]] Bytes body() const { return raw.subspan(4); }
};

/// MessageAssembler joins the handshake messages of one direction from the bodies of handshake
/// records: a message may span records and a record may hold several (RFC 8446 5.1).
///
/// `add` appends a fragment, `next` returns a message, asks for more, or reports a message longer
/// than limits::kMaxHandshakeMessageBytes (the assembler then stays failed). Holds at most one
/// message.
class MessageAssembler {
 public:
  explicit MessageAssembler(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  void add(Bytes fragment);
  StreamResult<HandshakeMessage> next();
  /// pending_bytes of a message that has begun and is not complete.
  [[nodiscard]] std::size_t pending_bytes() const { return buffer_.size() - consumed_; }
  /// begun_type of the message that `next` looked at last: after its error, the one that is too
  /// long.
  [[nodiscard]] HandshakeType begun_type() const { return begun_type_; }
  /// begun_bytes is what that message has by its header, which is part of it.
  [[nodiscard]] std::size_t begun_bytes() const { return begun_bytes_; }
  /// unfinished is true while that message has begun, with a whole header, and is not complete; and
  /// where it is too long.
  [[nodiscard]] bool unfinished() const {
    return error_ || (begun_bytes_ > 0 && pending_bytes() >= 4);
  }

 private:
  std::size_t limit_bytes_;
  std::vector<std::uint8_t> buffer_;
  std::size_t consumed_ = 0;  // bytes of messages already returned, dropped with the next call
  HandshakeType begun_type_;
  std::size_t begun_bytes_ = 0;
  std::optional<ParseError> error_;
};

}  // namespace visavis::inspect
