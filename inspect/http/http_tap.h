#pragma once
#include "inspect/http/http_observer.h"
#include "inspect/transcript/leg_decryptor.h"

namespace visavis::inspect {

/// HttpTap shows the application data that is decrypted out of a connection to an HttpObserver, as
/// a relay does with what passes through it.
class HttpTap : public PlaintextTap {
 public:
  /// `log_queries`: as the observer's.
  explicit HttpTap(bool log_queries) : http(log_queries) {}

  void agreed_alpn(std::string_view protocol) override { http.expect_alpn(protocol); }
  void plaintext(std::int64_t at, Direction direction, Bytes bytes) override {
    if (!http.observing()) return;
    if (direction == Direction::c2s)
      http.observe_request(bytes, at);
    else
      http.observe_response(bytes, at);
  }

  HttpObserver http;
};

}  // namespace visavis::inspect
