#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/http/http1_reader.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// Http1Observer lists the HTTP/1.x exchanges of one connection from its relayed plaintext. It
/// changes nothing, keeps no bodies, and takes the bytes of each direction in any pieces.
///
/// It stops, and keeps what it has seen, when the bytes are not HTTP/1 (from the client's first
/// bytes on), when a response has no request, when a limit of inspect/bytes/limits.h is reached,
/// after 101 Switching Protocols, and after the 2xx that answers a CONNECT.
class Http1Observer {
 public:
  /// `log_queries`: false shows query values as ***, see request_target.h.
  explicit Http1Observer(bool log_queries) : log_queries_(log_queries) {}

  /// `t_us`: microseconds on any clock, the same one for both directions.
  void observe_request(Bytes plaintext, std::int64_t t_us);
  void observe_response(Bytes plaintext, std::int64_t t_us);
  /// response_ended: the connection is over, which ends a body that has no other end.
  void response_ended();

  /// observing is false once no call can add anything: the relay then skips them.
  [[nodiscard]] bool observing() const { return observing_; }

  /// exchanges in the order of their requests, unfinished ones too; the first kMaxHttpExchanges.
  /// `status` is that of the final response. `time_to_first_byte_ms` runs to that response's first
  /// byte, from the end of the request's body, or of its header section if the body had not ended.
  [[nodiscard]] const std::vector<HttpExchange>& exchanges() const { return exchanges_; }

 private:
  void begin_exchange(const Http1Head& head, std::int64_t t_us);
  void note_response_head(const Http1Head& head);
  void note_status(const Http1Head& head);
  void end_response();
  void stop();
  void stop_when_full();
  HttpExchange& answered_exchange() {
    return exchanges_[exchanges_.size() - unanswered_us_.size()];
  }

  std::vector<HttpExchange> exchanges_;
  /// The last exchanges, whose responses are not complete: when the request's last part had come.
  std::vector<std::int64_t> unanswered_us_;
  Http1Reader<true> request_;
  Http1Reader<false> response_;
  double first_byte_ms_ = 0;
  bool log_queries_;
  bool observing_ = true;
  bool list_full_ = false;         ///< a request came that is not listed: later ones are not read
  bool interim_response_ = false;  ///< the response being read is a 1xx
};

}  // namespace visavis::inspect
