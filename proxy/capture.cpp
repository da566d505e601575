#include "proxy/capture.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "inspect/capture/pcapng_writer.h"

namespace visavis::proxy {
namespace {

/// Of key log lines in one block: small enough for the smallest file of a rotation.
constexpr std::size_t kSecretBlockBytes = 64U * 1024;
/// Batches kept to be used again: memory that is new costs the relay more than the copying. Given
/// back one by one when there is less to do.
constexpr std::size_t kSpareBatches = 16;
constexpr std::size_t kSpareWhenIdle = 4;
/// Blocks of secrets that wait for a full disk, at most: 16 MiB.
constexpr std::size_t kMaxSecretBlocks = 256;
constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

std::int64_t microseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

void count_loss(const CaptureQueue::Batch& batch, std::uint32_t losses) {
  if (const auto& of_leg = batch.losses[losses]) ++*of_leg;
}

}  // namespace

Capture::Capture(CaptureOptions options)
    : options_(std::move(options)),
      wall_origin_(std::chrono::system_clock::now()),
      origin_(std::chrono::steady_clock::now()) {
  if (!options_.file.empty()) file_ = std::make_unique<CaptureFile>(options_);
  if (!options_.key_log.empty()) key_log_ = std::make_unique<KeyLogFile>(options_.key_log);
  thread_ = std::thread([this] { run(); });
}

Capture::~Capture() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

CaptureQueue& Capture::add_queue() {
  const std::lock_guard lock(mutex_);
  queues_.push_back(std::make_unique<CaptureQueue>(budget_, [this] { wake(); }));
  if (!file_) queues_.back()->close();
  return *queues_.back();
}

std::int64_t Capture::time_us(const SessionClock& clock, std::int64_t at) const {
  const auto wall =
      std::chrono::duration_cast<std::chrono::microseconds>(wall_origin_.time_since_epoch());
  return wall.count() + microseconds(clock.origin() - origin_) + at;
}

std::int64_t Capture::now_us() const {
  const auto wall =
      std::chrono::duration_cast<std::chrono::microseconds>(wall_origin_.time_since_epoch());
  return wall.count() + microseconds(std::chrono::steady_clock::now() - origin_);
}

/// Notified without the lock: who wakes on the same CPU would only wait for that.
void Capture::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Capture::run() {
  bool last = false;
  while (!last) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kTick, [this] { return woken_ || ending_; });
      woken_ = false;
      last = ending_;
    }
    turn(last);
  }
  lost_ += waiting_.size();
  if (file_ && lost_ > 0 && !ended_)
    spdlog::warn("--capture {}: {} packets are not in it", options_.file, lost_);
}

/// What was collected after this turn began may be older than what it writes; the hold is there for
/// that.
void Capture::turn(bool last) {
  const std::int64_t now = now_us();
  collect();
  if (waiting_.empty() && spare_.size() > kSpareWhenIdle) spare_.pop_back();
  if (!file_ || ended_) return;
  write_secrets();
  if (last) return write_packets(kForever, kForever);
  const std::int64_t hold = now - std::chrono::microseconds(kHold).count();
  write_packets(hold, hold);
  if (held_bytes_ > kMaxHeldBytes)
    write_packets(now - std::chrono::microseconds(kMinHold).count(), now);
}

void Capture::collect() {
  std::vector<CaptureQueue*> queues;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& queue : queues_) queues.push_back(queue.get());
  }
  const std::size_t before = waiting_.size();
  for (CaptureQueue* queue : queues) {
    std::unique_ptr<Collected> collected;
    if (spare_.empty()) {
      collected = std::make_unique<Collected>();
    } else {
      collected = std::move(spare_.back());
      spare_.pop_back();
    }
    queue->collect(collected->batch);
    take_in(std::move(collected));
  }
  const auto by_time = [](const Waiting& left, const Waiting& right) {
    return left.packet.time_us < right.packet.time_us;
  };
  const auto fresh = waiting_.begin() + static_cast<std::ptrdiff_t>(before);
  if (!std::is_sorted(fresh, waiting_.end(), by_time))  // of one thread they mostly are
    std::stable_sort(fresh, waiting_.end(), by_time);
  if (before > 0 && fresh != waiting_.end() && by_time(*fresh, *std::prev(fresh)))
    std::inplace_merge(waiting_.begin(), fresh, waiting_.end(), by_time);
}

