#include "inspect/http/http2_observer.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/http/http_token.h"
#include "inspect/http/request_target.h"

namespace visavis::inspect {
namespace {

using Kind = Http2Step::Kind;

/// Why an exchange has no whole response though nobody failed: `HttpExchange::excused`.
constexpr std::string_view kCancelled = "the client cancelled it";
constexpr std::string_view kNotBegun = "the backend had not begun with it, and said so";
constexpr std::string_view kNotRead = "its HTTP/2 could not be read any further";

double milliseconds(std::int64_t us) { return static_cast<double>(us) / 1000.0; }

}  // namespace

void Http2Observer::observe(Side& side, Bytes plaintext, std::int64_t t_us) {
  while (observing_) {
    const Http2Step step = side.frames.read(plaintext);
    if (step.kind == Kind::need_more) return;
    if (step.kind == Kind::failed || !take(side, step, t_us)) return stop();
    if (exchanges_.size() == limits::kMaxHttpExchanges && streams_.empty()) return stop();
  }
}

/// False: read no further.
bool Http2Observer::take(Side& side, const Http2Step& step, std::int64_t t_us) {
  const Http2FrameHeader& header = side.frames.header();
  switch (step.kind) {
    case Kind::frame:
      if (!from_client(side) && header.type == http2_type::kSettings) backend_speaks_ = true;
      if (header.type != http2_type::kHeaders && header.type != http2_type::kPushPromise)
        return true;
      side.block_began_us = t_us;
      side.block_promises = header.type == http2_type::kPushPromise;
      side.block_ends_stream = !side.block_promises && header.has(http2_flag::kEndStream);
      return true;
    case Kind::setting: {
      // What this side says that it can hold is what the other one may use.
      const Http2FrameReader::Setting setting = side.frames.setting();
      if (setting.id == kHttp2HeaderTableSize)
        (from_client(side) ? backend_ : client_).headers.allow_table(setting.value);
      return true;
    }
    case Kind::block:
      return side.headers.add(step.bytes);
    case Kind::data:
      count_data(side, step.bytes.size(), t_us);
      return true;
    case Kind::end:
      return end_frame(side, t_us);
    case Kind::need_more:
    case Kind::failed:
      break;
  }
  return false;
}

bool Http2Observer::end_frame(Side& side, std::int64_t t_us) {
  const Http2FrameHeader& header = side.frames.header();
  switch (header.type) {
    case http2_type::kHeaders:
    case http2_type::kPushPromise:
    case http2_type::kContinuation:
      return !header.has(http2_flag::kEndHeaders) || end_block(side, t_us);
    case http2_type::kData:
      if (header.has(http2_flag::kEndStream)) end_stream(side, header.stream, t_us);
      return true;
    case http2_type::kRstStream:
      reset_stream(side);
      return true;
    case http2_type::kGoaway:
      note_goaway(side);
      return true;
    default:
      return true;
  }
}

bool Http2Observer::end_block(Side& side, std::int64_t t_us) {
  const std::optional<Http2Fields> fields = side.headers.finish();
  if (!fields) return false;
  if (side.block_promises) return true;
  const std::uint32_t id = side.frames.header().stream;
  const bool understood =
      from_client(side) ? note_request(id, *fields, t_us) : note_response(id, *fields, t_us);
  if (understood && side.block_ends_stream) end_stream(side, id, t_us);
  return understood;
}

bool Http2Observer::note_request(std::uint32_t id, const Http2Fields& fields, std::int64_t t_us) {
  if (id % 2 == 0) return false;        // the server's numbers: RFC 9113 5.1.1
  if (id <= last_stream_) return true;  // trailers, or of a stream that is over
  last_stream_ = id;
  const std::string& target = fields.path.empty() ? fields.authority : fields.path;
  if (!is_method(fields.method) || target.empty()) return false;
  if (exchanges_.size() == limits::kMaxHttpExchanges) return true;
  streams_.push_back(
      {id, static_cast<std::uint32_t>(exchanges_.size()), client_.block_began_us, t_us});
  HttpExchange& exchange = exchanges_.emplace_back();
  exchange.protocol = "http/2";
  exchange.method = fields.method;
  exchange.target = listed_target(target, log_queries_);
  exchange.host = listed_host(fields.authority);
  exchange.started_ms = milliseconds(client_.block_began_us);
  note_part(client_, streams_.back(), t_us);
  return true;
}

bool Http2Observer::note_response(std::uint32_t id, const Http2Fields& fields, std::int64_t t_us) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->response_ended) return true;
  HttpExchange& exchange = exchange_of(*stream);
  if (exchange.status) {  // trailers
    note_part(backend_, *stream, t_us);
    return true;
  }
  if (fields.status < 100) return false;
  if (fields.status < 200) return true;  // an interim response: the final one follows
  stream->answered_us = backend_.block_began_us;
  exchange.status = fields.status;
  exchange.content_type = listed_media_type(fields.content_type);
  exchange.time_to_first_byte_ms = milliseconds(stream->answered_us - stream->asked_us);
  note_part(backend_, *stream, t_us);
  return true;
}

