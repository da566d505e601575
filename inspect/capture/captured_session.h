#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "inspect/transcript/leg_decryptor.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// CaptureDecryption is what it takes to decrypt a capture's sessions.
struct CaptureDecryption {
  /// May grow while packets are read; must outlive whoever reads them.
  const KeyLog* key_log = nullptr;  ///< null: nothing is decrypted
  /// Makes the tap of a session's application data; empty, or null: it goes nowhere.
  std::function<std::unique_ptr<PlaintextTap>()> make_tap;
};

/// CapturedSession is one TCP connection of a capture in which TLS was found.
struct CapturedSession {
  /// Its place among the file's TCP connections, from 0, in the order of their first packets: what
  /// Wireshark calls tcp.stream, unless that counts connections inside of ICMP packets, too.
  std::uint64_t connection = 0;
  std::int64_t started_ns = 0;  ///< its first packet's time, since 1970 in UTC
  std::int64_t duration_us = 0;
  Transcript transcript;  ///< of the direct leg; its `capture` says how much the capture shows
  /// Bytes before TLS; nothing: no TLS was found in this direction.
  PerDirection<std::optional<std::uint64_t>> before_tls;
  std::unique_ptr<PlaintextTap> plaintext;  ///< the tap that was made for it, if any
  PerDirection<std::uint64_t> bytes;        ///< TCP payload, all of it that the capture shows
};

}  // namespace visavis::inspect
