#pragma once
#include <array>
#include <cstdint>

#include "inspect/bytes/byte_reader.h"
#include "inspect/capture/network_address.h"

namespace visavis::inspect {

/// PacketSink takes packets as they are made.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  /// packet brings the headers, what is kept of the payload, and the length of the whole packet.
  virtual void packet(Bytes headers, Bytes payload, std::size_t length) = 0;
};

/// TcpPackets turns what was read from and written to a TCP connection into packets as they may
/// have been on the wire: raw IP with right lengths, sequence numbers and checksums (those of the
/// whole payload, kept or not). Each packet acknowledges all that the other side has sent before.
/// Where a read was larger than a packet may be, it is several.
class TcpPackets {
 public:
  /// What an IPv4 packet of 65,535 bytes holds beside its headers.
  static constexpr std::size_t kMaxPayloadBytes = 65'535 - 40;

  /// `client` opened the connection. Ends of different families are both written as IPv6.
  TcpPackets(const NetworkEndpoint& client, const NetworkEndpoint& server);

  /// open makes the three packets of the handshake. RFC 9293 3.5.
  void open(PacketSink& sink);
  /// data makes the packets of bytes that a side sent; at most `keep` of them are kept.
  void data(bool from_client, Bytes bytes, std::size_t keep, PacketSink& sink);
  void fin(bool from_client, PacketSink& sink);
  void rst(bool from_client, PacketSink& sink);
  /// acknowledge makes a packet that does nothing else.
  void acknowledge(bool from_client, PacketSink& sink);

 private:
  struct Side {
    NetworkEndpoint endpoint;
    std::uint32_t next = 0;          // sequence number of the next byte
    std::uint32_t acknowledged = 0;  // by the other side
  };
  struct Flags {
    bool fin = false, syn = false, rst = false, push = false, ack = false;
  };

  void packet(bool from_client, Flags flags, Bytes payload, std::size_t keep, PacketSink& sink);

  Side client_;
  Side server_;
};

}  // namespace visavis::inspect
