#include "inspect/http/http2_frame_reader.h"

#include <algorithm>

namespace visavis::inspect {
namespace {

using Kind = Http2Step::Kind;

Http2Step failed() { return {Kind::failed, {}}; }

}  // namespace

Http2Step Http2FrameReader::read(Bytes& bytes) {
  if (state_ == State::preface) {
    const Http2Step step = read_preface(bytes);
    if (step.kind == Kind::failed || state_ == State::preface) return step;
  }
  switch (state_) {
    case State::header:
      return read_header(bytes);
    case State::fields:
      return read_fields(bytes);
    case State::payload:
      return read_payload(bytes);
    case State::padding:
      return skip_padding(bytes);
    case State::preface:
      break;
  }
  return failed();
}

Http2FrameReader::Setting Http2FrameReader::setting() const {
  const std::span held(held_);
  return {static_cast<std::uint16_t>(http2_number(held.first(2))),
          http2_number(held.subspan(2, 4))};
}

std::uint32_t Http2FrameReader::error_code() const {
  const std::span held(held_);
  return http2_number(header_.type == http2_type::kGoaway ? held.subspan(4, 4) : held.first(4));
}

std::uint32_t Http2FrameReader::last_stream() const {
  return http2_number(std::span(held_).first(4)) & 0x7fffffffU;
}

Http2Step Http2FrameReader::read_preface(Bytes& bytes) {
  while (!bytes.empty() && held_bytes_ < kHttp2Preface.size()) {
    if (bytes.front() != static_cast<std::uint8_t>(kHttp2Preface[held_bytes_])) return failed();
    bytes = bytes.subspan(1);
    ++held_bytes_;
  }
  if (held_bytes_ == kHttp2Preface.size()) {
    held_bytes_ = 0;
    state_ = State::header;
  }
  return {};
}

/// True when `wanted` bytes are held.
bool Http2FrameReader::fill(Bytes& bytes, std::size_t wanted) {
  const std::size_t count = std::min(bytes.size(), wanted - held_bytes_);
  std::copy_n(bytes.begin(), count, held_.begin() + held_bytes_);
  bytes = bytes.subspan(count);
  held_bytes_ = static_cast<std::uint8_t>(held_bytes_ + count);
  return held_bytes_ == wanted;
}

Bytes Http2FrameReader::take(Bytes& bytes, std::uint32_t limit) {
  const Bytes taken = bytes.first(std::min<std::size_t>(bytes.size(), limit));
  bytes = bytes.subspan(taken.size());
  left_ -= static_cast<std::uint32_t>(taken.size());
  return taken;
}

Http2Step Http2FrameReader::read_header(Bytes& bytes) {
  if (!fill(bytes, kHttp2FrameHeaderBytes)) return {};
  held_bytes_ = 0;
  header_ = parse_http2_frame_header(held_);
  if (!has_place() || !has_length()) return failed();
  first_ = false;
  left_ = header_.length;
  padding_ = 0;
  state_ = State::fields;
  return {Kind::frame, {}};
}

/// Where in a connection, and on which stream, a frame of this type may stand.
bool Http2FrameReader::has_place() const {
  // The first frame of each side is SETTINGS: RFC 9113 3.4.
  const std::uint8_t type = header_.type;
  if (first_ && (type != http2_type::kSettings || header_.has(http2_flag::kAck))) return false;
  // A header block is one unit: only its own CONTINUATION frames follow. RFC 9113 4.3.
  if (block_stream_ != 0)
    return type == http2_type::kContinuation && header_.stream == block_stream_;
  switch (type) {
    case http2_type::kData:
    case http2_type::kHeaders:
    case http2_type::kPriority:
    case http2_type::kRstStream:
      return header_.stream != 0;
    case http2_type::kPushPromise:  // a client can't push: RFC 9113 8.4
      return header_.stream != 0 && !from_client_;
    case http2_type::kSettings:
    case http2_type::kPing:
    case http2_type::kGoaway:
      return header_.stream == 0;
    case http2_type::kContinuation:
      return false;
    default:
      return true;
  }
}

/// The lengths that are FRAME_SIZE_ERROR otherwise: RFC 9113 6.
bool Http2FrameReader::has_length() const {
  switch (header_.type) {
    case http2_type::kPriority:
      return header_.length == 5;
    case http2_type::kRstStream:
    case http2_type::kWindowUpdate:
      return header_.length == 4;
    case http2_type::kSettings:
      return header_.has(http2_flag::kAck) ? header_.length == 0 : header_.length % 6 == 0;
    case http2_type::kPing:
      return header_.length == 8;
    default:
      return header_.length >= field_bytes();
  }
}

/// The bytes of a payload that are read before the rest of it; of SETTINGS, one setting's.
std::size_t Http2FrameReader::field_bytes() const {
  const std::size_t pad_length = header_.has(http2_flag::kPadded) ? 1 : 0;
  switch (header_.type) {
    case http2_type::kData:
      return pad_length;
    case http2_type::kHeaders:
      return pad_length + (header_.has(http2_flag::kPriority) ? 5 : 0);
    case http2_type::kPushPromise:
      return pad_length + 4;
    case http2_type::kSettings:
      return 6;
    case http2_type::kRstStream:
      return 4;
    case http2_type::kGoaway:
      return 8;
    default:
      return 0;
  }
}

bool Http2FrameReader::carries_block() const {
  return header_.type == http2_type::kHeaders || header_.type == http2_type::kPushPromise ||
         header_.type == http2_type::kContinuation;
}

Http2Step Http2FrameReader::read_fields(Bytes& bytes) {
  const bool settings = header_.type == http2_type::kSettings;
  if (settings && left_ == 0) return end_frame();
  const std::size_t wanted = field_bytes();
  if (!fill(bytes, wanted)) return {};
  held_bytes_ = 0;
  left_ -= static_cast<std::uint32_t>(wanted);
  return settings ? Http2Step{Kind::setting, {}} : begin_payload(bytes);
}

Http2Step Http2FrameReader::begin_payload(Bytes& bytes) {
  const bool may_be_padded = header_.type == http2_type::kData ||
                             header_.type == http2_type::kHeaders ||
                             header_.type == http2_type::kPushPromise;
  if (may_be_padded && header_.has(http2_flag::kPadded)) padding_ = held_.front();
  if (padding_ > left_) return failed();
  state_ = State::payload;
  return left_ == 0 ? end_frame() : read_payload(bytes);
}

Http2Step Http2FrameReader::read_payload(Bytes& bytes) {
  if (left_ == padding_) {
    state_ = State::padding;
    return skip_padding(bytes);
  }
  const Bytes taken = take(bytes, left_ - padding_);
  if (taken.empty()) return {};
  if (header_.type == http2_type::kData) return {Kind::data, taken};
  if (carries_block()) return {Kind::block, taken};
  return left_ == 0 ? end_frame() : Http2Step{};
}

Http2Step Http2FrameReader::skip_padding(Bytes& bytes) {
  (void)take(bytes, left_);
  return left_ == 0 ? end_frame() : Http2Step{};
}

Http2Step Http2FrameReader::end_frame() {
  if (carries_block()) block_stream_ = header_.has(http2_flag::kEndHeaders) ? 0 : header_.stream;
  state_ = State::header;
  return {Kind::end, {}};
}

}  // namespace visavis::inspect
