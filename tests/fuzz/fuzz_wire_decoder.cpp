#include <string>
#include <vector>

#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/wire_decoder.h"
#include "tests/fuzz/property.h"

/// The input is a dialogue: a byte whose highest bit is the direction, two bytes of length, that
/// many bytes, repeated. However the bytes are cut, the transcript is the same, and all of it is
/// bounded.
namespace visavis::inspect {
namespace {

using fuzz::property;

struct Step {
  Direction direction;
  Bytes bytes;
};

std::vector<Step> read_dialogue(Bytes input) {
  std::vector<Step> steps;
  while (input.size() > 3) {
    const Direction direction = (input[0] & 0x80) != 0 ? Direction::s2c : Direction::c2s;
    const std::size_t length =
        std::min<std::size_t>(std::size_t{input[1]} << 8 | input[2], input.size() - 3);
    steps.push_back({direction, input.subspan(3, length)});
    input = input.subspan(3 + length);
  }
  return steps;
}

LegReport decode(const std::vector<Step>& steps, std::uint32_t seed) {
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  std::int64_t at = 0;
  for (const Step& step : steps) {
    ++at;
    for (Bytes left = step.bytes; !left.empty();) {
      seed = seed * 1664525 + 1013904223;
      const std::size_t count = seed >> 28;  // 0: all
      const Bytes piece = left.first(count == 0 ? left.size() : std::min(left.size(), count));
      left = left.subspan(piece.size());
      decoder.observe(at, step.direction, piece);
    }
  }
  const Transcript& seen = builder.transcript();
  property(seen.malformed.size() <= limits::kMaxLateEvents, "malformed messages are bounded");
  property(seen.events.size() <= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents, "events");
  property(seen.records.size() <= limits::kMaxListedRecords, "records are bounded");
  property(seen.history.size() <= 104, "history is bounded");
  property(seen.hello_segments.size() <= limits::kMaxHelloSegments, "segments are bounded");
  property(seen.plaintext_lengths.c2s.empty() && seen.plaintext_lengths.s2c.empty(),
           "no plaintext length is known");
  property(!seen.resumed || seen.established, "only what stands was resumed");
  for (const AlertSeen& alert : seen.alerts)
    property(alert.event < seen.event_count, "an alert has an event");
  LegReport report = summarize_leg(seen);
  if (report.client_hello) report.client_hello->segments.clear();
  return report;
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  if (size == 0) return 0;
  const std::vector<Step> steps = read_dialogue(Bytes(data + 1, size - 1));
  const LegReport first = decode(steps, data[0]);
  const LegReport second = decode(steps, data[0] + 0x9e3779b9U);
  property(first == second, "any cut gives the same transcript");
  return 0;
}
