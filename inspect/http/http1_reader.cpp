#include "inspect/http/http1_reader.h"

#include <algorithm>
#include <utility>

#include "inspect/bytes/limits.h"
#include "inspect/http/http1_parser.h"
#include "inspect/http/http_token.h"

namespace visavis::inspect {
namespace {

using Kind = Http1Step::Kind;

constexpr std::string_view kEndOfHead = "\r\n\r\n";

/// What is joined at a time to a chunk header that began in an earlier call.
constexpr std::size_t kJoinBytes = 256;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A request begins with a method, which is a token, and one space (RFC 9112 3). True also while
/// the text is too short to tell.
bool may_begin_request(std::string_view text) {
  const std::size_t method = std::min(text.find(' '), text.size());
  return text.empty() || is_method(text.substr(0, method));
}

/// A response begins with its version (RFC 9112 4).
bool may_begin_response(std::string_view text) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const std::size_t length = std::min(text.size(), kVersion.size());
  return text.substr(0, length) == kVersion.substr(0, length);
}

}  // namespace

template <bool is_request>
Http1Reader<is_request>::Http1Reader() = default;
template <bool is_request>
Http1Reader<is_request>::~Http1Reader() = default;

template <bool is_request>
Http1Step Http1Reader<is_request>::read(Bytes& bytes, Http1Head& head) {
  switch (state_) {
    case State::head:
      return read_head(bytes, head);
    case State::no_body:
      return complete(0);
    case State::chunked_body:
      return read_chunks(bytes);
    case State::length_body:
    case State::until_close:
      return skip_bytes(bytes);
  }
  return {Kind::failed};
}

template <bool is_request>
void Http1Reader<is_request>::skip_body() {
  release();
  state_ = State::no_body;
}

template <bool is_request>
bool Http1Reader<is_request>::ended() {
  if (state_ != State::until_close) return false;
  complete(0);
  return true;
}

template <bool is_request>
void Http1Reader<is_request>::release() {
  parser_.reset();
  std::string().swap(held_);
}

template <bool is_request>
bool Http1Reader<is_request>::between_messages() const {
  return state_ == State::head && held_.empty();
}

template <bool is_request>
bool Http1Reader<is_request>::unfinished() const {
  return state_ == State::length_body || state_ == State::chunked_body || !held_.empty();
}

template <bool is_request>
Http1Step Http1Reader<is_request>::read_head(Bytes& bytes, Http1Head& head) {
  // A server ignores empty lines before a request line: old browsers send one after a POST's body
  // (RFC 9112 2.2).
  while (is_request && held_.empty() && !bytes.empty() &&
         (bytes.front() == '\r' || bytes.front() == '\n')) {
    bytes = bytes.subspan(1);
  }
  if (held_.empty()) {
    const std::string_view text = as_text(bytes).substr(0, limits::kMaxHttpHeaderBytes);
    const std::size_t end = text.find(kEndOfHead);
    if (end != std::string_view::npos) {
      bytes = bytes.subspan(end + kEndOfHead.size());
      return parse_head(text.substr(0, end + kEndOfHead.size()), head);
    }
  }
  const std::size_t held_before = held_.size();
  held_.append(as_text(bytes).substr(0, limits::kMaxHttpHeaderBytes - held_before));
  if (!(is_request ? may_begin_request(held_) : may_begin_response(held_))) return {Kind::failed};

  const std::size_t search_from = held_before - std::min(held_before, kEndOfHead.size() - 1);
  const std::size_t end = held_.find(kEndOfHead, search_from);
  if (end == std::string::npos && held_.size() < limits::kMaxHttpHeaderBytes) {
    bytes = {};
    return {Kind::need_more};
  }
  // Without an end the section is longer than we hold: parsing fails, but gives its start line.
  const std::string text = std::exchange(held_, {});
  const std::size_t size = end == std::string::npos ? text.size() : end + kEndOfHead.size();
  bytes = bytes.subspan(size - held_before);
  return parse_head(std::string_view(text).substr(0, size), head);
}

template <bool is_request>
Http1Step Http1Reader<is_request>::parse_head(std::string_view text, Http1Head& head) {
  if (is_request && !may_begin_request(text)) return {Kind::failed};
  Http1Parser<is_request> parser(head);
  if (!parser.parse_head(text)) return {Kind::failed};

  if (parser.is_done()) {
    state_ = State::no_body;
  } else if (parser.chunked()) {
    state_ = State::chunked_body;
    parser_ = std::make_unique<Http1Parser<is_request>>(std::move(parser));
  } else if (const auto length = parser.content_length()) {
    state_ = State::length_body;
    body_left_ = *length;
  } else {
    state_ = State::until_close;
  }
  return {Kind::head};
}

template <bool is_request>
Http1Step Http1Reader<is_request>::read_chunks(Bytes& bytes) {
  const std::uint64_t body_before = parser_->body_bytes();
  bool failed = false;
  while (!bytes.empty() && !failed && !parser_->is_done()) {
    if (held_.empty()) {
      bytes = bytes.subspan(parser_->parse_chunks(as_text(bytes), failed));
      if (failed || parser_->is_done()) break;
      failed = bytes.size() > limits::kMaxHttpHeaderBytes;
      if (!failed) held_ = as_text(std::exchange(bytes, {}));
    } else {
      // At the message's end what was held is all taken: it had not been enough to end it.
      const Bytes joined = bytes.first(std::min(bytes.size(), kJoinBytes));
      held_.append(as_text(joined));
      held_.erase(0, parser_->parse_chunks(held_, failed));
      const std::size_t unread = parser_->is_done() ? held_.size() : 0;
      bytes = bytes.subspan(joined.size() - unread);
      failed = failed || held_.size() > limits::kMaxHttpHeaderBytes;
    }
  }
  const std::uint64_t body_bytes = parser_->body_bytes() - body_before;
  if (failed) return {Kind::failed, body_bytes};
  if (parser_->is_done()) return complete(body_bytes);
  return {Kind::need_more, body_bytes};
}

template <bool is_request>
Http1Step Http1Reader<is_request>::skip_bytes(Bytes& bytes) {
  const std::size_t size = bytes.size();
  if (state_ == State::until_close || body_left_ > size) {
    if (state_ == State::length_body) body_left_ -= size;
    bytes = {};
    return {Kind::need_more, size};
  }
  bytes = bytes.subspan(static_cast<std::size_t>(body_left_));
  return complete(std::exchange(body_left_, 0));
}

template <bool is_request>
Http1Step Http1Reader<is_request>::complete(std::uint64_t body_bytes) {
  state_ = State::head;
  release();
  return {Kind::complete, body_bytes};
}

template class Http1Reader<true>;
template class Http1Reader<false>;

}  // namespace visavis::inspect
