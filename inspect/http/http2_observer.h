#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/http/http2_frame_reader.h"
#include "inspect/http/http2_header_reader.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// Http2Observer lists the HTTP/2 exchanges of one connection from its relayed plaintext. It
/// changes nothing, keeps no bodies, and takes the bytes of each direction in any pieces; a DATA
/// frame is counted and neither copied nor looked at.
///
/// It stops, and keeps what it has seen, when the bytes are not HTTP/2, when a header block can't
/// be read or a limit of inspect/bytes/limits.h is reached, and when kMaxHttpExchanges are
/// complete. Promised responses (server push) are not listed.
class Http2Observer {
 public:
  /// `log_queries`: false shows query values as ***, see request_target.h.
  explicit Http2Observer(bool log_queries) : log_queries_(log_queries) {}

  /// `t_us`: microseconds on any clock, the same one for both directions.
  void observe_request(Bytes plaintext, std::int64_t t_us) { observe(client_, plaintext, t_us); }
  void observe_response(Bytes plaintext, std::int64_t t_us) { observe(backend_, plaintext, t_us); }
  /// response_ended: the backend closed.
  void response_ended();

  /// observing is false once no call can add anything: the relay then skips them.
  [[nodiscard]] bool observing() const { return observing_; }

  /// exchanges in the order of their requests, unfinished ones too; the first kMaxHttpExchanges.
  /// `status` is that of the final response. `time_to_first_byte_ms` runs to that response's header
  /// section, from the end of the request's body, or of its header section if the body had not
  /// ended. Bytes are those of DATA frames, without padding.
  [[nodiscard]] const std::vector<HttpExchange>& exchanges() const { return exchanges_; }

  /// backend_speaks is true once the backend has sent a SETTINGS frame, its preface.
  [[nodiscard]] bool backend_speaks() const { return backend_speaks_; }

 private:
  /// Side is one direction, named by who sends in it.
  struct Side {
    Http2FrameReader frames;
    Http2HeaderReader headers{};
    std::int64_t block_began_us = 0;
    bool block_promises = false;     ///< the header block is a PUSH_PROMISE's
    bool block_ends_stream = false;  ///< the HEADERS frame had END_STREAM
  };
  /// Stream is a listed exchange that can still change.
  struct Stream {
    std::uint32_t id = 0;
    std::uint32_t exchange = 0;    ///< its place in `exchanges_`
    std::int64_t began_us = 0;     ///< of the request
    std::int64_t asked_us = 0;     ///< when its end had come, or, before, its header section
    std::int64_t answered_us = 0;  ///< the response's first byte
    bool request_ended = false;
    bool response_ended = false;
  };

  void observe(Side& side, Bytes plaintext, std::int64_t t_us);
  [[nodiscard]] bool take(Side& side, const Http2Step& step, std::int64_t t_us);
  [[nodiscard]] bool end_frame(Side& side, std::int64_t t_us);
  [[nodiscard]] bool end_block(Side& side, std::int64_t t_us);
  [[nodiscard]] bool note_request(std::uint32_t id, const Http2Fields& fields, std::int64_t t_us);
  [[nodiscard]] bool note_response(std::uint32_t id, const Http2Fields& fields, std::int64_t t_us);
  void count_data(const Side& side, std::size_t size, std::int64_t t_us);
  void note_part(const Side& side, const Stream& stream, std::int64_t t_us);
  void end_stream(const Side& side, std::uint32_t id, std::int64_t t_us);
  void reset_stream(const Side& side);
  void note_goaway(const Side& side);
  void excuse(const Stream& stream, std::string_view why);
  void stop();
  Stream* find(std::uint32_t id);
  HttpExchange& exchange_of(const Stream& stream) { return exchanges_[stream.exchange]; }
  [[nodiscard]] bool from_client(const Side& side) const { return &side == &client_; }

  std::vector<HttpExchange> exchanges_;
  std::vector<Stream> streams_;  ///< ordered by id; kMaxHttpExchanges at most
  Side client_{Http2FrameReader(true)};
  Side backend_{Http2FrameReader(false)};
  std::uint32_t last_stream_ = 0;  ///< the highest that the client has opened
  bool log_queries_;
  bool observing_ = true;
  bool backend_speaks_ = false;
};

}  // namespace visavis::inspect
