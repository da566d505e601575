#include "inspect/capture/handshake_filter.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;

constexpr std::uint8_t kHandshakeType = 22;
constexpr std::uint8_t kDataType = 23;
constexpr std::uint8_t kAlertType = 21;

ByteVector record(std::uint8_t type, std::size_t length, std::uint8_t fill) {
  ByteVector bytes{type, 3, 3, static_cast<std::uint8_t>(length >> 8),
                   static_cast<std::uint8_t>(length)};
  bytes.insert(bytes.end(), length, fill);
  return bytes;
}

void append(ByteVector& to, const ByteVector& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Kept is what a direction comes to: every byte that was sent, those left out as 0.
struct Kept : HandshakeFilter::Sink {
  PerDirection<ByteVector> bytes;
  std::vector<std::int64_t> times;
  void piece(std::int64_t at, Direction direction, Bytes piece, std::size_t keep) override {
    append(bytes[direction], {piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(keep)});
    bytes[direction].insert(bytes[direction].end(), piece.size() - keep, 0);
    times.push_back(at);
  }
};

ByteVector without_body(ByteVector record) {
  std::fill(record.begin() + 5, record.end(), std::uint8_t{0});
  return record;
}

TEST(HandshakeFilter, LeavesTheBodiesOfApplicationDataOutInAnyChunks) {
  ByteVector sent = record(kHandshakeType, 300, 1);
  ByteVector expected = sent;
  for (const auto& data : {record(kDataType, 40, 2), record(kDataType, 1, 3)}) {
    append(sent, data);
    append(expected, without_body(data));
  }
  append(sent, record(kAlertType, 20, 4));
  append(expected, record(kAlertType, 20, 4));
  append(sent, record(kDataType, 100, 5));
  append(expected, without_body(record(kDataType, 100, 5)));
  for (std::size_t chunk = 1; chunk <= sent.size(); ++chunk) {
    Kept kept;
    HandshakeFilter filter(kept);
    filter.established(1, 0);
    for (std::size_t at = 0; at < sent.size(); at += chunk)
      filter.add(0, Direction::c2s, Bytes(sent).subspan(at, std::min(chunk, sent.size() - at)));
    ASSERT_EQ(kept.bytes.c2s, expected) << chunk;
  }
}

/// TLS 1.3: Finished and the request come in one segment, and look alike.
TEST(HandshakeFilter, HoldsWhatMayBeEitherUntilTheHandshakeEnds) {
  Kept kept;
  HandshakeFilter filter(kept);
  const ByteVector hello = record(kHandshakeType, 100, 1);
  ByteVector flight = hello;
  append(flight, record(kDataType, 60, 2));
  filter.add(5, Direction::s2c, flight);
  EXPECT_EQ(kept.bytes.s2c.size(), hello.size() + 5);
  ByteVector request = record(kDataType, 53, 3);
  append(request, record(kDataType, 500, 4));
  filter.add(6, Direction::c2s, request);
  EXPECT_TRUE(kept.bytes.c2s.empty());
  filter.established(1, 2);
  EXPECT_EQ(kept.bytes.s2c, flight);
  ByteVector expected = record(kDataType, 53, 3);
  append(expected, without_body(record(kDataType, 500, 4)));
  EXPECT_EQ(kept.bytes.c2s, expected);
  EXPECT_EQ(kept.times, (std::vector<std::int64_t>{5, 5, 6}));
}

/// Early data (RFC 8446 2.3) that a server passes over lies before the client's Finished, and is
/// what the client wanted to say all the same.
TEST(HandshakeFilter, LeavesEarlyDataOutThatWasRefused) {
  Kept kept;
  HandshakeFilter filter(kept);
  const ByteVector hello = record(kHandshakeType, 300, 1);
  const ByteVector early = record(kDataType, 200, 2);
  const ByteVector finished = record(kDataType, 53, 3);
  const ByteVector request = record(kDataType, 400, 4);
  ByteVector sent = hello;
  for (const ByteVector& each : {early, early, finished, request}) append(sent, each);
  filter.add(0, Direction::c2s, sent);
  const ByteVector answer = record(kDataType, 60, 5);
  filter.add(1, Direction::s2c, answer);
  filter.early_data_refused(3);
  filter.established(4, 1);
  ByteVector expected = hello;
  for (const ByteVector& each :
       {without_body(early), without_body(early), finished, without_body(request)})
    append(expected, each);
  EXPECT_EQ(kept.bytes.c2s, expected);
  EXPECT_EQ(kept.bytes.s2c, answer) << "of the client's records only";
}

TEST(HandshakeFilter, KeepsAllOfAHandshakeThatFails) {
  Kept kept;
  HandshakeFilter filter(kept);
  const ByteVector flight = record(kDataType, 60, 2);
  filter.add(0, Direction::s2c, flight);
  filter.ended();
  EXPECT_EQ(kept.bytes.s2c, flight);
}

TEST(HandshakeFilter, HoldsNoMoreThanItsLimit) {
  Kept kept;
  HandshakeFilter filter(kept);
  const ByteVector data = record(kDataType, 16'000, 2);
  std::size_t sent = 0;
  for (; sent <= limits::kMaxRawBytes + data.size(); sent += data.size())
    filter.add(0, Direction::s2c, data);
  ASSERT_EQ(kept.bytes.s2c.size(), sent);
  EXPECT_EQ(ByteVector(kept.bytes.s2c.begin() + 5, kept.bytes.s2c.begin() + 16'005),
            ByteVector(16'000, 0));
}

TEST(HandshakeFilter, KeepsABeginningOfWhatIsNoTls) {
  for (const std::size_t chunk : {1U, 7U, 100'000U}) {
    Kept kept;
    HandshakeFilter filter(kept);
    const ByteVector plain(3 * limits::kMaxRawPlainBytes, 'G');
    for (std::size_t at = 0; at < plain.size(); at += chunk)
      filter.add(0, Direction::c2s, Bytes(plain).subspan(at, std::min(chunk, plain.size() - at)));
    ASSERT_EQ(kept.bytes.c2s.size(), plain.size());
    const auto kept_bytes = std::count(kept.bytes.c2s.begin(), kept.bytes.c2s.end(), 'G');
    EXPECT_GE(kept_bytes, static_cast<std::ptrdiff_t>(limits::kMaxRawPlainBytes));
    EXPECT_LE(kept_bytes, static_cast<std::ptrdiff_t>(limits::kMaxRawPlainBytes + 5));
  }
}

}  // namespace
}  // namespace visavis::inspect
