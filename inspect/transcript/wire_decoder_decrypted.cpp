#include "inspect/codepoint/alert.h"
#include "inspect/transcript/wire_decoder.h"

/// What a WireDecoder reads with a session's secrets, told to the transcript as on a leg that is
/// ended here.
namespace visavis::inspect {

void WireDecoder::use_key_log(const KeyLog& key_log, PlaintextTap* tap) {
  decryptor_ = std::make_unique<LegDecryptor>(key_log);
  decryptor_->set_tap(tap);
}

void WireDecoder::decrypted(std::int64_t at, Direction direction, const RecordHeader& header,
                            const DecryptedRecord& record) {
  if (record.type == kApplicationData) {
    transcript_.observe_plaintext(direction, record.plaintext.size());
    return decryptor_->show(at, direction, record, transcript_.transcript().alpn);
  }
  if (record.type == kAlert) return decrypted_alert(at, direction, record.plaintext);
  Side& side = sides_[direction];
  // What was begun in clear can't go on behind a change of keys: RFC 8446 5.1.
  if (!side.decrypted) stop_reading(direction);
  side.decrypted = true;
  if (record.type != kHandshake || side.unreadable) return;
  if (side.assembler.pending_bytes() == 0) side.message_version = header.version;
  side.assembler.add(record.plaintext);
  read_messages(at, direction, header);
}

void WireDecoder::decrypted_alert(std::int64_t at, Direction direction, Bytes plaintext) {
  if (plaintext.size() != 2) return;
  if (direction == Direction::c2s) certificate_cut_off(at);
  transcript_.observe_alert(at, direction, plaintext[0], plaintext[1]);
  if (plaintext[1] == kCloseNotify.value)
    transcript_.observe_close(at, sender(transcript_.transcript().leg, direction),
                              CloseHow::close_notify);
}

}  // namespace visavis::inspect
