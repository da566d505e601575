#pragma once
#include <algorithm>
#include <array>
#include <optional>

#include "inspect/bytes/byte_reader.h"
#include "inspect/record/record.h"

namespace visavis::inspect {

/// RecordReader finds the records in one direction of a TLS stream, in chunks of any size, without
/// holding more than a header of it.
///
/// `feed(bytes, sink)` calls `sink.fragment(header, bytes)` for each part of a record's body as it
/// comes and `sink.record(header)` when the record is complete. After bytes that can't be a
/// record's header it reads no further: `error()` says at which byte of the stream. Records longer
/// than the RFC allows are passed on: judging them is not a reader's work. Source: RFC 8446 5.1.
///
/// A stream that opens with an SSL 2.0 hello goes on in SSL 2.0 records, or, where the hello offers
/// SSL 3.0 or later, as the server chose. Source: RFC 5246 E.2, draft-hickman-netscape-ssl-00.
class RecordReader {
 public:
  template <class Sink>
  void feed(Bytes bytes, Sink&& sink) {
    while (!bytes.empty() && !error_) {
      if (body_left_ == 0) {
        bytes = take_header(bytes);
        if (error_ || !header_complete_) return;
        if (taken_early_ > 0) sink.fragment(header_, Bytes(buffer_).subspan(2, taken_early_));
        if (body_left_ == 0) finish(sink);
        continue;
      }
      const std::size_t taken = std::min(body_left_, bytes.size());
      sink.fragment(header_, bytes.first(taken));
      bytes = bytes.subspan(taken);
      offset_ += taken;
      body_left_ -= taken;
      if (body_left_ == 0) finish(sink);
    }
  }

  [[nodiscard]] const std::optional<ParseError>& error() const { return error_; }
  /// incomplete is true in the middle of a header or of a body: the stream was cut there.
  [[nodiscard]] bool incomplete() const { return header_bytes_ > 0 || body_left_ > 0; }
  /// in_body is true when the next byte belongs to a record's body: its header is known.
  [[nodiscard]] bool in_body() const { return body_left_ > 0; }
  /// missing_bytes of the record that has begun; of its header while that is not complete.
  [[nodiscard]] std::size_t missing_bytes() const {
    return header_complete_ ? body_left_ : header_size() - header_bytes_;
  }
  [[nodiscard]] const RecordHeader& header() const { return header_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  /// What the records of this direction look like, as far as they have told.
  enum class Form {
    opening,      // nothing was read yet
    tls,          // 5-byte headers
    after_hello,  // an SSL 2.0 hello that offers more: the next record tells
    sslv2,        // 2- and 3-byte headers to the end
  };

  Bytes take_header(Bytes bytes);
  [[nodiscard]] std::size_t header_size() const;
  void check_tls_byte();
  void check_sslv2_opening();
  void parse_tls_header();
  void parse_sslv2_header(ContentType type, std::uint8_t taken_early);
  void refuse(std::string_view field, std::uint64_t offset);

  template <class Sink>
  void finish(Sink&& sink) {
    header_complete_ = false;
    header_bytes_ = 0;
    taken_early_ = 0;
    sink.record(header_);
  }

  std::array<std::uint8_t, kRecordHeaderBytes> buffer_{};
  std::size_t header_bytes_ = 0;
  std::uint8_t taken_early_ = 0;  // bytes of a body that lie behind a 2-byte header in buffer_
  std::size_t body_left_ = 0;
  std::uint64_t offset_ = 0;
  RecordHeader header_;
  bool header_complete_ = false;
  Form form_ = Form::opening;
  std::optional<ParseError> error_;
};

}  // namespace visavis::inspect
