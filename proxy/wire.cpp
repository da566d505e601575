#include "proxy/wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace visavis::proxy {
namespace {

/// Read-ahead of a thread, in bytes: a receive call that brings four full records costs as much as
/// one.
constexpr std::size_t kReadAheadBytes = 64U * 1024;

thread_local WireBuffers input_buffers;
thread_local WireBuffers output_buffers;

}  // namespace

struct Wire::ReadAhead {
  Wire* holder = nullptr;  // whose bytes these are
  std::size_t begin = 0;
  std::size_t end = 0;
  WireBuffer bytes;

  [[nodiscard]] inspect::Bytes held() const {
    return bytes ? inspect::Bytes(*bytes).subspan(begin, end - begin) : inspect::Bytes();
  }
  /// The buffer to be written to.
  std::span<std::uint8_t> room() {
    if (bytes && is_lent(bytes)) input_buffers.give_back(std::exchange(bytes, nullptr));
    if (!bytes) bytes = input_buffers.take();
    bytes->resize(kReadAheadBytes);
    return *bytes;
  }
};

Wire::ReadAhead& Wire::read_ahead() {
  thread_local ReadAhead buffer;
  return buffer;
}

Wire::Wire(Socket socket, inspect::TranscriptBuilder& transcript, const SessionClock& clock,
           inspect::Direction incoming)
    : socket_(std::move(socket)),
      transcript_(transcript),
      clock_(clock),
      incoming_(incoming),
      outgoing_(incoming == inspect::Direction::c2s ? inspect::Direction::s2c
                                                    : inspect::Direction::c2s) {}

Wire::~Wire() {
  stop_watching();
  ReadAhead& ahead = read_ahead();
  if (ahead.holder == this) ahead.holder = nullptr;
}

std::size_t Wire::take(std::span<std::uint8_t> into, inspect::Bytes from) {
  const std::size_t count = std::min(into.size(), from.size());
  std::copy_n(from.begin(), count, into.begin());
  return count;
}

void Wire::put_aside() {
  ReadAhead& ahead = read_ahead();
  const inspect::Bytes held = ahead.held();
  aside_.insert(aside_.end(), held.begin(), held.end());
  ahead.holder = nullptr;
}

std::size_t Wire::read(std::span<std::uint8_t> into) {
  if (!aside_.empty()) {
    const std::size_t count = take(into, inspect::Bytes(aside_).subspan(aside_taken_));
    aside_taken_ += count;
    if (aside_taken_ == aside_.size()) {
      aside_ = {};
      aside_taken_ = 0;
    }
    return count;
  }
  ReadAhead& ahead = read_ahead();
  if (ahead.holder != this || ahead.begin == ahead.end) {
    if (end_ != WireEnd::open) return 0;
    if (ahead.holder != nullptr && ahead.holder != this && ahead.begin < ahead.end)
      ahead.holder->put_aside();
    ahead.holder = this;
    ahead.begin = 0;
    ahead.end = 0;
    const std::span<std::uint8_t> room = ahead.room();
    ahead.end = receive_into(room, ahead.bytes);
    ++receives_;
  }
  const std::size_t count = take(into, ahead.held());
  ahead.begin += count;
  return count;
}

std::size_t Wire::receive(std::span<std::uint8_t> into) {
  return end_ == WireEnd::open ? receive_into(into, nullptr) : 0;
}

bool Wire::holds_bytes() const {
  const ReadAhead& ahead = read_ahead();
  return !aside_.empty() || (ahead.holder == this && ahead.begin < ahead.end);
}

std::size_t Wire::receive_into(std::span<std::uint8_t> into, const inspect::ByteOwner& owner) {
  if (!socket_.is_open()) return 0;
  ssize_t count = 0;
  do {
    count = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    const auto received = static_cast<std::size_t>(count);
    transcript_.observe_wire(clock_.at_us(), incoming_, into.first(received), owner);
    return received;
  }
  if (count == 0)
    note_end(WireEnd::fin);
  else if (errno != EAGAIN && errno != EWOULDBLOCK)
    note_end(WireEnd::rst);
  return 0;
}

void Wire::note_end(WireEnd end) {
  end_ = end;
  if (end == WireEnd::rst) broken_ = true;
  transcript_.observe_close(clock_.at_us(), sender(transcript_.transcript().leg, incoming_),
                            end == WireEnd::fin ? inspect::CloseHow::fin : inspect::CloseHow::rst);
}

void Wire::unread(inspect::Bytes bytes) {
  aside_.insert(aside_.begin() + static_cast<std::ptrdiff_t>(aside_taken_), bytes.begin(),
                bytes.end());
}