void Capture::take_in(std::unique_ptr<Collected> collected) {
  CaptureQueue::Batch& batch = collected->batch;
  if (!batch.secrets.empty()) {
    if (key_log_) key_log_->write(batch.secrets);
    if (file_ && options_.secrets && !ended_) add_secret_blocks(batch.secrets);
  }
  lost_ += batch.packets_lost;
  if (batch.packets_lost > 0 && !failing_ && !ended_ && file_ && !std::exchange(too_slow_, true))
    spdlog::warn(
        "--capture {}: the disk is too slow: packets are lost, and counted in their sessions",
        options_.file);
  if (batch.secrets_lost > 0)
    spdlog::warn("{} lines of secrets came faster than they can be written, and are lost",
                 batch.secrets_lost);
  std::uint8_t* block = batch.bytes.data();
  if (!ended_) {
    for (CaptureQueue::Packet& packet : batch.packets) {
      const std::size_t size = packet.size;
      waiting_.push_back({block, collected.get(), std::move(packet)});
      block += size;
    }
    collected->waiting = batch.packets.size();
    held_bytes_ += batch.bytes.size() + batch.kept_bytes;
  } else {  // queued before the queue was closed
    for (const CaptureQueue::Packet& packet : batch.packets) count_loss(batch, packet.losses);
  }
  if (collected->waiting > 0)
    collected_.push_back(std::move(collected));
  else
    set_aside(std::move(collected));
}

/// Of a batch nothing waits any more.
void Capture::set_aside(std::unique_ptr<Collected> collected) {
  collected->waiting = 0;
  budget_.give_back(std::exchange(collected->batch.budget, 0));
  collected->batch.losses.clear();
  if (spare_.size() < kSpareBatches) spare_.push_back(std::move(collected));
}

/// Lines are never cut.
void Capture::add_secret_blocks(const std::string& secrets) {
  std::string_view left = secrets;
  while (!left.empty() && secret_blocks_.size() < kMaxSecretBlocks) {
    std::size_t size = left.size();
    if (size > kSecretBlockBytes) size = left.rfind('\n', kSecretBlockBytes - 1) + 1;
    if (size == 0) size = left.find('\n') + 1;
    std::vector<std::uint8_t> block;
    inspect::PcapngWriter(block).secrets(left.substr(0, size));
    secret_blocks_.push_back(std::move(block));
    left.remove_prefix(size);
  }
}

void Capture::write_secrets() {
  while (!secret_blocks_.empty()) {
    const CaptureBlock block{secret_blocks_.front()};
    if (file_->write({&block, 1}) == 0) return report_problem();
    secret_blocks_.pop_front();
  }
}

/// In the order in which they are written.
CaptureBlock Capture::Waiting::parts() const {
  const inspect::Bytes whole(block, packet.size);
  if (packet.payload.empty()) return {whole};
  return {whole.first(packet.payload_place), packet.payload, whole.subspan(packet.payload_place)};
}

/// Without the secrets before it a packet can't be read: it waits for them.
void Capture::write_packets(std::int64_t older_than_us, std::int64_t established_older_than_us) {
  if (!secret_blocks_.empty() || ended_) return;
  std::vector<CaptureBlock> blocks;
  for (Waiting& waiting : waiting_) {
    const std::int64_t time_us = waiting.packet.time_us;
    if (time_us >= (waiting.packet.may_need_secrets ? older_than_us : established_older_than_us))
      break;
    // One that came too late for its place: the file stays in order.
    if (time_us < last_time_us_)
      inspect::PcapngWriter::set_time({waiting.block, waiting.packet.size}, last_time_us_);
    last_time_us_ = std::max(last_time_us_, time_us);
    blocks.push_back(waiting.parts());
  }
  const std::size_t written = file_->write(blocks);
  drop_written(written);
  if (written < blocks.size()) return report_problem();
  if (failing_ && waiting_.empty() && file_->has_room()) report_recovery();
}

void Capture::drop_written(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    held_bytes_ -= waiting_[i].parts().size();
    --waiting_[i].from->waiting;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  for (auto& collected : collected_)
    if (collected->waiting == 0) set_aside(std::move(collected));
  std::erase(collected_, nullptr);
}

void Capture::report_problem() {
  if (file_->limit_reached()) return end_at_limit();
  if (std::exchange(failing_, true)) return;
  close_queues(true);
  spdlog::warn("--capture {}: {}; packets are lost from here on, and counted in their sessions",
               options_.file, file_->problem());
}

void Capture::close_queues(bool close) {
  const std::lock_guard lock(mutex_);
  for (const auto& queue : queues_) close ? queue->close() : queue->open();
}

/// Once all is written that waited, and there is room for more: on a full disk a small packet finds
/// its place now and then.
void Capture::report_recovery() {
  failing_ = false;
  close_queues(false);
  spdlog::warn("--capture {}: can be written again", options_.file);
}

/// What was queued and will not be written: sessions whose reports are still to be made say so.
void Capture::lose_waiting() {
  for (const Waiting& waiting : waiting_) count_loss(waiting.from->batch, waiting.packet.losses);
  waiting_.clear();
  held_bytes_ = 0;
  for (auto& collected : collected_) set_aside(std::move(collected));
  collected_.clear();
}

void Capture::end_at_limit() {
  ended_ = true;
  close_queues(true);
  lose_waiting();
  secret_blocks_.clear();
  spdlog::warn("--capture-limit is reached: nothing more is captured");
}

}  // namespace visavis::proxy
