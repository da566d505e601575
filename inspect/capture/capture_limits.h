#pragma once
#include <cstddef>

/// Every buffer that a capture file can fill has its limit here, with what it protects.
namespace visavis::inspect::limits {

/// A captured packet, at most: what libpcap calls MAXIMUM_SNAPLEN. A larger length is a damaged
/// file's, and would be allocated.
inline constexpr std::size_t kMaxCapturedPacketBytes = 256U * 1024;

/// A pcapng block that is not a packet (secrets, names, statistics), at most. Longer ones are
/// passed over in pieces, unread.
inline constexpr std::size_t kMaxCaptureBlockBytes = 16U * 1024 * 1024;

/// Interfaces of one pcapng section. Wireshark's own merges stay below a hundred.
inline constexpr std::size_t kMaxCaptureInterfaces = 4096;

/// What one side of a TCP connection has sent too early and is held until what is missing comes:
/// four times the receive window of a long fast line, and no more small segments than that.
inline constexpr std::size_t kMaxHeldStreamBytes = 4U * 1024 * 1024;
inline constexpr std::size_t kMaxHeldSegments = 4096;
/// Bytes of one direction in which TLS is looked for. Greetings, STARTTLS and CONNECT take a few
/// hundred; a capture may begin in the middle of a record, and find the next ones.
inline constexpr std::size_t kMaxBytesBeforeTls = 256U * 1024;

/// TCP connections that are remembered at once, and those of them that are read as TLS or may
/// become it: some 400 bytes, and some 10 to 40 KiB each. Above that those go first of which
/// nothing was heard for longest; what was seen of them is reported.
inline constexpr std::size_t kMaxTrackedConnections = 65'536;
inline constexpr std::size_t kMaxOpenSessions = 4096;
/// Sessions that are over and wait for one that began before them, so that reports come in the
/// order of the file.
inline constexpr std::size_t kMaxWaitingSessions = 256;

/// What the proxy wrote of sessions beside their packets, while those wait: a note has at most 64
/// KiB, and a usual one some hundred bytes.
inline constexpr std::size_t kMaxHeldNoteBytes = 16U * 1024 * 1024;
/// Connections of one session of the proxy's own beside the first: a backend leg, one that was
/// given up for it, a direct twin. What has more is no capture of ours.
inline constexpr std::size_t kMaxSessionConnections = 8;

/// A sequence number further ahead than this is no later part of the same stream: the largest
/// window that TCP has is 1 GiB (RFC 7323 2.3).
inline constexpr std::size_t kMaxSequenceJump = 1U << 30;

}  // namespace visavis::inspect::limits
