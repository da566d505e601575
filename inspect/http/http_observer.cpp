#include "inspect/http/http_observer.h"

#include <algorithm>

#include "inspect/http/http2_observer.h"

namespace visavis::inspect {
namespace {

/// The preface's first bytes, which need not be kept to be known.
Bytes preface(std::size_t count) {
  return {reinterpret_cast<const std::uint8_t*>(kHttp2Preface.data()), count};
}

}  // namespace

HttpObserver::HttpObserver(bool log_queries) : http1_(log_queries), log_queries_(log_queries) {}
HttpObserver::~HttpObserver() = default;

void HttpObserver::begin_http2() {
  decided_ = true;
  http2_ = std::make_unique<Http2Observer>(log_queries_);
}

void HttpObserver::expect_alpn(std::string_view protocol) {
  if (decided_ || protocol != "h2") return;
  begin_http2();
  by_alpn_ = true;
}

/// A client that was given h2 and goes on in HTTP/1 all the same: what it says is HTTP/1.
void HttpObserver::doubt_alpn(Bytes plaintext, std::int64_t t_us) {
  const auto rest = kHttp2Preface.substr(preface_bytes_);
  const std::size_t known = std::min(rest.size(), plaintext.size());
  const bool as_agreed = std::equal(
      rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(known), plaintext.begin(),
      [](char expected, std::uint8_t byte) { return static_cast<std::uint8_t>(expected) == byte; });
  if (as_agreed) {
    preface_bytes_ = static_cast<std::uint8_t>(preface_bytes_ + known);
    by_alpn_ = preface_bytes_ < kHttp2Preface.size();
    return;
  }
  by_alpn_ = false;
  http2_.reset();
  http1_.observe_request(preface(preface_bytes_), t_us);
}

/// Until the client has sent something else than the preface, or all of it.
void HttpObserver::decide(Bytes& plaintext, std::int64_t t_us) {
  while (!plaintext.empty() && preface_bytes_ < kHttp2Preface.size()) {
    if (plaintext.front() != static_cast<std::uint8_t>(kHttp2Preface[preface_bytes_])) {
      decided_ = true;
      http1_.observe_request(preface(preface_bytes_), t_us);
      return;
    }
    plaintext = plaintext.subspan(1);
    ++preface_bytes_;
  }
  if (preface_bytes_ < kHttp2Preface.size()) return;
  begin_http2();
  http2_->observe_request(preface(preface_bytes_), t_us);
}

void HttpObserver::observe_request(Bytes plaintext, std::int64_t t_us) {
  if (by_alpn_) doubt_alpn(plaintext, t_us);
  if (!decided_) decide(plaintext, t_us);
  if (!decided_) return;
  if (http2_)
    http2_->observe_request(plaintext, t_us);
  else
    http1_.observe_request(plaintext, t_us);
}

void HttpObserver::observe_response(Bytes plaintext, std::int64_t t_us) {
  if (http2_) return http2_->observe_response(plaintext, t_us);
  // An answer to less than the preface: no HTTP/2 then.
  if (!decided_ && !plaintext.empty()) {
    decided_ = true;
    http1_.observe_request(preface(preface_bytes_), t_us);
  }
  http1_.observe_response(plaintext, t_us);
}

void HttpObserver::response_ended() {
  if (http2_)
    http2_->response_ended();
  else
    http1_.response_ended();
}

bool HttpObserver::observing() const { return http2_ ? http2_->observing() : http1_.observing(); }

const std::vector<HttpExchange>& HttpObserver::exchanges() const {
  return http2_ ? http2_->exchanges() : http1_.exchanges();
}

bool HttpObserver::preface_only() const {
  return http2_ && preface_bytes_ == kHttp2Preface.size() && exchanges().empty() &&
         !http2_->backend_speaks();
}

}  // namespace visavis::inspect