/// A part of a request, or of its response, has come.
void Http2Observer::note_part(const Side& side, const Stream& stream, std::int64_t t_us) {
  HttpExchange& exchange = exchange_of(stream);
  if (from_client(side))
    exchange.send_ms = milliseconds(t_us - stream.began_us);
  else if (exchange.status)
    exchange.receive_ms = milliseconds(t_us - stream.answered_us);
}

void Http2Observer::count_data(const Side& side, std::size_t size, std::int64_t t_us) {
  const Stream* stream = find(side.frames.header().stream);
  if (stream == nullptr) return;
  HttpExchange& exchange = exchange_of(*stream);
  (from_client(side) ? exchange.request_bytes : exchange.response_bytes) += size;
  note_part(side, *stream, t_us);
}

void Http2Observer::end_stream(const Side& side, std::uint32_t id, std::int64_t t_us) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  note_part(side, *stream, t_us);
  if (from_client(side)) {
    stream->request_ended = true;
    stream->asked_us = t_us;
  } else {
    stream->response_ended = true;
  }
  if (stream->request_ended && stream->response_ended)
    streams_.erase(streams_.begin() + (stream - streams_.data()));
}

/// RFC 9113 5.4.2. After a whole response the backend may so refuse the rest of the request (8.1).
void Http2Observer::reset_stream(const Side& side) {
  Stream* stream = find(side.frames.header().stream);
  if (stream == nullptr) return;
  if (!stream->response_ended) {
    if (from_client(side))
      excuse(*stream, kCancelled);
    else if (side.frames.error_code() == http2_error::kRefusedStream)  // RFC 9113 8.7
      excuse(*stream, kNotBegun);
    else
      exchange_of(*stream).cut_short = true;
  }
  streams_.erase(streams_.begin() + (stream - streams_.data()));
}

/// The backend will not look at streams above the last one that it names (RFC 9113 6.8): with
/// NO_ERROR the client asks again on a new connection.
void Http2Observer::note_goaway(const Side& side) {
  if (from_client(side)) return;
  const std::uint32_t last = side.frames.last_stream();
  const bool in_order = side.frames.error_code() == http2_error::kNoError;
  while (!streams_.empty() && streams_.back().id > last) {
    const Stream& stream = streams_.back();
    if (!stream.response_ended) {
      if (in_order)
        excuse(stream, kNotBegun);
      else
        exchange_of(stream).cut_short = true;
    }
    streams_.pop_back();
  }
}

void Http2Observer::response_ended() {
  if (!observing_) return;
  for (const Stream& stream : streams_)
    if (!stream.response_ended && exchange_of(stream).status) exchange_of(stream).cut_short = true;
  streams_.clear();
}

void Http2Observer::excuse(const Stream& stream, std::string_view why) {
  exchange_of(stream).excused = why;
}

void Http2Observer::stop() {
  observing_ = false;
  for (const Stream& stream : streams_)
    if (!stream.response_ended) excuse(stream, kNotRead);
  std::vector<Stream>().swap(streams_);
  client_.headers.release();
  backend_.headers.release();
}

Http2Observer::Stream* Http2Observer::find(std::uint32_t id) {
  const auto found = std::lower_bound(
      streams_.begin(), streams_.end(), id,
      [](const Stream& stream, std::uint32_t wanted) { return stream.id < wanted; });
  return found != streams_.end() && found->id == id ? &*found : nullptr;
}

}  // namespace visavis::inspect
