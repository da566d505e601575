#include <string>
#include <vector>

#include "inspect/bytes/limits.h"
#include "inspect/http/http_observer.h"
#include "tests/fuzz/property.h"

/// The input is a dialogue: a byte that seeds the cuts and whose lowest bit is whether ALPN said
/// h2, then pieces: a byte whose highest bit is the direction and whose lowest is an end, two bytes
/// of length, that many bytes, repeated. However the bytes are cut, the exchanges are the same.
namespace visavis::inspect {
namespace {

using fuzz::property;

struct Step {
  bool backend;
  bool ends;
  Bytes bytes;
};

std::vector<Step> read_dialogue(Bytes input) {
  std::vector<Step> steps;
  while (input.size() > 3) {
    const std::size_t length =
        std::min<std::size_t>(std::size_t{input[1]} << 8 | input[2], input.size() - 3);
    steps.push_back({(input[0] & 0x80) != 0, (input[0] & 1) != 0, input.subspan(3, length)});
    input = input.subspan(3 + length);
  }
  return steps;
}

struct Seen {
  std::vector<HttpExchange> exchanges;
  bool observing;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen observe(const std::vector<Step>& steps, bool alpn, std::uint32_t seed) {
  HttpObserver observer(false);
  if (alpn) observer.expect_alpn("h2");
  std::int64_t at = 0;
  for (const Step& step : steps) {
    ++at;
    for (Bytes left = step.bytes; !left.empty();) {
      seed = seed * 1664525 + 1013904223;
      const std::size_t count = seed >> 28;  // 0: all
      const Bytes piece = left.first(count == 0 ? left.size() : std::min(left.size(), count));
      left = left.subspan(piece.size());
      if (step.backend)
        observer.observe_response(piece, at);
      else
        observer.observe_request(piece, at);
    }
    if (step.backend && step.ends) observer.response_ended();
  }
  property(observer.exchanges().size() <= limits::kMaxHttpExchanges, "the list is bounded");
  for (const HttpExchange& each : observer.exchanges()) {
    property(each.target.size() <= 2048 + 3, "targets are bounded");
    property(each.status.has_value() == each.time_to_first_byte_ms.has_value(), "answered or not");
    property(!each.method.empty() && each.method.size() <= 24, "a method is a short word");
    property(!each.cut_short || !each.excused, "cut short, or excused");
    property(!each.host || each.host->size() <= limits::kMaxListedHostBytes + 3,
             "hosts are bounded");
    for (const char character : each.target + each.host.value_or(""))
      property(character > 0x20 && character < 0x7f, "targets and hosts are printable");
  }
  return {observer.exchanges(), observer.observing()};
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  if (size == 0) return 0;
  const std::vector<Step> steps = read_dialogue(Bytes(data + 1, size - 1));
  const bool alpn = (data[0] & 1) != 0;
  const Seen first = observe(steps, alpn, data[0]);
  const Seen second = observe(steps, alpn, data[0] + 0x9e3779b9U);
  property(first == second, "any cut gives the same exchanges");
  return 0;
}
