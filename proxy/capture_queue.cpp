#include "proxy/capture_queue.h"

#include <utility>

#include "inspect/capture/pcapng_writer.h"

namespace visavis::proxy {

bool CaptureQueue::add(const CapturePlace& place, inspect::Bytes headers, inspect::Bytes payload,
                       std::size_t original_length, std::string_view comment) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || batch_.bytes.size() >= kMaxBytes) {
      ++batch_.packets_lost;
      return false;
    }
    const std::size_t before = batch_.bytes.size();
    inspect::PcapngWriter(batch_.bytes)
        .packet(place.interface, place.time_us, headers, payload, original_length, comment);
    batch_.packets.push_back({place.time_us, batch_.bytes.size() - before});
    if (batch_.bytes.size() >= kWakeBytes) wake = !std::exchange(woken_, true);
  }
  if (wake) wake_();
  return true;
}

void CaptureQueue::add_secret(std::string_view label, std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (batch_.secrets.size() >= kMaxSecretBytes) {
    ++batch_.secrets_lost;
    return;
  }
  if (batch_.secrets.empty() || label != label_) {
    label_ = label;
    batch_.secrets += "# ";
    batch_.secrets += label;
    batch_.secrets += '\n';
  }
  batch_.secrets += line;
  batch_.secrets += '\n';
}

void CaptureQueue::collect(Batch& batch) {
  if (batch.bytes.capacity() > 4 * kWakeBytes) batch.bytes = {};  // of a burst: given back
  batch.bytes.clear();
  batch.packets.clear();
  batch.secrets.clear();
  batch.secrets_lost = 0;
  batch.packets_lost = 0;
  const std::lock_guard lock(mutex_);
  std::swap(batch, batch_);
  woken_ = false;
}

void CaptureQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void CaptureQueue::open() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
}

}  // namespace visavis::proxy
