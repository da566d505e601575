#include <vector>

#include "inspect/record/record_reader.h"
#include "tests/fuzz/property.h"

/// The first byte is a seed for how the rest is cut into pieces: any cut gives the same records.
namespace visavis::inspect {
namespace {

using fuzz::property;

struct Seen {
  std::vector<RecordHeader> records;
  std::vector<std::uint8_t> bodies;
  std::size_t in_record = 0;

  void fragment(const RecordHeader& header, Bytes bytes) {
    property(!bytes.empty(), "fragments are not empty");
    bodies.insert(bodies.end(), bytes.begin(), bytes.end());
    in_record += bytes.size();
    property(in_record <= header.length, "a body is not longer than its record");
  }
  void record(const RecordHeader& header) {
    property(in_record == header.length, "a body is whole");
    property(!header.sslv2 || records.empty() || records.front().sslv2,
             "SSL 2.0 begins with the first record");
    property(header.sslv2 || records.size() < 2 || !records[1].sslv2,
             "no TLS follows on a session in SSL 2.0");
    property(header.padding <= header.length, "the padding lies within");
    in_record = 0;
    records.push_back(header);
  }
};

std::size_t next_step(std::uint32_t& seed) {
  seed = seed * 1664525 + 1013904223;
  return seed >> 28;
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  if (size == 0) return 0;
  std::uint32_t seed = data[0];
  const Bytes stream(data + 1, size - 1);

  RecordReader whole;
  Seen at_once;
  whole.feed(stream, at_once);

  RecordReader cut;
  Seen in_pieces;
  for (Bytes left = stream; !left.empty();) {
    const Bytes piece = left.first(std::min(left.size(), next_step(seed)));
    left = left.subspan(piece.size());
    cut.feed(piece, in_pieces);
  }
  property(at_once.records == in_pieces.records, "any cut gives the same records");
  property(at_once.bodies == in_pieces.bodies, "any cut gives the same bytes");
  property(whole.error() == cut.error(), "any cut gives the same error");
  property(whole.offset() == cut.offset(), "any cut ends at the same place");
  property(whole.offset() <= stream.size(), "offset within the stream");
  property(whole.error() || whole.offset() == stream.size(), "without an error all is read");
  property(!whole.error() || whole.error()->offset < whole.offset(), "the error was read");
  return 0;
}
