#include "tests/support/captured_streams.h"

#include "inspect/capture/capture_reader.h"
#include "inspect/capture/tcp_table.h"

namespace visavis::test {
namespace {

using inspect::Bytes;
using inspect::TcpSegment;

class StreamSink : public inspect::TcpStreamSink {
 public:
  explicit StreamSink(CapturedStream& stream) : stream_(stream) {}

  void data(bool first, const TcpSegment& segment, Bytes bytes) override {
    if (lost(first)) return;
    stream_.parts.push_back(
        {first, static_cast<std::uint32_t>(segment.packet), {bytes.begin(), bytes.end()}});
  }
  void gap(bool first, const TcpSegment&, std::uint64_t) override { lost(first) = true; }
  void ended(bool, const TcpSegment&, inspect::StreamEnd) override {}

 private:
  bool& lost(bool first) { return first ? stream_.first_lost : stream_.second_lost; }

  CapturedStream& stream_;
};

class Streams : public inspect::TcpObserver {
 public:
  std::unique_ptr<inspect::TcpStreamSink> opened(std::uint64_t, const TcpSegment& first) override {
    const bool answer = first.syn && first.ack;
    streams_.push_back(
        {to_string(answer ? first.to : first.from), to_string(answer ? first.from : first.to), {}});
    return std::make_unique<StreamSink>(streams_.back());
  }
  bool wants_more(std::uint64_t, inspect::TcpStreamSink&) override { return true; }
  bool closed(std::uint64_t, std::unique_ptr<inspect::TcpStreamSink>) override { return false; }
  void passed(std::uint64_t) override {}

  std::deque<CapturedStream> streams_;  // which stay where they are
};

}  // namespace

std::vector<CapturedStream> read_streams(const std::filesystem::path& file) {
  inspect::ByteStream stream(file);
  inspect::CaptureReader reader(stream);
  inspect::PacketOpener opener;
  Streams streams;
  inspect::TcpTable table(streams);
  inspect::CapturedPacket packet;
  while (reader.next(packet))
    if (const auto opened = opener.open(packet); opened.tcp) table.add(*opened.tcp);
  table.finish();
  return {streams.streams_.begin(), streams.streams_.end()};
}

}  // namespace visavis::test
