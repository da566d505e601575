#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspect/capture/leg_label.h"
#include "inspect/transcript/leg_decryptor.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// CaptureDecryption is what it takes to decrypt a capture's sessions.
struct CaptureDecryption {
  /// May grow while packets are read; must outlive whoever reads them.
  const KeyLog* key_log = nullptr;  ///< null: nothing is decrypted
  /// Makes the tap of a connection's application data, for the leg that it is (nothing: the
  /// capture is not the proxy's own), from its first packet's time (nanoseconds since 1970) on;
  /// empty, or null: it goes nowhere.
  std::function<std::unique_ptr<PlaintextTap>(const std::optional<LegLabel>&, std::int64_t)>
      make_tap;
  /// Makes the views' StreamMarks, for captures that are to be compared with another end's.
  bool mark_streams = false;
};

/// CapturedSession is one TCP connection of a capture in which TLS was found, or all those of one
/// session of the proxy's own.
struct CapturedSession {
  /// Its place among the file's TCP connections, from 0, in the order of their first packets: what
  /// Wireshark calls tcp.stream, unless that counts connections inside of ICMP packets, too.
  std::uint64_t connection = 0;
  std::int64_t started_ns = 0;  ///< its first packet's time, since 1970 in UTC
  std::int64_t duration_us = 0;
  Transcript transcript;  ///< its `capture` says how much the capture shows
  /// Bytes before TLS; nothing: no TLS was found in this direction.
  PerDirection<std::optional<std::uint64_t>> before_tls;
  std::unique_ptr<PlaintextTap> plaintext;  ///< the tap that was made for it, if any
  PerDirection<std::uint64_t> bytes;        ///< TCP payload, all of it that the capture shows
  /// Of which session it is which leg; nothing: it did not pass through the proxy, or what says so
  /// is not in the file.
  std::optional<LegLabel> label{};
  /// The session's further connections, in the order of their first packets.
  std::vector<CapturedSession> others{};
  /// What the proxy wrote of the session beside its packets, as it stands in the file; empty:
  /// nothing, or it is not in the file.
  std::string note{};
};

}  // namespace visavis::inspect
