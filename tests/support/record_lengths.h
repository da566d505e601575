#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/peers.h"

namespace visavis::testing {

/// kSplitSuite is a suite that is split under TLS 1.0, and that TLS 1.1 and 1.2 have as well.
inline constexpr std::string_view kSplitSuite = "AES128-SHA";

/// record_length is the length field of a record with so many bytes of plaintext: AES128-SHA up to
/// TLS 1.2 (RFC 5246 6.2.3.2, RFC 7366 3: 16-byte blocks, an IV of one block from TLS 1.1 on, a MAC
/// of 20 bytes, the shortest padding); TLS_AES_256_GCM_SHA384 or another with a tag of 16 bytes in
/// TLS 1.3 (RFC 8446 5.2).
[[nodiscard]] std::size_t record_length(const Version& version, std::size_t plaintext,
                                        bool encrypt_then_mac = true);

/// records_of is how split_intolerant_server.py prints records with so many bytes of plaintext.
[[nodiscard]] std::string records_of(const Version& version,
                                     const std::vector<std::size_t>& plaintexts,
                                     bool encrypt_then_mac = true);

/// curl_splitting are curl's options for exactly this version and kSplitSuite: 0/n under TLS 1.0,
/// none with `allow_beast`.
[[nodiscard]] std::vector<std::string> curl_splitting(const Version& version,
                                                      bool allow_beast = false);

/// SplitIntolerantServer is split_intolerant_server.py; `on_split`: "close", "reset", "silent", or
/// "answer".
class SplitIntolerantServer : public PythonPeer {
 public:
  SplitIntolerantServer(const Credentials& credentials, const std::string& on_split);

  /// requests waits until the server has printed `count` requests, and returns what it says of
  /// each: "36/0,100/79 refused".
  [[nodiscard]] std::vector<std::string> requests(std::size_t count);
};

}  // namespace visavis::testing
