#include "proxy/capture_queue.h"

#include <utility>

#include "inspect/capture/pcapng_writer.h"

namespace visavis::proxy {

namespace {

/// What a block has beside the packet and its comments, at most: its header, lengths, paddings and
/// the options' headers; and what is kept of it here.
constexpr std::size_t kBlockOverhead = 64 + sizeof(CaptureQueue::Packet);
/// Of a batch that is used again. Twice what a writer that comes late finds, mostly.
constexpr std::size_t kMaxKeptBytes = 16 * CaptureQueue::kWakeBytes;

}  // namespace

/// For so many bytes more.
bool CaptureQueue::has_room(std::size_t bytes) {
  while (batch_.budget < batch_.bytes.size() + batch_.kept_bytes + bytes) {
    if (!budget_.take(kBudgetStep)) return false;
    batch_.budget += kBudgetStep;
  }
  return true;
}

/// Packets of a leg come one after the other, mostly.
std::uint32_t CaptureQueue::place_of_losses(const CapturePlace& place) {
  static const std::shared_ptr<CaptureLosses> kNobody;
  const auto& losses = place.losses != nullptr ? *place.losses : kNobody;
  if (batch_.losses.empty() || batch_.losses.back() != losses) batch_.losses.push_back(losses);
  return static_cast<std::uint32_t>(batch_.losses.size() - 1);
}

bool CaptureQueue::add(const CapturePlace& place, inspect::Bytes headers, inspect::Bytes payload,
                       std::size_t original_length, std::string_view comment,
                       std::string_view note) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t size = headers.size() + payload.size() + comment.size() + note.size();
    if (closed_ || !has_room(size + kBlockOverhead)) {
      ++batch_.packets_lost;
      return false;
    }
    const std::size_t before = batch_.bytes.size();
    inspect::PcapngWriter writer(batch_.bytes);
    Packet packet{.time_us = place.time_us,
                  .losses = place_of_losses(place),
                  .may_need_secrets = place.may_need_secrets};
    if (place.owner != nullptr && *place.owner && payload.size() >= kMinKeptBytes) {
      packet.payload_place = static_cast<std::uint32_t>(writer.packet_around(
          place.interface, place.time_us, headers, payload, original_length, comment, note));
      packet.payload = payload;
      packet.owner = *place.owner;
      batch_.kept_bytes += payload.size();
    } else {
      writer.packet(place.interface, place.time_us, headers, payload, original_length, comment,
                    note);
    }
    packet.size = batch_.bytes.size() - before;
    batch_.packets.push_back(std::move(packet));
    if (batch_.bytes.size() + batch_.kept_bytes >= kWakeBytes) wake = !std::exchange(woken_, true);
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
  if (batch.bytes.capacity() > kMaxKeptBytes) batch.bytes = {};  // of a burst: given back
  batch.bytes.clear();
  batch.packets.clear();
  batch.kept_bytes = 0;
  batch.losses.clear();
  batch.budget = 0;
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
