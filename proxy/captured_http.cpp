#include "proxy/captured_http.h"

#include "inspect/capture/capture_limits.h"
#include "inspect/http/http_tap.h"

namespace visavis::proxy {

using inspect::Direction;
using inspect::LegKind;

/// What the backend chose decides: an HTTP/2 server may be the first to speak.
void LegHttpTap::agreed_alpn(std::string_view protocol) {
  if (leg_ == LegKind::backend_leg) http_->expect_alpn(protocol);
}

void LegHttpTap::plaintext(std::int64_t at, Direction direction, inspect::Bytes bytes) {
  if (!http_->observing()) return;
  if (leg_ == LegKind::client_leg && direction == Direction::c2s)
    http_->observe_request(bytes, at + offset_us_);
  if (leg_ == LegKind::backend_leg && direction == Direction::s2c)
    http_->observe_response(bytes, at + offset_us_);
}

std::unique_ptr<inspect::PlaintextTap> CapturedHttp::tap(
    const std::optional<inspect::LegLabel>& label, std::int64_t started_ns) {
  if (!label || label->leg == LegKind::direct_leg)
    return std::make_unique<inspect::HttpTap>(log_queries_);
  if (sessions_.size() >= inspect::limits::kMaxOpenSessions)
    std::erase_if(sessions_, [](const auto& each) { return each.second.http.expired(); });
  Session& session = sessions_[label->session];
  auto http = session.http.lock();
  if (!http) {
    http = std::make_shared<inspect::HttpObserver>(log_queries_);
    session = {http, started_ns};
  }
  return std::make_unique<LegHttpTap>(std::move(http), label->leg,
                                      (started_ns - session.started_ns) / 1000);
}

}  // namespace visavis::proxy
