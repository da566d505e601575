#include "tests/support/wire_dialogue.h"

#include <gtest/gtest.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/wire_decoder.h"

namespace visavis::test {
namespace {

using inspect::Bytes;
using inspect::Transcript;

/// `cut_step` is observed in pieces of `piece` bytes, after a first one of `first`.
Transcript decode_cut(const WireDialogue& dialogue, std::size_t cut_step, std::size_t first,
                      std::size_t piece) {
  inspect::TranscriptBuilder builder(inspect::LegKind::direct_leg);
  inspect::WireDecoder decoder(builder);
  for (std::size_t step = 0; step < dialogue.size(); ++step) {
    const auto at = static_cast<std::int64_t>(step);
    Bytes left(dialogue[step].bytes);
    std::size_t next = step == cut_step ? first : left.size();
    while (!left.empty()) {
      const std::size_t count = std::min(next, left.size());
      decoder.observe(at, dialogue[step].direction, left.first(count));
      left = left.subspan(count);
      next = piece;
    }
  }
  return std::move(builder.transcript());
}

inspect::LegReport comparable(const Transcript& transcript) {
  inspect::LegReport report = inspect::summarize_leg(transcript);
  if (report.client_hello) report.client_hello->segments.clear();
  return report;
}

}  // namespace

ByteVector change_cipher_spec() { return record(20, 0x0303, {1}); }

ByteVector sealed(std::uint8_t type, std::size_t length) {
  return record(type, 0x0303, ByteVector(length, 0x5a));
}

Transcript decode(const WireDialogue& dialogue) {
  return decode_cut(dialogue, dialogue.size(), 1, 1);
}

Transcript decode_in_all_ways(const WireDialogue& dialogue) {
  Transcript whole = decode(dialogue);
  const inspect::LegReport expected = comparable(whole);
  for (std::size_t step = 0; step < dialogue.size(); ++step) {
    const std::size_t size = dialogue[step].bytes.size();
    for (std::size_t cut = 1; cut < size; ++cut)
      EXPECT_EQ(comparable(decode_cut(dialogue, step, cut, size)), expected)
          << "step " << step << " split at " << cut;
    for (std::size_t piece = 1; piece < 8; ++piece)
      EXPECT_EQ(comparable(decode_cut(dialogue, step, piece, piece)), expected)
          << "step " << step << " in pieces of " << piece;
  }
  return whole;
}

}  // namespace visavis::test
