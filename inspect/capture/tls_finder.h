#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// TlsBegins is what the TLS of a direction begins with.
enum class TlsBegins : std::uint8_t { client_hello, server_hello, alert, other_record };

/// TlsPlace is where TLS begins.
struct TlsPlace {
  TlsBegins with{};
  /// Where in the bytes that were given last; negative: in those before, `-begin` of them.
  std::ptrdiff_t begin = 0;
};

/// TlsFinder looks for the beginning of TLS in one direction of a TCP stream, by content alone: at
/// the stream's first byte any TLS record or SSL 2.0 hello; behind it a hello at any byte (a PROXY
/// header may lie in the same segment), or records that fill a segment to its end. It holds some
/// bytes, however much comes.
class TlsFinder {
 public:
  /// What is kept of a stream's beginning: enough to tell what was said before TLS.
  static constexpr std::size_t kHeadBytes = 64;

  /// add takes the next bytes, one call a segment, until TLS is found.
  std::optional<TlsPlace> add(Bytes segment);
  /// lost says that bytes are missing here.
  void lost();

  [[nodiscard]] Bytes head() const { return Bytes(head_).first(head_bytes_); }
  /// tail returns the last bytes before those that were given last.
  [[nodiscard]] Bytes tail() const { return tail_.view(); }
  /// passed counts the bytes that were given, without those that were given last.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }

 private:
  std::optional<TlsPlace> at_opening(Bytes segment);

  /// Of a stream's last bytes, one less than a hello is known by.
  static constexpr std::size_t kTailBytes = 10;
  struct Tail {
    std::array<std::uint8_t, kTailBytes> bytes{};
    std::size_t count = 0;
    [[nodiscard]] Bytes view() const { return Bytes(bytes).first(count); }
  };

  std::array<std::uint8_t, kHeadBytes> head_{};
  std::size_t head_bytes_ = 0;
  Tail tail_;
  Tail next_tail_;
  std::size_t last_bytes_ = 0;
  std::uint64_t passed_ = 0;
  bool opening_ = true;
};

/// begins_like_record is true for the header of a TLS record of an assigned type.
bool begins_like_record(Bytes bytes);

}  // namespace visavis::inspect
