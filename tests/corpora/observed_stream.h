#pragma once
#include <boost/json.hpp>

#include "inspect/transcript/transcript.h"
#include "tests/support/captured_streams.h"

/// What our own decoder reads out of a captured stream, in the words of the truth files (SCHEMA.md
/// of the corpora, tests/data/captures/README.md).
namespace visavis::corpora {

/// Observed is one stream as a WireDecoder and the parsers behind it see it.
struct Observed {
  /// client_hellos, server_hellos, certificates, alerts, handshakes, records: each an object with a
  /// list for c2s and one for s2c. version, cipher, resumed, established, hello_segments and
  /// chain, client_chain (sha256 of the certificates in the transcript): single values.
  boost::json::object facts;
  bool c2s_lost = false;  ///< bytes are missing: nothing behind them was looked at
  bool s2c_lost = false;
  bool saw_tls = false;  ///< a hello was read, or the leg counts as established
  inspect::Transcript transcript;
};

/// observe_stream feeds a stream to a WireDecoder. `client` ("ip:port") sends c2s; the first
/// `skip_c2s` and `skip_s2c` bytes are not TLS yet. Each packet's bytes are observed in one call,
/// or in pieces of `piece` bytes.
Observed observe_stream(const test::CapturedStream& stream, std::string_view client,
                        std::size_t skip_c2s, std::size_t skip_s2c, std::size_t piece = 0);

}  // namespace visavis::corpora
