#include "inspect/bundle/masked_stream.h"

#include <algorithm>

namespace visavis::inspect {

void MaskedStream::show(std::uint64_t position, std::uint64_t count) {
  if (count == 0) return;
  std::uint64_t end = position + count;
  auto next = shown_.upper_bound(position);
  if (next != shown_.begin() && std::prev(next)->second >= position) {
    --next;
    position = next->first;
    end = std::max(end, next->second);
  }
  while (next != shown_.end() && next->first <= end) {
    end = std::max(end, next->second);
    next = shown_.erase(next);
  }
  if (shown_.size() < kMaxParts) shown_[position] = end;
}

void MaskedStream::replace(std::uint64_t position, std::string_view mask) {
  const std::string blanks(mask.size(), kBlank);
  const bool room = mask_bytes_ + mask.size() <= kMaxMaskBytes && masks_.size() < kMaxParts;
  if (mask.empty()) return;
  // Without room for masks what they would stand over must not be shown, either.
  if (!room) {
    auto part = shown_.upper_bound(position);
    if (part == shown_.begin() || std::prev(part)->second <= position) return;
    --part;
    const auto [begin, end] = *part;
    shown_.erase(part);
    if (begin < position) shown_[begin] = position;
    if (position + mask.size() < end) shown_[position + mask.size()] = end;
    return;
  }
  mask_bytes_ += mask.size();
  masks_[position] = mask;
}

void MaskedStream::apply(std::uint64_t position, std::span<std::uint8_t> bytes) const {
  const std::uint64_t end = position + bytes.size();
  const auto place = [&](std::uint64_t at) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(std::clamp(at, position, end) - position);
  };
  auto part = shown_.upper_bound(position);
  if (part != shown_.begin()) --part;
  std::uint64_t done = position;
  for (; part != shown_.end() && part->first < end; ++part) {
    if (part->second <= position) continue;
    if (part->first > done) std::fill(place(done), place(part->first), kBlank);
    done = std::max(done, part->second);
  }
  if (done < end) std::fill(place(done), place(end), kBlank);
  auto mask = masks_.upper_bound(position);
  if (mask != masks_.begin()) --mask;
  for (; mask != masks_.end() && mask->first < end; ++mask) {
    const std::string& text = mask->second;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::uint64_t at = mask->first + i;
      if (at >= position && at < end)
        bytes[static_cast<std::size_t>(at - position)] = static_cast<std::uint8_t>(text[i]);
    }
  }
}

}  // namespace visavis::inspect
