#pragma once
#include <memory>
#include <string>
#include <vector>

#include "inspect/report/session_note.h"
#include "inspect/transcript/transcript_builder.h"
#include "proxy/capture_leg.h"

namespace visavis::proxy {

/// SessionCapture is one session's part of the capture: its connections. It goes with the session's
/// facts to where the report is made, which adds the verdict.
class SessionCapture {
 public:
  SessionCapture(Capture& capture, CaptureQueue& queue, const SessionClock& clock);

  [[nodiscard]] const std::string& id() const { return id_; }

  /// watch taps the builder of a leg, whose connection is to come.
  CaptureLeg& watch(inspect::TranscriptBuilder& builder);
  /// watch_late does so when the connection stands and bytes of its client may have come.
  void watch_late(inspect::TranscriptBuilder& builder);
  /// leg is the one that was watched last; null: none.
  [[nodiscard]] CaptureLeg* leg(const inspect::TranscriptBuilder& builder);
  /// unwatch ends a connection, which is closed: its builder is no longer tapped.
  void unwatch(inspect::TranscriptBuilder& builder);
  /// finish ends all connections.
  void finish();

  /// conclude writes the report's verdict behind the connections, the note with the first of them,
  /// and the loss into the report.
  void conclude(inspect::SessionNote note, inspect::SessionReport& report);

 private:
  struct Watched {
    inspect::TranscriptBuilder* builder;  // null: no longer
    std::unique_ptr<CaptureLeg> leg;
  };

  Capture& capture_;
  CaptureQueue& queue_;
  SessionClock clock_;
  std::string id_;
  std::vector<Watched> watched_;
};

/// CaptureWatch watches a builder as long as both live.
class CaptureWatch {
 public:
  /// `capture`: null where nothing is captured.
  CaptureWatch(SessionCapture* capture, inspect::TranscriptBuilder& builder)
      : capture_(capture), builder_(builder) {
    if (capture_ != nullptr) capture_->watch(builder_);
  }
  ~CaptureWatch() {
    if (capture_ != nullptr) capture_->unwatch(builder_);
  }
  CaptureWatch(const CaptureWatch&) = delete;
  CaptureWatch& operator=(const CaptureWatch&) = delete;

 private:
  SessionCapture* capture_;
  inspect::TranscriptBuilder& builder_;
};

}  // namespace visavis::proxy
