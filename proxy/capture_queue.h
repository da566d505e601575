#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_owner.h"
#include "inspect/bytes/byte_reader.h"

namespace visavis::proxy {

/// CaptureBudget is the memory that a capture's packets may take until they are written, of all
/// threads together. Thread-safe.
class CaptureBudget {
 public:
  explicit CaptureBudget(std::size_t bytes) : left_(bytes) {}

  /// take returns false when there is not so much left.
  [[nodiscard]] bool take(std::size_t bytes) {
    std::size_t left = left_.load(std::memory_order_relaxed);
    while (left >= bytes)
      if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
    return false;
  }
  void give_back(std::size_t bytes) { left_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> left_;
};

/// CaptureLosses counts packets that were queued, and lost all the same.
using CaptureLosses = std::atomic<std::uint64_t>;

/// CapturePlace says where a packet belongs.
struct CapturePlace {
  std::uint32_t interface = 0;
  std::int64_t time_us = 0;                        ///< since 1970
  const std::shared_ptr<CaptureLosses>* losses{};  ///< of its leg; null: nobody asks
  const inspect::ByteOwner* owner{};               ///< of the payload; null: it is to be copied
  bool may_need_secrets = true;                    ///< that are yet to come
};

/// CaptureQueue takes the packets and secrets of one thread's sessions until the capture's own
/// thread collects them. Packets are queued as blocks of the file; a large payload stays in its
/// owner's buffer, if it has one, and the others are copied once. Thread-safe; in the relay nobody
/// else holds its lock but for the moment of collecting.
class CaptureQueue {
 public:
  /// Queued bytes at which the writer is woken.
  static constexpr std::size_t kWakeBytes = 512U * 1024;
  /// A payload that is not copied has so many bytes at least, half of what a receive call brings at
  /// most: so the buffers that are kept for them are well filled.
  static constexpr std::size_t kMinKeptBytes = 32U * 1024;
  /// What a queue takes of the budget at a time: asking for each packet would have all threads
  /// write to one place.
  static constexpr std::size_t kBudgetStep = 256U * 1024;
  /// Key log lines queued, at most: some 10,000 handshakes. A block of secrets must stay below what
  /// readers take (16 MiB).
  static constexpr std::size_t kMaxSecretBytes = 8U * 1024 * 1024;

  struct Packet {
    std::int64_t time_us = 0;
    std::size_t size = 0;      // of its block
    std::uint32_t losses = 0;  // where its leg's are in Batch::losses
    bool may_need_secrets = true;
    // Of a payload that was not copied: where it belongs in the block, and whose it is.
    std::uint32_t payload_place = 0;
    inspect::Bytes payload{};
    inspect::ByteOwner owner{};
  };
  struct Batch {
    std::vector<std::uint8_t> bytes;  // the packets' blocks, one behind the other
    std::vector<Packet> packets;
    std::size_t kept_bytes = 0;  // of payloads that were not copied
    std::size_t budget = 0;      // bytes; to be given back when the packets are written or lost
    std::vector<std::shared_ptr<CaptureLosses>> losses;
    std::string secrets;
    std::size_t secrets_lost = 0;  // lines
    std::size_t packets_lost = 0;
  };

  /// The budget must outlive the queue. What it does not allow is lost, not waited for.
  CaptureQueue(CaptureBudget& budget, std::function<void()> wake)
      : budget_(budget), wake_(std::move(wake)) {}

  /// add queues a packet as PcapngWriter::packet takes it. False: it is lost.
  bool add(const CapturePlace& place, inspect::Bytes headers, inspect::Bytes payload,
           std::size_t original_length, std::string_view comment, std::string_view note = {});
  /// add_secret queues a line of a key log (without its end) of a leg that `label` names.
  void add_secret(std::string_view label, std::string_view line);

  /// collect exchanges what is queued for an empty batch, whose memory is used again, and
  /// whose budget must have been given back.
  void collect(Batch& batch);
  /// close makes `add` lose everything from now on; open undoes it.
  void close();
  void open();

 private:
  [[nodiscard]] bool has_room(std::size_t bytes);
  std::uint32_t place_of_losses(const CapturePlace& place);

  CaptureBudget& budget_;
  std::function<void()> wake_;
  std::mutex mutex_;
  Batch batch_;
  std::string label_;  // of the secret queued last
  bool closed_ = false;
  bool woken_ = false;
};

}  // namespace visavis::proxy
