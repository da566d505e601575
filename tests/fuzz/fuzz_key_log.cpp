#include <algorithm>
#include <string>
#include <string_view>

#include "inspect/decrypt/key_log.h"
#include "tests/fuzz/property.h"

/// The input is a key log's text. Read line by line it gives the same as read at once, each line is
/// at most one secret or one bad line, and no more sessions are kept than were allowed.
namespace visavis::inspect {
namespace {

using fuzz::property;

constexpr std::size_t kSessions = 4;

void compare(std::string_view text) {
  KeyLog at_once(kSessions);
  at_once.add(text);
  KeyLog by_line(kSessions);
  std::size_t lines = 0;
  for (std::string_view left = text; !left.empty(); ++lines) {
    const std::size_t end = std::min(left.find('\n'), left.size() - 1) + 1;
    by_line.add(left.substr(0, end));
    left.remove_prefix(end);
  }
  property(at_once.sessions() == by_line.sessions(), "any cut at lines gives the same sessions");
  property(at_once.bad_lines() == by_line.bad_lines(), "and the same bad lines");
  property(at_once.forgotten() == by_line.forgotten(), "and forgets the same");
  property(at_once.sessions() <= kSessions, "sessions are bounded");
  const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\r'));
  property(at_once.sessions() + at_once.bad_lines() + at_once.forgotten() <= lines + ends,
           "a line is one thing");
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(data, data + size);
  // A byte order mark counts at a text's start alone, where every line is one.
  if (text.find('\xEF') == std::string::npos) visavis::inspect::compare(text);
  visavis::inspect::KeyLog().add(text);
  return 0;
}
