#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/capture/handshake_filter.h"
#include "inspect/capture/leg_label.h"
#include "inspect/capture/tcp_packets.h"
#include "inspect/transcript/wire_tap.h"
#include "proxy/capture.h"
#include "proxy/key_log_sink.h"

namespace visavis::proxy {

/// CaptureLeg puts what a leg's transcript is told of its connection into the capture, as packets,
/// and its secrets. Of a direct leg in passthrough the backend is known late: what the client has
/// sent until then is held.
class CaptureLeg : public inspect::WireTap,
                   public KeyLogSink,
                   private inspect::PacketSink,
                   private inspect::HandshakeFilter::Sink {
 public:
  CaptureLeg(Capture& capture, CaptureQueue& queue, const SessionClock& clock, inspect::LegKind leg,
             const std::string& session);

  /// dialled_again says that the session had another connection for this leg, which was given up.
  void dialled_again() {
    label_.again = true;
    label_text_ = text(label_);
  }
  /// fall_back_to names the server's end, "ip:port", of a connection of which it never gets known.
  void fall_back_to(std::string address) { fallback_ = std::move(address); }

  [[nodiscard]] inspect::LegKind kind() const { return label_.leg; }

  void endpoints(std::string_view from, std::string_view to) override;
  void connected(std::int64_t at) override;
  void wire(std::int64_t at, inspect::Direction direction, inspect::Bytes bytes,
            const inspect::ByteOwner& owner) override;
  void early_data_refused(std::uint64_t c2s_records) override;
  void established(std::int64_t at, std::uint64_t c2s_records, std::uint64_t s2c_records) override;
  void closed(std::int64_t at, inspect::Party by, inspect::CloseHow how) override;
  void secret(std::string_view line) override;

  /// finish says that our sockets are closed: whoever we stood for has ended its direction, too.
  void finish();
  /// conclude adds a last packet with a comment and a note (empty: none), once the session's report
  /// is made. False: there is no connection to add it to, or it is lost.
  bool conclude(std::string_view comment, std::string_view note);

  /// lost counts the packets that were not taken, or were and are lost by now.
  [[nodiscard]] std::uint64_t lost() const { return lost_ + late_losses_->load(); }

 private:
  /// A leg's bytes are held so long without their times being changed.
  static constexpr std::int64_t kMaxDelayUs = 100'000;

  struct Held {
    std::int64_t at;
    inspect::Direction direction;
    std::vector<std::uint8_t> bytes;
  };
  struct Side {
    bool ended = false;
    std::uint64_t kept = 0;  // payload bytes, for --snap-session
    bool cut_told = false;
    std::optional<std::int64_t> reset_at;
  };

  void piece(std::int64_t at, inspect::Direction direction, inspect::Bytes bytes,
             std::size_t keep) override;
  void packet(inspect::Bytes headers, inspect::Bytes payload, std::size_t length) override;
  void open(std::int64_t at);
  void show(std::int64_t at, inspect::Direction direction, inspect::Bytes bytes);
  void end(std::int64_t at, inspect::Direction direction, bool reset);
  void set_time(std::int64_t at);
  /// False with --keylog alone.
  [[nodiscard]] bool writes_packets() const { return !capture_.options().file.empty(); }

  Capture& capture_;
  CaptureQueue& queue_;
  SessionClock clock_;
  inspect::LegLabel label_;
  std::string label_text_;
  std::string from_;
  std::string to_;
  std::string fallback_;
  std::optional<inspect::TcpPackets> packets_;  // from when the connection stands
  std::optional<inspect::HandshakeFilter> filter_;
  inspect::PerDirection<Side> sides_;
  std::vector<Held> held_;
  std::size_t held_bytes_ = 0;
  bool established_ = false;
  const inspect::ByteOwner* owner_ = nullptr;  // of the bytes that are shown now
  std::int64_t time_us_ = 0;                   // of the next packet
  std::string comment_;                        // of the next packet
  std::string_view note_;                      // the same
  bool timed_out_ = false;
  std::uint64_t lost_ = 0;
  std::shared_ptr<CaptureLosses> late_losses_ = std::make_shared<CaptureLosses>(0);
};

}  // namespace visavis::proxy
