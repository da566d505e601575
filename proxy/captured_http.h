#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "inspect/capture/leg_label.h"
#include "inspect/http/http_observer.h"
#include "inspect/transcript/leg_decryptor.h"

namespace visavis::proxy {

/// LegHttpTap shows an observer that both legs of a session share what the relay showed its own:
/// requests as the client sends them, responses as the backend does.
class LegHttpTap : public inspect::PlaintextTap {
 public:
  /// `offset_us` is added to the leg's times, so that both have the same clock.
  LegHttpTap(std::shared_ptr<inspect::HttpObserver> http, inspect::LegKind leg,
             std::int64_t offset_us)
      : http_(std::move(http)), leg_(leg), offset_us_(offset_us) {}

  void agreed_alpn(std::string_view protocol) override;
  void plaintext(std::int64_t at, inspect::Direction direction, inspect::Bytes bytes) override;

  [[nodiscard]] inspect::HttpObserver& http() { return *http_; }

 private:
  std::shared_ptr<inspect::HttpObserver> http_;
  inspect::LegKind leg_;
  std::int64_t offset_us_;
};

/// CapturedHttp makes the taps of a capture's connections: one observer for each session.
class CapturedHttp {
 public:
  /// `log_queries`: as the observer's.
  explicit CapturedHttp(bool log_queries) : log_queries_(log_queries) {}

  /// tap makes that of a connection that is this leg (nothing: a session by itself), whose first
  /// packet has this time, in nanoseconds since 1970.
  std::unique_ptr<inspect::PlaintextTap> tap(const std::optional<inspect::LegLabel>& label,
                                             std::int64_t started_ns);

 private:
  struct Session {
    std::weak_ptr<inspect::HttpObserver> http;  // lives as long as its connections
    std::int64_t started_ns = 0;
  };
  bool log_queries_;
  std::map<std::string, Session> sessions_;
};

}  // namespace visavis::proxy
