#include "inspect/record/record_span.h"

#include <algorithm>

#include "inspect/record/record_reader.h"

namespace visavis::inspect {

std::size_t bytes_of_records(Bytes stream, std::uint64_t count) {
  struct Counter {
    std::uint64_t records = 0;
    void fragment(const RecordHeader&, Bytes) const {}
    void record(const RecordHeader&) { ++records; }
  };
  RecordReader reader;
  Counter counter;
  std::size_t end = 0;
  while (end < stream.size() && counter.records < count && !reader.error()) {
    // No further than to the end of the record that is being read.
    const std::size_t step =
        std::min(std::max<std::size_t>(reader.missing_bytes(), 1), stream.size() - end);
    reader.feed(stream.subspan(end, step), counter);
    end += step;
  }
  return end;
}

}  // namespace visavis::inspect
