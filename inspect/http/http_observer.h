#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "inspect/http/http1_observer.h"

namespace visavis::inspect {

class Http2Observer;

/// HttpObserver lists the HTTP exchanges of one connection from its relayed plaintext, HTTP/2 where
/// the client begins with its preface, else HTTP/1: what ALPN chose says only what to expect. See
/// http1_observer.h and http2_observer.h: it has their interface.
class HttpObserver {
 public:
  /// `log_queries`: false shows query values as ***, see request_target.h.
  explicit HttpObserver(bool log_queries);
  ~HttpObserver();
  HttpObserver(const HttpObserver&) = delete;
  HttpObserver& operator=(const HttpObserver&) = delete;

  /// expect_alpn tells what the connection agreed on, before its first byte: an HTTP/2 server may
  /// be the first to speak.
  void expect_alpn(std::string_view protocol);

  /// `t_us`: microseconds on any clock, the same one for both directions.
  void observe_request(Bytes plaintext, std::int64_t t_us);
  void observe_response(Bytes plaintext, std::int64_t t_us);
  /// response_ended: the backend closed, or the connection is over in some other way.
  void response_ended();

  /// observing is false once no call can add anything: the relay then skips them.
  [[nodiscard]] bool observing() const;
  /// exchanges in the order of their requests, unfinished ones too.
  [[nodiscard]] const std::vector<HttpExchange>& exchanges() const;
  /// preface_only is true when the client sent HTTP/2's preface and no request after it, and the
  /// backend has not begun to speak HTTP/2 (RFC 9113 3.4: with SETTINGS).
  [[nodiscard]] bool preface_only() const;

 private:
  void begin_http2();
  void decide(Bytes& plaintext, std::int64_t t_us);
  void doubt_alpn(Bytes plaintext, std::int64_t t_us);

  Http1Observer http1_;
  std::unique_ptr<Http2Observer> http2_;  ///< null: it is HTTP/1, or not decided
  std::uint8_t preface_bytes_ = 0;        ///< that have come and are told to nobody
  bool decided_ = false;
  bool by_alpn_ = false;  ///< decided before the client's first bytes, and they may differ
  bool log_queries_;
};

}  // namespace visavis::inspect
