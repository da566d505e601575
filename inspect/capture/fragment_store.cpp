#include "inspect/capture/fragment_store.h"

#include <algorithm>

namespace visavis::inspect {

std::vector<std::uint8_t> FragmentStore::add(const FragmentKey& key, std::size_t offset, bool more,
                                             Bytes payload) {
  if (payload.empty() || offset + payload.size() > kMaxPacketBytes) return {};
  auto found = std::find_if(packets_.begin(), packets_.end(),
                            [&key](const Packet& packet) { return packet.key == key; });
  if (found == packets_.end()) {
    packets_.push_front({key, {}, 0});
    if (packets_.size() > kMaxPackets) packets_.pop_back();
    found = packets_.begin();
  }
  if (found->pieces.size() >= kMaxFragments) return {};
  if (!more) found->length = offset + payload.size();
  const auto after =
      std::upper_bound(found->pieces.begin(), found->pieces.end(), offset,
                       [](std::size_t value, const Piece& piece) { return value < piece.offset; });
  found->pieces.insert(after, {offset, {payload.begin(), payload.end()}});
  std::vector<std::uint8_t> complete = whole(*found);
  if (!complete.empty()) packets_.erase(found);
  return complete;
}

std::vector<std::uint8_t> FragmentStore::whole(const Packet& packet) {
  if (packet.length == 0) return {};
  std::vector<std::uint8_t> bytes;
  for (const Piece& piece : packet.pieces) {
    if (piece.offset > bytes.size()) return {};
    const std::size_t known = bytes.size() - piece.offset;
    if (known < piece.bytes.size())
      bytes.insert(bytes.end(), piece.bytes.begin() + static_cast<std::ptrdiff_t>(known),
                   piece.bytes.end());
  }
  if (bytes.size() < packet.length) return {};
  bytes.resize(packet.length);
  return bytes;
}

}  // namespace visavis::inspect
