#include "inspect/transcript/event.h"

namespace visavis::inspect {

std::string_view name(EventKind kind) {
  switch (kind) {
    case EventKind::tcp:
      return "tcp";
    case EventKind::record:
      return "record";
    case EventKind::message:
      return "message";
    case EventKind::alert:
      return "alert";
    case EventKind::close:
      return "close";
  }
  return "?";
}

std::string_view name(CloseHow how) {
  switch (how) {
    case CloseHow::close_notify:
      return "close_notify";
    case CloseHow::fin:
      return "fin";
    case CloseHow::rst:
      return "rst";
    case CloseHow::timeout:
      return "timeout";
  }
  return "?";
}

std::string alert_level_name(std::uint8_t level) {
  if (level == 1) return "warning";
  if (level == 2) return "fatal";
  return hex_name(level, 1);
}

std::string describe(const Event& event) {
  switch (event.kind) {
    case EventKind::tcp:
      return std::string(event.note);
    case EventKind::record:
      return name(ContentType{event.code});
    case EventKind::close:
      return std::string(name(static_cast<CloseHow>(event.code)));
    case EventKind::alert:
      return alert_level_name(event.level) + ' ' + name(AlertDescription{event.code}) + " (" +
             std::to_string(event.code) + ')';
    case EventKind::message:
      // A HelloRetryRequest has a ServerHello's type, ChangeCipherSpec none: the note names them.
      return event.note.empty() ? name(HandshakeType{event.code}) : std::string(event.note);
  }
  return {};
}

}  // namespace visavis::inspect
