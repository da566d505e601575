#pragma once
#include <cstdint>
#include <vector>

#include "inspect/record/record_reader.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// HandshakeFilter leaves application data out of what a leg sends: of a record of that type only
/// the header is kept. In TLS 1.3 records of the handshake have the type too (RFC 8446 5.1): from
/// the first one on bytes are held until it is known where the handshake ended. Of what is no TLS a
/// beginning is kept.
class HandshakeFilter {
 public:
  /// Sink takes what was sent, in order: of `bytes` the first `keep` may be kept.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void piece(std::int64_t at, Direction direction, Bytes bytes, std::size_t keep) = 0;
  };

  explicit HandshakeFilter(Sink& sink) : sink_(sink) {}

  void add(std::int64_t at, Direction direction, Bytes bytes);
  /// early_data_refused says that of the client's records before this number those of application
  /// data are early data that the server has passed over: not of the handshake.
  void early_data_refused(std::uint64_t c2s_records) { refused_ = c2s_records; }
  /// established says how many records of each direction belong to the handshake, and releases what
  /// is held.
  void established(std::uint64_t c2s_records, std::uint64_t s2c_records);
  /// ended says that the handshake will not end: all that was sent belongs to it.
  void ended();

 private:
  struct Held {
    std::int64_t at;
    Direction direction;
    std::vector<std::uint8_t> bytes;
  };
  struct Side {
    RecordReader reader;
    std::uint64_t records = 0;            // complete ones
    std::uint64_t handshake_records = 0;  // once decided
    std::size_t plain_bytes = 0;          // kept of what is no TLS
  };

  /// What is to become of the next bytes of a side.
  enum class Fate { keep, cut, unknown };
  [[nodiscard]] Fate fate(const Side& side) const;
  [[nodiscard]] std::size_t split(std::int64_t at, Direction direction, Bytes bytes);
  std::size_t take_part(Side& side, Bytes bytes, Fate fate);
  void hold(std::int64_t at, Direction direction, Bytes bytes);
  void release();

  Sink& sink_;
  PerDirection<Side> sides_;
  std::uint64_t refused_ = 0;  // of the client's records, up to here
  bool decided_ = false;
  std::vector<Held> held_;
  std::size_t held_bytes_ = 0;
};

}  // namespace visavis::inspect
