#include "inspect/record/record_reader.h"

namespace visavis::inspect {
namespace {

/// Types 20 to 26 are assigned (IANA TLS ContentType); 128 and above would be an SSL 2.0 header.
bool plausible_type(std::uint8_t type) { return type >= 20 && type <= 26; }

/// The message types of SSL 2.0 that are sent in clear. draft-hickman-netscape-ssl-00.
enum Sslv2Message : std::uint8_t {
  kSslv2Error = 0,
  kSslv2ClientHello = 1,
  kSslv2ClientMasterKey = 2,
  kSslv2ServerHello = 4,
};

/// What follows an SSL 2.0 header must be one of the messages that may open a direction, as long as
/// its fixed fields at least.
bool plausible_opening(const std::array<std::uint8_t, kRecordHeaderBytes>& bytes,
                       std::size_t length) {
  if (bytes[2] == kSslv2ClientHello)  // version 2.0, or a later one in this form
    return length >= 9 && (bytes[3] == 3 || (bytes[3] == 0 && bytes[4] == 2));
  if (bytes[2] == kSslv2ServerHello)  // session-id-hit, certificate type (1 is X.509)
    return length >= 11 && bytes[3] <= 1 && bytes[4] <= 1;
  return bytes[2] == kSslv2Error && length == 3;
}

}  // namespace

/// An SSL 2.0 header at a place where TLS is possible too is read with three bytes of the body:
/// they tell the form from garbage.
std::size_t RecordReader::header_size() const {
  const bool high_bit = header_bytes_ > 0 && (buffer_[0] & 0x80) != 0;
  if (form_ == Form::sslv2) return high_bit || header_bytes_ == 0 ? 2 : 3;
  return kRecordHeaderBytes;
}

Bytes RecordReader::take_header(Bytes bytes) {
  while (!bytes.empty() && !header_complete_ && !error_) {
    buffer_[header_bytes_++] = bytes.front();
    bytes = bytes.subspan(1);
    ++offset_;
    const bool whole = header_bytes_ == header_size();
    if (form_ == Form::sslv2) {
      if (whole) parse_sslv2_header(kNoContentType, 0);
    } else if (form_ != Form::tls && (buffer_[0] & 0x80) != 0) {
      check_sslv2_opening();
    } else {
      check_tls_byte();
      if (whole && !error_) parse_tls_header();
    }
  }
  return bytes;
}

void RecordReader::refuse(std::string_view field, std::uint64_t offset) {
  error_ = ParseError{ParseErrorCode::bad_value, field, offset};
}

void RecordReader::check_tls_byte() {
  if (header_bytes_ == 1 && !plausible_type(buffer_[0])) refuse("record type", offset_ - 1);
  if (header_bytes_ == 2 && buffer_[1] != 0x03) refuse("record version", offset_ - 1);
}

void RecordReader::parse_tls_header() {
  header_ = RecordHeader{ContentType{buffer_[0]},
                         ProtocolVersion{static_cast<std::uint16_t>(buffer_[1] << 8 | buffer_[2])},
                         static_cast<std::uint16_t>(buffer_[3] << 8 | buffer_[4])};
  form_ = Form::tls;
  header_complete_ = true;
  body_left_ = header_.length;
}

/// A direction's first record in the SSL 2.0 form, or a client's second one: a CLIENT-MASTER-KEY
/// says that the server chose SSL 2.0.
void RecordReader::check_sslv2_opening() {
  const bool second = form_ == Form::after_hello;
  if (header_bytes_ == 3) {
    const std::uint8_t type = buffer_[2];
    const bool known =
        second ? type == kSslv2ClientMasterKey
               : type == kSslv2ClientHello || type == kSslv2ServerHello || type == kSslv2Error;
    if (!known) return refuse("record type", offset_ - 3);
  }
  if (header_bytes_ < kRecordHeaderBytes) return;
  const std::size_t length = static_cast<std::size_t>(buffer_[0] & 0x7f) << 8 | buffer_[1];
  if (second ? length < 10 : !plausible_opening(buffer_, length))
    return refuse("record type", offset_ - kRecordHeaderBytes);
  const bool offers_more = buffer_[2] == kSslv2ClientHello && buffer_[3] == 3;
  parse_sslv2_header(second ? kNoContentType : kHandshake, 3);
  form_ = offers_more ? Form::after_hello : Form::sslv2;
}

/// High bit set: 15 bits of length. Otherwise a bit for the "security escape", 14 bits of length
/// and a byte that counts the padding. draft-hickman-netscape-ssl-00.
void RecordReader::parse_sslv2_header(ContentType type, std::uint8_t taken_early) {
  const bool two_bytes = (buffer_[0] & 0x80) != 0;
  header_ = RecordHeader{
      type, kSsl2,
      static_cast<std::uint16_t>((buffer_[0] & (two_bytes ? 0x7f : 0x3f)) << 8 | buffer_[1]), true,
      two_bytes ? std::uint8_t{0} : buffer_[2]};
  if (header_.padding > header_.length) return refuse("record padding", offset_ - 1);
  taken_early_ = taken_early;
  header_complete_ = true;
  body_left_ = header_.length - std::size_t{taken_early};
}

}  // namespace visavis::inspect
