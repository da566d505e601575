#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "proxy/capture_file.h"
#include "proxy/capture_queue.h"
#include "proxy/key_log_file.h"
#include "proxy/session_clock.h"

namespace visavis::proxy {

/// Capture writes what passes on the wire to a file, and secrets to that or to a file of their own,
/// on a thread of its own: sessions queue (CaptureQueue) and go on.
///
/// A packet is written when it is kHold old, sorted by time, and after all secrets that have come
/// until then: those of the TLS call that it came with are among them. What can't be written (full
/// disk) is kept and tried again; meanwhile packets are lost, and their sessions told, as long as
/// they last. The file is whole after every write, so that who kills the process keeps what is
/// older than a second.
class Capture {
 public:
  static constexpr std::chrono::milliseconds kTick{100};
  static constexpr std::chrono::milliseconds kHold{200};
  /// In bulk transfer less is held: so much, and a packet of a handshake so long. Others are
  /// written at once, so that the relay has its buffers again while they are in a cache.
  static constexpr std::size_t kMaxHeldBytes = 512U * 1024;
  static constexpr std::chrono::milliseconds kMinHold{10};
  /// What all threads' queues and the hold may take: what the disk does not take in time is lost,
  /// not waited for. Protects the memory and the relay.
  static constexpr std::size_t kMaxBytes = 128U * 1024 * 1024;

  /// Opens the files. Throws std::runtime_error, one line that begins with the option's name.
  explicit Capture(CaptureOptions options);
  /// Writes all that was queued.
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  [[nodiscard]] const CaptureOptions& options() const { return options_; }
  /// add_queue makes the queue of a thread; it lives as long as the capture.
  CaptureQueue& add_queue();
  /// time_us is a session's time since 1970, by one clock for all of them: the system's may be set
  /// meanwhile, which would put packets out of order.
  [[nodiscard]] std::int64_t time_us(const SessionClock& clock, std::int64_t at) const;

 private:
  /// Collected is a batch of which some packets may wait still.
  struct Collected {
    CaptureQueue::Batch batch;
    std::size_t waiting = 0;  // packets
  };
  struct Waiting {
    std::uint8_t* block = nullptr;
    Collected* from = nullptr;
    CaptureQueue::Packet packet;

    [[nodiscard]] CaptureBlock parts() const;
  };

  void run();
  void wake();
  void turn(bool last);
  void collect();
  void take_in(std::unique_ptr<Collected> collected);
  void add_secret_blocks(const std::string& secrets);
  void write_secrets();
  void write_packets(std::int64_t older_than_us, std::int64_t established_older_than_us);
  void drop_written(std::size_t count);
  void report_problem();
  void report_recovery();
  void close_queues(bool close);
  void end_at_limit();
  void lose_waiting();
  void set_aside(std::unique_ptr<Collected> collected);
  [[nodiscard]] std::int64_t now_us() const;

  CaptureOptions options_;
  std::chrono::system_clock::time_point wall_origin_;
  std::chrono::steady_clock::time_point origin_;
  std::unique_ptr<CaptureFile> file_;
  std::unique_ptr<KeyLogFile> key_log_;

  CaptureBudget budget_{kMaxBytes};
  std::mutex mutex_;  // of the next four
  std::condition_variable changed_;
  bool woken_ = false;
  bool ending_ = false;
  std::vector<std::unique_ptr<CaptureQueue>> queues_;

  // Of the thread:
  std::vector<std::unique_ptr<Collected>> collected_;
  std::vector<std::unique_ptr<Collected>> spare_;
  std::vector<Waiting> waiting_;  // by time
  std::size_t held_bytes_ = 0;
  std::deque<std::vector<std::uint8_t>> secret_blocks_;
  std::int64_t last_time_us_ = 0;  // that was written
  bool failing_ = false;
  bool too_slow_ = false;   // it was, which was said
  bool ended_ = false;      // the limit was reached
  std::uint64_t lost_ = 0;  // packets
  std::thread thread_;
};

}  // namespace visavis::proxy
