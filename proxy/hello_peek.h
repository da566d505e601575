#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "inspect/handshake/client_hello.h"
#include "inspect/record/first_bytes.h"
#include "proxy/wire.h"

namespace visavis::proxy {

/// PeekEnd is why no ClientHello could be read.
enum class PeekEnd {
  closed,     ///< FIN or RST before the hello was complete
  cancelled,  ///< time-out
  not_tls,    ///< the first bytes are no TLS record; `protocol` says what they are
  malformed,  ///< the hello breaks the RFC; `error` says where
};

struct PeekFailure {
  PeekEnd end = PeekEnd::closed;
  inspect::Protocol protocol = inspect::Protocol::unknown;
  inspect::ParseError error;
};

/// PeekedHello is the client's ClientHello and all bytes that were read with it.
struct PeekedHello {
  inspect::ClientHello hello;
  std::vector<std::uint8_t> bytes;  ///< what OpenSSL must be fed: the hello and what came after it
  std::vector<std::uint32_t> segments;  ///< sizes of the reads
  bool segments_exact = false;          ///< their count equals the kernel's count of data segments
};

/// peek_hello reads the ClientHello: several records and any number of reads, bounded by
/// limits::kMaxClientHelloBytes. Both TLS and SSL 2.0 form. `segments_before`: the
/// client's segments with data that came before the hello; nothing when that is not known.
Task<std::variant<PeekedHello, PeekFailure>> peek_hello(
    Wire& wire, std::optional<std::uint32_t> segments_before = 0);

/// malformed_hello says what peek_hello finds wrong with a hello that begins with these bytes;
/// nothing: nothing, or it is no TLS at all, or more must come.
std::optional<inspect::ParseError> malformed_hello(inspect::Bytes bytes);

}  // namespace visavis::proxy
