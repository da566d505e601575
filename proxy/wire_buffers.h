#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace visavis::proxy {

/// WireBuffer holds bytes that are read from or written to a connection. Others may keep them
/// (inspect::ByteOwner): what was shown to them is then not written over.
using WireBuffer = std::shared_ptr<std::vector<std::uint8_t>>;

/// is_lent says whether others keep a buffer's bytes. Once they do not, what they have read was
/// read before what is written now.
inline bool is_lent(const WireBuffer& buffer) {
  if (buffer.use_count() > 1) return true;
  std::atomic_thread_fence(std::memory_order_acquire);
  return false;
}

/// WireBuffers are one thread's buffers that are used again, those first whose memory is likely to
/// be in a cache still.
class WireBuffers {
 public:
  /// Buffers kept, those kept while others have their bytes, and the largest one that is kept.
  static constexpr std::size_t kMostKept = 8;
  static constexpr std::size_t kMostLent = 64;
  static constexpr std::size_t kLargestKept = 128U * 1024;

  /// take returns a buffer that nobody else has, with anything in it.
  [[nodiscard]] WireBuffer take() {
    if (!kept_.empty() && !is_lent(kept_.back())) {
      // Nobody keeps them any more: there are too many.
      if (kept_.size() > kMostKept && !is_lent(kept_.front())) kept_.pop_front();
      WireBuffer buffer = std::move(kept_.back());
      kept_.pop_back();
      return buffer;
    }
    if (!kept_.empty() && !is_lent(kept_.front())) {
      WireBuffer buffer = std::move(kept_.front());
      kept_.pop_front();
      return buffer;
    }
    return std::make_shared<WireBuffer::element_type>();
  }

  void give_back(WireBuffer buffer) {
    const std::size_t most = is_lent(buffer) ? kMostLent : kMostKept;
    if (kept_.size() < most && buffer->capacity() <= kLargestKept)
      kept_.push_back(std::move(buffer));
  }

 private:
  std::deque<WireBuffer> kept_;  // given back first first
};

}  // namespace visavis::proxy
