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

Name describe(const Event& event) {
  switch (event.kind) {
    case EventKind::tcp:
      return Name::of_registry(event.note);  // a string literal
    case EventKind::record:
      // Records of SSL 2.0 have no type: the note names them.
      return event.note.empty() ? code_point(ContentType{event.code}).name
                                : Name::of_registry(event.note);
    case EventKind::close:
      return Name::of_registry(name(static_cast<CloseHow>(event.code)));
    case EventKind::alert:
      if (!event.note.empty()) return Name::of_registry(event.note);  // encrypted
      return alert_level_name(event.level) + ' ' + name(AlertDescription{event.code}) + " (" +
             std::to_string(event.code) + ')';
    case EventKind::message:
      // A HelloRetryRequest has a ServerHello's type, ChangeCipherSpec none: the note names them.
      return event.note.empty() ? code_point(HandshakeType{event.code}).name
                                : Name::of_registry(event.note);
  }
  return {};
}

}  // namespace visavis::inspect
