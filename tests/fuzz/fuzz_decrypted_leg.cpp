#include <string>
#include <vector>

#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/wire_decoder.h"
#include "tests/fuzz/property.h"

/// The input is a dialogue as in fuzz_wire_decoder.cpp: a byte whose highest bit is the direction,
/// two bytes of length, that many bytes, repeated. It is read with the secrets of RFC 8448's traces
/// (sections 3 and 4), which are among the seeds. However the bytes are cut, transcript and
/// plaintext are the same, and all of it is bounded.
namespace visavis::inspect {
namespace {

using fuzz::property;

const KeyLog& secrets() {
  static const KeyLog log = [] {
    const std::string simple = " cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 ";
    const std::string resumed =
        " 1bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d95 ";
    KeyLog made;
    made.add("CLIENT_HANDSHAKE_TRAFFIC_SECRET" + simple +
             "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21\n" +
             "SERVER_HANDSHAKE_TRAFFIC_SECRET" + simple +
             "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38\n" +
             "CLIENT_TRAFFIC_SECRET_0" + simple +
             "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5\n" +
             "SERVER_TRAFFIC_SECRET_0" + simple +
             "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643\n");
    made.add("CLIENT_EARLY_TRAFFIC_SECRET" + resumed +
             "3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62\n" +
             "CLIENT_HANDSHAKE_TRAFFIC_SECRET" + resumed +
             "2faac08f851d35fea3604fcb4de82dc62c9b164a70974d0462e27f1ab278700f\n" +
             "SERVER_HANDSHAKE_TRAFFIC_SECRET" + resumed +
             "fe927ae271312e8bf0275b581c54eef020450dc4ecffaa05a1a35d27518e7803\n" +
             "CLIENT_TRAFFIC_SECRET_0" + resumed +
             "2abbf2b8e381d23dbebe1dd2a7d16a8bf484cb4950d23fb7fb7fa8547062d9a1\n" +
             "SERVER_TRAFFIC_SECRET_0" + resumed +
             "cc21f1bf8feb7dd5fa505bd9c4b468a9984d554a993dc49e6d285598fb672691\n");
    return made;
  }();
  return log;
}

struct Text : PlaintextTap {
  PerDirection<std::vector<std::uint8_t>> bytes;

  void plaintext(std::int64_t, Direction direction, Bytes plaintext) override {
    bytes[direction].insert(bytes[direction].end(), plaintext.begin(), plaintext.end());
  }
};

struct Seen {
  LegReport report;
  Text text;
};

Seen decode(Bytes input, std::uint32_t seed) {
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  Seen seen;
  decoder.use_key_log(secrets(), &seen.text);
  std::int64_t at = 0;
  while (input.size() > 3) {
    ++at;
    const Direction direction = (input[0] & 0x80) != 0 ? Direction::s2c : Direction::c2s;
    const std::size_t length =
        std::min<std::size_t>(std::size_t{input[1]} << 8 | input[2], input.size() - 3);
    for (Bytes left = input.subspan(3, length); !left.empty();) {
      seed = seed * 1664525 + 1013904223;
      const std::size_t count = seed >> 28;  // 0: all
      const Bytes piece = left.first(count == 0 ? left.size() : std::min(left.size(), count));
      left = left.subspan(piece.size());
      decoder.observe(at, direction, piece);
    }
    input = input.subspan(3 + length);
  }
  const Transcript& transcript = builder.transcript();
  property(transcript.malformed.size() <= limits::kMaxLateEvents, "malformed messages");
  property(transcript.events.size() <= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents,
           "events are bounded");
  for (const auto* lengths : {&transcript.plaintext_lengths.c2s, &transcript.plaintext_lengths.s2c})
    property(lengths->size() <= limits::kMaxListedRecords, "plaintext lengths are bounded");
  property(!transcript.resumed || transcript.established, "only what stands was resumed");
  seen.report = summarize_leg(transcript);
  if (seen.report.client_hello) seen.report.client_hello->segments.clear();
  return seen;
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  if (size == 0) return 0;
  const Bytes input(data + 1, size - 1);
  const Seen first = decode(input, data[0]);
  const Seen second = decode(input, data[0] + 0x9e3779b9U);
  property(first.report == second.report, "any cut gives the same transcript");
  property(first.text.bytes.c2s == second.text.bytes.c2s, "and the same plaintext");
  property(first.text.bytes.s2c == second.text.bytes.s2c, "of both directions");
  return 0;
}
