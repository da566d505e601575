#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <vector>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// FragmentKey tells the fragments of one IP packet from those of others: RFC 791 3.2, RFC 8200
/// 4.5.
struct FragmentKey {
  std::array<std::uint8_t, 16> from{};
  std::array<std::uint8_t, 16> to{};
  std::uint32_t identification = 0;
  std::uint8_t protocol = 0;

  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

/// FragmentStore puts fragmented IP packets together. Of fragments that overlap the first stays.
/// It keeps a bounded number of unfinished packets, the oldest of which go first.
class FragmentStore {
 public:
  static constexpr std::size_t kMaxPackets = 64;
  static constexpr std::size_t kMaxPacketBytes = 65'535;
  static constexpr std::size_t kMaxFragments = 128;  ///< of one packet

  /// add takes a fragment at `offset` bytes. It returns the whole payload with the fragment that
  /// completes it, else nothing.
  std::vector<std::uint8_t> add(const FragmentKey& key, std::size_t offset, bool more,
                                Bytes payload);

 private:
  struct Piece {
    std::size_t offset;
    std::vector<std::uint8_t> bytes;
  };
  struct Packet {
    FragmentKey key;
    std::vector<Piece> pieces;  // by offset
    std::size_t length = 0;     // of the whole; 0: not known yet
  };

  static std::vector<std::uint8_t> whole(const Packet& packet);

  std::list<Packet> packets_;  // the newest first
};

}  // namespace visavis::inspect
