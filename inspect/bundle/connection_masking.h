#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "inspect/bundle/mask.h"
#include "inspect/bundle/masked_stream.h"
#include "inspect/bundle/secret_parts.h"
#include "inspect/capture/tls_finder.h"
#include "inspect/record/record_reader.h"

namespace visavis::inspect {

/// ConnectionMasking reads both directions of one connection and finds what of them may be shown:
/// of TLS the records' headers, what is encrypted, and messages in clear without their secret
/// parts; before TLS, and without it, what mask_plain_text leaves. Bytes behind a gap in TLS, in
/// records that can't be placed, and everything under a suite that does not encrypt are blanked.
class ConnectionMasking {
 public:
  /// The mask must outlive it.
  explicit ConnectionMasking(const Mask& mask) : mask_(mask) {}

  /// set_client says which side, 0 or 1, is the TLS client, where that is known beforehand.
  void set_client(std::size_t side) { client_ = side; }
  /// add takes the next bytes of a side, one call a segment.
  void add(std::size_t side, Bytes bytes);
  /// lost says that bytes are missing.
  void lost(std::size_t side, std::uint64_t count);
  /// finish masks what is complete only now. No more bytes may come.
  void finish();

  [[nodiscard]] const MaskedStream& stream(std::size_t side) const { return sides_[side].masked; }

 private:
  /// Piece is where a part of the message that is being put together lies in its stream.
  struct Piece {
    std::uint64_t position = 0;
    std::size_t length = 0;
  };
  struct Side {
    MaskedStream masked;
    std::uint64_t position = 0;  // of the next byte
    TlsFinder finder;
    std::vector<std::uint8_t> plain;  // the beginning of what was said without TLS
    bool tls = false;
    bool blind = false;  // nothing that follows is shown
    RecordReader reader;
    bool change_cipher_spec = false;
    bool messages_lost = false;         // where the next one in clear begins is not known
    std::vector<std::uint8_t> pending;  // messages that are not complete, headers included
    std::deque<Piece> pieces;           // where that lies
  };
  struct Sink;

  void tls_bytes(std::size_t side, std::uint64_t position, Bytes bytes);
  void begin_sslv2_server(std::size_t side);
  void begin_tls(std::size_t side, const TlsPlace& place, Bytes bytes);
  [[nodiscard]] bool shows_record(const Side& side, const RecordHeader& header) const;
  [[nodiscard]] bool in_clear(const Side& side) const;
  void read_messages(std::size_t side);
  void show_message(std::size_t side, Bytes message, bool whole);
  void learn(std::size_t side, Bytes message);
  void mask_plain(Side& side);

  const Mask& mask_;
  std::array<Side, 2> sides_;
  std::optional<std::size_t> client_;
  std::optional<CipherSuite> suite_;
  bool tls13_ = false;
  bool no_encryption_ = false;
  bool early_data_ = false;  // the client's hello announces it
};

}  // namespace visavis::inspect
