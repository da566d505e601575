#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

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

  [[nodiscard]] Bytes head() const { return head_; }
  /// tail returns the last bytes before those that were given last.
  [[nodiscard]] Bytes tail() const { return tail_; }
  /// passed counts the bytes that were given, without those that were given last.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }

 private:
  std::optional<TlsPlace> at_opening(Bytes segment);

  std::vector<std::uint8_t> head_;
  std::vector<std::uint8_t> tail_;
  std::size_t last_bytes_ = 0;
  std::vector<std::uint8_t> next_tail_;
  std::uint64_t passed_ = 0;
  bool opening_ = true;
};

/// begins_like_record is true for the header of a TLS record of an assigned type.
bool begins_like_record(Bytes bytes);

}  // namespace visavis::inspect
