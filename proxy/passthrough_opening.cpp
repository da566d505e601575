#include "proxy/passthrough_opening.h"

#include <array>

#include "inspect/bytes/limits.h"
#include "proxy/tcp_segments.h"

namespace visavis::proxy {
namespace {

namespace limits = inspect::limits;

/// Where a receive call puts its bytes until they are kept: never held across a wait.
thread_local std::array<std::uint8_t, 16384> chunk;

}  // namespace

void Opening::add(inspect::Bytes bytes) { keep(bytes, std::nullopt); }

Task<bool> Opening::read() {
  while (!stopped_ && end_ == WireEnd::open && bytes_.size() < limits::kMaxClientHelloBytes) {
    const Received received = receive_now(client_, chunk);
    if (received.count > 0) {
      keep(inspect::Bytes(chunk).first(received.count),
           received_data_segments(client_.native_handle()));
      co_return true;
    }
    end_ = received.end;
    if (end_ != WireEnd::open) break;
    const auto [error] = co_await client_.async_wait(Socket::wait_read, kUseTask);
    if (error) break;
  }
  co_return false;
}

Task<void> Opening::read_on() {
  bool more = true;
  while (more) more = co_await read();
}

/// A wait that is over already, and not yet resumed, can't be cancelled any more: hence the mark.
void Opening::stop() {
  stopped_ = true;
  error_code ignored;
  client_.cancel(ignored);
}

void Opening::release() {
  bytes_ = {};
  pieces_ = {};
}

/// A client that trickles its bytes has them put together in the last piece.
void Opening::keep(inspect::Bytes bytes, std::optional<std::uint32_t> data_segments) {
  if (pieces_.size() < limits::kMaxHelloSegments)
    pieces_.push_back({.begin = bytes_.size(), .size = 0, .data_segments = {}});
  Piece& piece = pieces_.back();
  piece.size += bytes.size();
  piece.data_segments = data_segments;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void Opening::show(const Piece& piece, PassthroughTap& tap) {
  const std::size_t end = piece.begin + piece.size;
  if (end <= shown_bytes_) return;
  const auto fresh = inspect::Bytes(bytes_).first(end).subspan(shown_bytes_);
  tap.show(tap.at_us(), inspect::Direction::c2s, fresh, piece.data_segments);
  shown_bytes_ = end;
}

}  // namespace visavis::proxy
