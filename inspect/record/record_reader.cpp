#include "inspect/record/record_reader.h"

namespace visavis::inspect {
namespace {

/// Types 20 to 26 are assigned (IANA TLS ContentType); 128 and above would be an SSL 2.0 header.
bool plausible_type(std::uint8_t type) { return type >= 20 && type <= 26; }

}  // namespace

Bytes RecordReader::take_header(Bytes bytes) {
  while (!bytes.empty() && header_bytes_ < kRecordHeaderBytes) {
    buffer_[header_bytes_++] = bytes.front();
    bytes = bytes.subspan(1);
    ++offset_;
    const bool sslv2 = first_ && (buffer_[0] & 0x80) != 0;
    if (sslv2 && header_bytes_ == 3) {
      parse_sslv2_header();
      return bytes;
    }
    if (sslv2) continue;
    if (header_bytes_ == 1 && !plausible_type(buffer_[0])) {
      refuse("record type");
      return {};
    }
    if (header_bytes_ == 2 && buffer_[1] != 0x03) {
      refuse("record version");
      return {};
    }
  }
  if (header_bytes_ == kRecordHeaderBytes) parse_header();
  return bytes;
}

void RecordReader::refuse(std::string_view field) {
  error_ = ParseError{ParseErrorCode::bad_value, field, offset_ - 1};
}

void RecordReader::parse_header() {
  header_.type.value = buffer_[0];
  header_.version.value = static_cast<std::uint16_t>(buffer_[1] << 8 | buffer_[2]);
  header_.length = static_cast<std::uint16_t>(buffer_[3] << 8 | buffer_[4]);
  header_.sslv2 = false;
  header_complete_ = true;
  body_left_ = header_.length;
}

/// RFC 5246 E.2: high bit set, 15 bits of length, then the message type, which must be 1
/// (client_hello). The type byte belongs to the body; it was read to tell the form from garbage and
/// is part of `length`.
void RecordReader::parse_sslv2_header() {
  const auto length = static_cast<std::uint16_t>((buffer_[0] & 0x7f) << 8 | buffer_[1]);
  if (buffer_[2] != 1 || length < 9) {
    error_ = ParseError{ParseErrorCode::bad_value, "record type", 0};
    return;
  }
  header_ = RecordHeader{kHandshake, kSsl2, length, true};
  header_complete_ = true;
  body_left_ = length - 1U;
}

}  // namespace visavis::inspect