void Wire::stop_watching() {
  if (watch_) watch_->wire = nullptr;
  watch_.reset();
}

Task<bool> Wire::readable() {
  if (cancelled_) co_return false;
  if (holds_bytes()) co_return true;
  const auto [error] = co_await socket_.async_wait(Socket::wait_read, kUseTask);
  co_return !error && !cancelled_;
}

void Wire::watch_peer(std::function<void()> on_leaving) {
  watch_ = std::make_shared<Watch>(Watch{this, std::move(on_leaving)});
  wait_for_leaving(watch_, Socket::wait_read);
}

/// An operation that is left over when the watch ends finds no wire and does nothing.
void Wire::wait_for_leaving(const std::shared_ptr<Watch>& watch, Socket::wait_type what) {
  socket_.async_wait(what, [watch, what](error_code error) {
    if (error || watch->wire == nullptr) return;
    watch->wire->look_for_leaving(watch, what);
  });
}

void Wire::look_for_leaving(const std::shared_ptr<Watch>& watch, Socket::wait_type what) {
  if (what == Socket::wait_error) {
    // Unread bytes come before the RST in recv, and urgent data wakes as an error does.
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0) return;
    note_end(WireEnd::rst);
    return watch->on_leaving();
  }
  std::uint8_t byte = 0;
  const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
  // What was sent meanwhile (early data) hides a FIN, but not an RST.
  if (count > 0) return wait_for_leaving(watch, Socket::wait_error);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    return wait_for_leaving(watch, what);
  note_end(count == 0 ? WireEnd::fin : WireEnd::rst);
  watch->on_leaving();
}

/// One send of queued bytes, at most `limit`. False: none can be sent now.
bool Wire::send_some(std::size_t limit) {
  const inspect::Bytes queue = queued_bytes();
  const inspect::Bytes left = queue.first(std::min(limit, queue.size()));
  const ssize_t count = ::send(socket_.native_handle(), left.data(), left.size(), MSG_NOSIGNAL);
  if (count < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    broken_ = true;
    if (end_ == WireEnd::open) note_end(WireEnd::rst);
    return true;
  }
  const auto written = static_cast<std::size_t>(count);
  transcript_.observe_wire(clock_.at_us(), outgoing_, left.first(written), output_);
  sent_ += written;
  sent_total_ += written;
  return true;
}

bool Wire::try_flush() {
  while (queued() > 0 && !broken_)
    if (!send_some(queued())) return false;
  release_output();
  return true;
}

void Wire::release_output() {
  sent_ = 0;
  if (output_) output_buffers.give_back(std::exchange(output_, nullptr));
}

Task<bool> Wire::flush() {
  while (!try_flush()) {
    if (cancelled_) co_return false;
    const auto [error] = co_await socket_.async_wait(Socket::wait_write, kUseTask);
    if (error || cancelled_) co_return false;
  }
  co_return !broken_;
}

/// The other direction of the relay may send from the same queue meanwhile: the goal is a place in
/// the stream.
Task<bool> Wire::flush_first(std::size_t count) {
  const std::uint64_t goal = sent_total_ + std::min(count, queued());
  while (sent_total_ < goal && !broken_) {
    if (send_some(static_cast<std::size_t>(goal - sent_total_))) continue;
    if (cancelled_) co_return false;
    const auto [error] = co_await socket_.async_wait(Socket::wait_write, kUseTask);
    if (error || cancelled_) co_return false;
  }
  co_return !broken_;
}

void Wire::append(inspect::Bytes bytes) {
  const bool full = output_ && output_->capacity() - output_->size() < bytes.size();
  if (!output_ || (full && is_lent(output_))) {  // it must stay where it is: what is left moves
    WireBuffer fresh = output_buffers.take();
    const inspect::Bytes left = queued_bytes();
    fresh->assign(left.begin(), left.end());
    release_output();
    output_ = std::move(fresh);
  }
  output_->insert(output_->end(), bytes.begin(), bytes.end());
}

void Wire::shutdown_send() {
  if (fin_sent_ || broken_ || !socket_.is_open()) return;
  fin_sent_ = true;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  transcript_.observe_close(clock_.at_us(), sender(transcript_.transcript().leg, outgoing_),
                            inspect::CloseHow::fin);
}

void Wire::reset() {
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  if (end_ != WireEnd::rst)
    transcript_.observe_close(clock_.at_us(), sender(transcript_.transcript().leg, outgoing_),
                              inspect::CloseHow::rst);
  broken_ = true;
}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

void Wire::cancel() {
  cancelled_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace visavis::proxy
