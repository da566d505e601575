#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"

namespace visavis::proxy {

/// CapturePlace says where a packet belongs.
struct CapturePlace {
  std::uint32_t interface = 0;
  std::int64_t time_us = 0;  ///< since 1970
};

/// CaptureQueue takes the packets and secrets of one thread's sessions until the capture's own
/// thread collects them. Packets are queued as blocks of the file, so that their bytes are copied
/// once. Thread-safe; in the relay nobody else holds its lock but for the moment of collecting.
class CaptureQueue {
 public:
  /// Queued bytes at which the writer is woken, and at most: what the disk does not take in time is
  /// lost, not waited for. Protects the memory and the relay.
  static constexpr std::size_t kWakeBytes = 2U * 1024 * 1024;
  static constexpr std::size_t kMaxBytes = 32U * 1024 * 1024;
  /// Key log lines queued, at most: some 10,000 handshakes. A block of secrets must stay below what
  /// readers take (16 MiB).
  static constexpr std::size_t kMaxSecretBytes = 8U * 1024 * 1024;

  struct Packet {
    std::int64_t time_us = 0;
    std::size_t size = 0;  // of its block
  };
  struct Batch {
    std::vector<std::uint8_t> bytes;  // the packets' blocks, one behind the other
    std::vector<Packet> packets;
    std::string secrets;
    std::size_t secrets_lost = 0;  // lines
    std::size_t packets_lost = 0;
  };

  explicit CaptureQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// add queues a packet as PcapngWriter::packet takes it. False: it is lost.
  bool add(const CapturePlace& place, inspect::Bytes headers, inspect::Bytes payload,
           std::size_t original_length, std::string_view comment);
  /// add_secret queues a line of a key log (without its end) of a leg that `label` names.
  void add_secret(std::string_view label, std::string_view line);

  /// collect exchanges what is queued for an empty batch, whose memory is used again.
  void collect(Batch& batch);
  /// close makes `add` lose everything from now on; open undoes it.
  void close();
  void open();

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  Batch batch_;
  std::string label_;  // of the secret queued last
  bool closed_ = false;
  bool woken_ = false;
};

}  // namespace visavis::proxy
