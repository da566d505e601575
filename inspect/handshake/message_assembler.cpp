#include "inspect/handshake/message_assembler.h"

namespace visavis::inspect {

void MessageAssembler::add(Bytes fragment) {
  if (error_) return;
  if (consumed_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
    consumed_ = 0;
  }
  buffer_.insert(buffer_.end(), fragment.begin(), fragment.end());
}

StreamResult<HandshakeMessage> MessageAssembler::next() {
  if (error_) return *error_;
  if (consumed_ == buffer_.size()) {  // its memory goes with it: most connections are silent now
    std::vector<std::uint8_t>().swap(buffer_);
    consumed_ = 0;
  }
  const Bytes pending = Bytes(buffer_).subspan(consumed_);
  if (pending.size() < 4) return NeedMore{4 - pending.size()};
  begun_type_ = HandshakeType{pending[0]};
  const std::size_t length = static_cast<std::size_t>(pending[1]) << 16 |
                             static_cast<std::size_t>(pending[2]) << 8 | pending[3];
  begun_bytes_ = length + 4;
  if (length + 4 > limit_bytes_) {
    error_ = ParseError{ParseErrorCode::too_large, "handshake message length", 1};
    buffer_.clear();
    consumed_ = 0;
    return *error_;
  }
  if (pending.size() < length + 4) return NeedMore{length + 4 - pending.size()};
  consumed_ += length + 4;
  return HandshakeMessage{begun_type_, pending.first(length + 4)};
}

}  // namespace visavis::inspect
