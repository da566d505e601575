#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/passthrough_socket.h"
#include "proxy/passthrough_tap.h"

namespace visavis::proxy {

/// Opening is what the client sends before there is a backend to pass it on to, read by read, so
/// that it can leave in the segments in which it came. At most limits::kMaxClientHelloBytes: the
/// rest waits in the kernel.
class Opening {
 public:
  /// Piece is one receive call's bytes.
  struct Piece {
    std::size_t begin = 0;
    std::size_t size = 0;
    std::optional<std::uint32_t> data_segments;  ///< counted by the kernel until then
  };

  explicit Opening(Socket& client) : client_(client) {}

  /// add puts in what somebody else has read already, as a piece; before the first `read`.
  void add(inspect::Bytes bytes);
  /// read waits for the next piece. False: the client has closed (`end`), there is no room, or
  /// `stop` was called.
  Task<bool> read();
  /// read_on reads until that is so.
  Task<void> read_on();
  /// stop ends reading for good, the wait for it included.
  void stop();

  /// show shows the tap a piece, as far as it has not been shown; in order.
  void show(const Piece& piece, PassthroughTap& tap);

  /// release gives the memory back once all of it has been passed on; `end` stays.
  void release();

  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  [[nodiscard]] inspect::Bytes bytes(const Piece& piece) const {
    return inspect::Bytes(bytes_).subspan(piece.begin, piece.size);
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] WireEnd end() const { return end_; }

 private:
  void keep(inspect::Bytes bytes, std::optional<std::uint32_t> data_segments);

  Socket& client_;
  std::vector<std::uint8_t> bytes_;
  std::size_t shown_bytes_ = 0;
  std::vector<Piece> pieces_;
  WireEnd end_ = WireEnd::open;
  bool stopped_ = false;
};

}  // namespace visavis::proxy
