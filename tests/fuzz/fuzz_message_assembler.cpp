#include <vector>

#include "inspect/handshake/message_assembler.h"
#include "tests/fuzz/property.h"

/// The first byte is the size of the pieces in which the rest is added, the second a limit.
namespace visavis::inspect {
namespace {

using fuzz::property;

struct Outcome {
  std::vector<std::uint8_t> bytes;
  std::size_t messages = 0;
  std::optional<ParseError> error;
  std::size_t pending = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome assemble(Bytes stream, std::size_t step, std::size_t limit) {
  MessageAssembler assembler(limit);
  Outcome outcome;
  while (!stream.empty() && !outcome.error) {
    const Bytes piece = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(piece.size());
    assembler.add(piece);
    auto next = assembler.next();
    for (; next.ok(); next = assembler.next()) {
      property(next->raw.size() >= 4 && next->raw.size() <= limit, "within the limit");
      property(next->body().size() + 4 == next->raw.size(), "header and body");
      outcome.bytes.insert(outcome.bytes.end(), next->raw.begin(), next->raw.end());
      ++outcome.messages;
    }
    if (next.failed())
      outcome.error = next.error();
    else
      property(next.missing_bytes() > 0, "what is missing is more than nothing");
  }
  outcome.pending = assembler.pending_bytes();
  property(outcome.pending < limit, "at most one message is held");
  return outcome;
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  if (size < 2) return 0;
  const Bytes stream(data + 2, size - 2);
  const std::size_t limit = 4 + std::size_t{data[1]} * 8;
  const Outcome whole = assemble(stream, stream.size() + 1, limit);
  property(whole == assemble(stream, std::size_t{1} + data[0], limit), "any cut is the same");
  property(std::equal(whole.bytes.begin(), whole.bytes.end(), stream.begin()),
           "messages are the bytes as they came");
  return 0;
}
