#include "proxy/session_capture.h"

#include <algorithm>

#include "proxy/session_facts.h"

namespace visavis::proxy {

SessionCapture::SessionCapture(Capture& capture, CaptureQueue& queue, const SessionClock& clock)
    : capture_(capture), queue_(queue), clock_(clock), id_(next_session_id()) {}

CaptureLeg& SessionCapture::watch(inspect::TranscriptBuilder& builder) {
  auto leg = std::make_unique<CaptureLeg>(capture_, queue_, clock_, builder.transcript().leg, id_);
  const bool again = std::any_of(watched_.begin(), watched_.end(), [&](const Watched& each) {
    return each.leg->kind() == leg->kind();
  });
  if (again) leg->dialled_again();
  builder.set_wire_tap(leg.get());
  watched_.push_back({&builder, std::move(leg)});
  return *watched_.back().leg;
}

void SessionCapture::watch_late(inspect::TranscriptBuilder& builder) {
  CaptureLeg& leg = watch(builder);
  const inspect::Transcript& seen = builder.transcript();
  leg.endpoints(seen.from, seen.to);
  leg.connected(0);
  if (!seen.raw.c2s.empty()) leg.wire(clock_.at_us(), inspect::Direction::c2s, seen.raw.c2s, {});
  for (const inspect::Event& event : seen.events)
    if (event.kind == inspect::EventKind::close)
      leg.closed(event.t_us, event.sender, static_cast<inspect::CloseHow>(event.code));
}

CaptureLeg* SessionCapture::leg(const inspect::TranscriptBuilder& builder) {
  const auto found = std::find_if(watched_.begin(), watched_.end(),
                                  [&](const Watched& each) { return each.builder == &builder; });
  return found == watched_.end() ? nullptr : found->leg.get();
}

void SessionCapture::unwatch(inspect::TranscriptBuilder& builder) {
  for (Watched& each : watched_) {
    if (each.builder != &builder) continue;
    each.leg->finish();
    each.builder = nullptr;
    builder.set_wire_tap(nullptr);
  }
}

void SessionCapture::finish() {
  for (Watched& each : watched_) {
    if (each.builder == nullptr) continue;
    each.leg->finish();
    each.builder->set_wire_tap(nullptr);
    each.builder = nullptr;
  }
}

void SessionCapture::conclude(inspect::SessionNote note, inspect::SessionReport& report) {
  std::string comment = report.verdict.verdict_class + ": " + report.verdict.headline;
  constexpr std::size_t kMaxCommentBytes = 1000;  // names in it are the peers'
  if (comment.size() > kMaxCommentBytes) {
    std::size_t end = kMaxCommentBytes;  // not within a character: RFC 3629 3
    while (end > 0 && (comment[end] & 0xC0) == 0x80) --end;
    comment.resize(end);
  }
  for (const Watched& each : watched_) report.packets_not_captured += each.leg->lost();
  note.packets_not_captured = report.packets_not_captured;
  note.live = inspect::live_judgement(report);
  std::string noted = inspect::render_note(note);
  for (const Watched& each : watched_)
    if (each.leg->conclude(comment, noted)) noted.clear();
}

}  // namespace visavis::proxy
