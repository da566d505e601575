#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "inspect/capture/captured_session.h"
#include "inspect/capture/stream_marker.h"
#include "inspect/capture/tcp_connection.h"
#include "inspect/capture/tls_finder.h"
#include "inspect/transcript/wire_decoder.h"

namespace visavis::inspect {

/// CapturedConnection looks for TLS in the two streams of one TCP connection, and makes a
/// CapturedSession of it. Until TLS is found it holds some bytes a direction.
///
/// The client is who sent the first ClientHello, else the peer of the first ServerHello, else who
/// sent the SYN, else who has the higher port.
///
/// A leg in a capture of the proxy's own is known by its label: it is a session's from its first
/// packet on, TLS or not.
class CapturedConnection : public TcpStreamSink {
 public:
  /// `decryption` must outlive the connection; null: nothing is decrypted.
  CapturedConnection(std::uint64_t number, const TcpSegment& first,
                     const CaptureDecryption* decryption = nullptr);
  ~CapturedConnection() override;
  CapturedConnection(const CapturedConnection&) = delete;
  CapturedConnection& operator=(const CapturedConnection&) = delete;

  void packet(bool first, const TcpSegment& segment) override;
  void data(bool first, const TcpSegment& segment, Bytes bytes) override;
  void gap(bool first, const TcpSegment& segment, std::uint64_t count) override;
  void ended(bool first, const TcpSegment& segment, StreamEnd how) override;

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] bool found_tls() const { return tls_ != nullptr; }
  /// label is what the proxy's own capture says of the connection; nothing: it is another's.
  [[nodiscard]] const std::optional<LegLabel>& label() const { return label_; }
  /// not_reached says how a connection that did not come about was answered: tcp_note::kRefused
  /// (RST) or kNoAnswer (nothing, to several SYNs). Empty: it did, or the capture does not tell.
  [[nodiscard]] std::string_view not_reached() const;
  [[nodiscard]] const NetworkEndpoint& server() const;
  /// is_not_tls is true when so much was said that no TLS can be expected any more.
  [[nodiscard]] bool is_not_tls() const;
  /// take_not_reached returns the session of a connection of which `not_reached` says something.
  [[nodiscard]] CapturedSession take_not_reached();
  /// take returns the session of a connection in which TLS was found, or that has a label. It can
  /// be called once; no more packets may come then.
  [[nodiscard]] CapturedSession take();

 private:
  /// Side is what one end of the connection has sent.
  struct Side {
    NetworkEndpoint endpoint;
    TlsFinder finder;
    bool tls = false;   // it was found
    bool lost = false;  // bytes of its TLS are missing: it is read no further
    std::uint64_t bytes = 0;
    std::uint64_t before = 0;  // bytes before its TLS
    std::uint64_t lost_bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t syns = 0;  // of packets, without those of an answer
    std::int64_t first_data_us = 0;
    std::optional<std::int64_t> syn_us;
    std::optional<std::int64_t> syn_ack_us;
    std::optional<StreamEnd> end;
  };
  struct Tls;

  [[nodiscard]] std::int64_t at_us(const TcpSegment& segment) const;
  [[nodiscard]] Side& side(bool first) { return sides_[first ? 0 : 1]; }
  [[nodiscard]] const Side& side(bool first) const { return sides_[first ? 0 : 1]; }
  [[nodiscard]] Direction direction(bool first) const;
  [[nodiscard]] bool first_is_client(bool finder, TlsBegins with) const;
  void read_label(const TcpSegment& segment);
  void begin_leg();
  void begin(bool first, TlsBegins with);
  void begin_other_if_plain(bool first, TlsBegins with);
  bool answers_without_tls(bool first) const;
  void observe(bool first, std::int64_t at, Bytes bytes);
  [[nodiscard]] CaptureView view() const;

  const CaptureDecryption* decryption_;
  std::uint64_t number_;
  std::int64_t started_ns_;
  std::int64_t last_us_ = 0;
  std::uint64_t first_packet_;
  std::uint64_t packets_ = 0;
  std::array<Side, 2> sides_;
  LegKind leg_ = LegKind::direct_leg;
  std::optional<LegLabel> label_;
  std::unique_ptr<Tls> tls_;
  std::unique_ptr<std::array<StreamMarker, 2>> marks_;  // null: they are not wanted
};

}  // namespace visavis::inspect
