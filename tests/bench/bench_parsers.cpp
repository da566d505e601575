#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>

#include "inspect/handshake/client_hello.h"
#include "inspect/record/record_reader.h"
#include "inspect/transcript/transcript_builder.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// Counted, so that an allocation that slips into a parser shows.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace visavis::inspect {
namespace {

/// A ClientHello of Chrome with GREASE, ECH and a post-quantum key share, from a real capture.
std::vector<std::uint8_t> chrome_hello() {
  std::ifstream file(VISAVIS_SOURCE_DIR "/tests/fuzz/corpus/client_hello/grease_ech_post_quantum",
                     std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  return bytes;
}

void parse_chrome_hello(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes = chrome_hello();
  if (!parse_client_hello(bytes).ok()) return state.SkipWithError("the hello can't be parsed");
  const std::size_t before = allocations;
  for (auto _ : state) {
    auto hello = parse_client_hello(bytes);
    benchmark::DoNotOptimize(hello);
  }
  state.counters["allocations"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(parse_chrome_hello);

/// Full records of application data, in pieces as a relay reads them.
std::vector<std::uint8_t> application_data(std::size_t records) {
  std::vector<std::uint8_t> bytes;
  constexpr std::size_t kLength = 16384 + 24;
  for (std::size_t i = 0; i < records; ++i) {
    const std::uint8_t header[] = {23, 3, 3, kLength >> 8, kLength & 0xff};
    bytes.insert(bytes.end(), header, header + 5);
    bytes.resize(bytes.size() + kLength, static_cast<std::uint8_t>(i));
  }
  return bytes;
}

struct CountingSink {
  std::size_t records = 0;
  void fragment(const RecordHeader&, Bytes) {}
  void record(const RecordHeader&) { ++records; }
};

void read_records(benchmark::State& state) {
  const auto bytes = application_data(256);
  const auto chunk = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    RecordReader reader;
    CountingSink sink;
    for (std::size_t at = 0; at < bytes.size(); at += chunk)
      reader.feed(Bytes(bytes).subspan(at, std::min(chunk, bytes.size() - at)), sink);
    if (sink.records != 256) return state.SkipWithError("records are missing");
    benchmark::DoNotOptimize(sink);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(read_records)->Arg(1460)->Arg(65536);

/// What a long transfer costs a leg once its lists are full: the tap of every relayed byte.
void observe_wire(benchmark::State& state) {
  const auto bytes = application_data(256);
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_established(0, false);
  for (int i = 0; i < 4; ++i) builder.observe_wire(0, Direction::s2c, bytes);
  const std::size_t before = allocations;
  for (auto _ : state)
    for (std::size_t at = 0; at < bytes.size(); at += 65536)
      builder.observe_wire(
          0, Direction::s2c,
          Bytes(bytes).subspan(at, std::min<std::size_t>(65536, bytes.size() - at)));
  state.counters["allocations"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(observe_wire);

}  // namespace
}  // namespace visavis::inspect
