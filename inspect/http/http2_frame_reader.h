#pragma once
#include <array>
#include <cstdint>

#include "inspect/bytes/byte_reader.h"
#include "inspect/http/http2_frame.h"

namespace visavis::inspect {

/// Http2Step is what one call of Http2FrameReader::read came to.
struct Http2Step {
  enum class Kind : std::uint8_t {
    need_more,  ///< every byte given was taken
    frame,      ///< a frame's header is there (`header`)
    setting,    ///< one setting of a SETTINGS frame (`setting`)
    block,      ///< `bytes` are the next of a header block
    data,       ///< `bytes` are the next of a DATA frame, without its padding
    end,        ///< the frame is complete
    failed,     ///< these bytes break HTTP/2; read no further
  };
  Kind kind = Kind::need_more;
  Bytes bytes;  ///< a part of what was given to `read`
};

/// Http2FrameReader reads one direction of an HTTP/2 connection, frame after frame, in any pieces.
/// It holds the few bytes of a frame's fixed fields and nothing else: what a payload consists of is
/// handed on, or skipped, where it lies.
///
/// It fails where a receiver has to end the connection because it could not read on: another
/// preface, a length that the type does not allow, padding longer than its frame, a frame on a
/// stream of the wrong kind, a header block with something else in its middle. Source: RFC
/// 9113 3.4, 4.1, 4.3, 6.
class Http2FrameReader {
 public:
  struct Setting {
    std::uint16_t id = 0;
    std::uint32_t value = 0;
  };

  explicit Http2FrameReader(bool from_client)
      : from_client_(from_client), state_(from_client ? State::preface : State::header) {}

  /// read takes bytes from the front of `bytes` up to the next step; call again until need_more.
  Http2Step read(Bytes& bytes);

  /// header is that of the frame being read, also at its step end.
  [[nodiscard]] const Http2FrameHeader& header() const { return header_; }
  /// setting is the one of the step `setting`.
  [[nodiscard]] Setting setting() const;
  /// error_code is that of an RST_STREAM or GOAWAY frame, at its step end.
  [[nodiscard]] std::uint32_t error_code() const;
  /// last_stream is that of a GOAWAY frame, at its step end.
  [[nodiscard]] std::uint32_t last_stream() const;

 private:
  enum class State : std::uint8_t { preface, header, fields, payload, padding };

  Http2Step read_preface(Bytes& bytes);
  Http2Step read_header(Bytes& bytes);
  Http2Step read_fields(Bytes& bytes);
  Http2Step read_payload(Bytes& bytes);
  Http2Step skip_padding(Bytes& bytes);
  Http2Step begin_payload(Bytes& bytes);
  Http2Step end_frame();
  bool fill(Bytes& bytes, std::size_t wanted);
  Bytes take(Bytes& bytes, std::uint32_t limit);
  [[nodiscard]] bool has_place() const;
  [[nodiscard]] bool has_length() const;
  [[nodiscard]] std::size_t field_bytes() const;
  [[nodiscard]] bool carries_block() const;

  Http2FrameHeader header_;
  std::array<std::uint8_t, kHttp2FrameHeaderBytes> held_{};  ///< a header, or fixed fields
  std::uint32_t left_ = 0;          ///< payload that is to come, fixed fields and padding included
  std::uint32_t padding_ = 0;       ///< of it, padding
  std::uint32_t block_stream_ = 0;  ///< whose header block goes on in the next frame; 0: none
  std::uint8_t held_bytes_ = 0;     ///< or bytes of the preface that have come
  bool from_client_;
  bool first_ = true;  ///< no frame has come
  State state_;
};

}  // namespace visavis::inspect
