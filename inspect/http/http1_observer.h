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
  /// Unanswered is an exchange whose response is not complete: when its request's parts had come.
  struct Unanswered {
    std::int64_t began_us = 0;
    std::int64_t last_us = 0;
  };

  void begin_exchange(const Http1Head& head, std::int64_t t_us);
  void note_request_part(std::int64_t t_us);
  void note_response_part(std::int64_t t_us);
  void note_response_head(const Http1Head& head, std::int64_t t_us);
  void note_status(const Http1Head& head, std::int64_t t_us);
  void end_response();
  void stop();
  void stop_when_full();
  HttpExchange& answered_exchange() { return exchanges_[exchanges_.size() - unanswered_.size()]; }

  std::vector<HttpExchange> exchanges_;
  std::vector<Unanswered> unanswered_;  ///< the last exchanges
  Http1Reader<true> request_;
  Http1Reader<false> response_;
  double first_byte_ms_ = 0;
  std::int64_t request_began_us_ = 0;   ///< the message being read, or read last
  std::int64_t response_began_us_ = 0;  ///< the same
  bool log_queries_;
  bool observing_ = true;
  bool list_full_ = false;         ///< a request came that is not listed: later ones are not read
  bool interim_response_ = false;  ///< the response being read is a 1xx
};

}  // namespace visavis::inspect
