#include "proxy/capture_leg.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "inspect/bytes/limits.h"
#include "proxy/backend_address.h"

namespace visavis::proxy {
namespace {

using inspect::Bytes;
using inspect::CloseHow;
using inspect::Direction;
using inspect::LegKind;
using inspect::NetworkEndpoint;
using inspect::Party;

/// Reads "ip:port"; nothing else comes here but an empty text.
std::optional<NetworkEndpoint> endpoint_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const HostPort host_port = parse_host_port(text);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host_port.host, error);
  if (error) return std::nullopt;
  NetworkEndpoint endpoint;
  endpoint.port = host_port.port;
  endpoint.v6 = address.is_v6();
  if (endpoint.v6)
    endpoint.address = address.to_v6().to_bytes();
  else
    std::ranges::copy(address.to_v4().to_bytes(), endpoint.address.begin());
  return endpoint;
}

Direction opposite(Direction direction) {
  return direction == Direction::c2s ? Direction::s2c : Direction::c2s;
}

}  // namespace

CaptureLeg::CaptureLeg(Capture& capture, CaptureQueue& queue, const SessionClock& clock,
                       LegKind leg, const std::string& session)
    : capture_(capture),
      queue_(queue),
      clock_(clock),
      label_{session, leg},
      label_text_(text(label_)) {
  if (capture_.options().handshakes_only)
    filter_.emplace(static_cast<inspect::HandshakeFilter::Sink&>(*this));
}

void CaptureLeg::endpoints(std::string_view from, std::string_view to) {
  from_ = from;
  to_ = to;
}

void CaptureLeg::connected(std::int64_t at) { open(at); }

/// The packets of the TCP handshake, and what was held.
void CaptureLeg::open(std::int64_t at) {
  const auto from = endpoint_of(from_);
  const auto to = endpoint_of(to_.empty() ? fallback_ : to_);
  if (packets_ || !from || !to || !writes_packets()) return;
  packets_.emplace(*from, *to);
  const bool held = !held_.empty();
  set_time(held ? held_.front().at : at);
  comment_ = label_text_;
  if (held && clock_.at_us() - held_.front().at > kMaxDelayUs)
    comment_ += "; its first bytes came " +
                std::to_string((clock_.at_us() - held_.front().at) / 1000) +
                " ms before, when it was not known yet where they go";
  packets_->open(*this);
  for (const Held& each : std::exchange(held_, {})) show(each.at, each.direction, each.bytes);
  held_bytes_ = 0;
}

/// What came long ago has no place in the file any more, which is in the order of time; nor is a
/// packet put before one that was made before it.
void CaptureLeg::set_time(std::int64_t at) {
  const std::int64_t now = clock_.at_us();
  time_us_ = std::max(time_us_, capture_.time_us(clock_, now - at > kMaxDelayUs ? now : at));
}

void CaptureLeg::wire(std::int64_t at, Direction direction, Bytes bytes,
                      const inspect::ByteOwner& owner) {
  if (packets_) {
    owner_ = filter_ ? nullptr : &owner;  // the filter shows pieces of its own
    show(at, direction, bytes);
    owner_ = nullptr;
    return;
  }
  if (!writes_packets()) return;
  held_bytes_ += bytes.size();
  if (held_bytes_ > inspect::limits::kMaxRawBytes) {
    ++lost_;
    return;
  }
  held_.push_back({at, direction, {bytes.begin(), bytes.end()}});
}

void CaptureLeg::show(std::int64_t at, Direction direction, Bytes bytes) {
  if (sides_[direction].ended) return;
  if (filter_) return filter_->add(at, direction, bytes);
  piece(at, direction, bytes, bytes.size());
}

void CaptureLeg::early_data_refused(std::uint64_t c2s_records) {
  if (filter_) filter_->early_data_refused(c2s_records);
}

void CaptureLeg::established(std::int64_t, std::uint64_t c2s_records, std::uint64_t s2c_records) {
  established_ = true;
  if (filter_) filter_->established(c2s_records, s2c_records);
}

void CaptureLeg::piece(std::int64_t at, Direction direction, Bytes bytes, std::size_t keep) {
  Side& side = sides_[direction];
  const auto& snap = capture_.options().snap_session;
  const bool filtered = keep < bytes.size();
  if (snap) keep = std::min<std::uint64_t>(keep, *snap - std::min(*snap, side.kept));
  const bool snapped = !filtered && keep < bytes.size();
  side.kept += keep;
  if ((filtered || snapped) && !std::exchange(side.cut_told, true))
    comment_ = filtered ? std::string(inspect::kDataLeftOutComment) + " (--handshakes-only)"
                        : std::string(inspect::kDirectionCutComment) + std::to_string(side.kept) +
                              " bytes (--snap-session)";
  set_time(at);
  packets_->data(direction == Direction::c2s, bytes, keep, *this);
}

void CaptureLeg::packet(Bytes headers, Bytes payload, std::size_t length) {
  const CapturePlace place{static_cast<std::uint32_t>(label_.leg), time_us_, &late_losses_, owner_,
                           !established_};
  if (!queue_.add(place, headers, payload, length, comment_, note_)) ++lost_;
  comment_.clear();
  note_ = {};
}

/// close_notify is bytes of the wire, and a time-out nobody's packet. An RST noted on a direct leg
/// overtakes what was sent before it: it waits.
void CaptureLeg::closed(std::int64_t at, Party by, CloseHow how) {
  if (how == CloseHow::timeout) timed_out_ = true;
  if (how != CloseHow::fin && how != CloseHow::rst) return;
  for (const Direction direction : {Direction::c2s, Direction::s2c}) {
    if (sender(label_.leg, direction) != by) continue;
    if (how == CloseHow::rst && label_.leg == LegKind::direct_leg)
      sides_[direction].reset_at = at;
    else
      end(at, direction, how == CloseHow::rst);
  }
}

void CaptureLeg::end(std::int64_t at, Direction direction, bool reset) {
  if (!packets_ || sides_[direction].ended) return;
  if (filter_) filter_->ended();
  sides_[direction].ended = true;
  if (reset) sides_[opposite(direction)].ended = true;
  set_time(at);
  if (reset)
    packets_->rst(direction == Direction::c2s, *this);
  else
    packets_->fin(direction == Direction::c2s, *this);
}

/// Nobody ends the TLS of a direct leg: both its sockets are ours, but for the twin's.
void CaptureLeg::finish() {
  const std::int64_t now = clock_.at_us();
  const bool dialled = packets_.has_value();
  if (!dialled) open(now);
  if (filter_) filter_->ended();
  for (const Direction direction : {Direction::c2s, Direction::s2c})
    if (sides_[direction].reset_at) end(*sides_[direction].reset_at, direction, true);
  for (const Direction direction : {Direction::c2s, Direction::s2c}) {
    const bool ours = label_.leg == LegKind::direct_leg
                          ? direction == Direction::c2s || !fallback_.empty()
                          : sender(label_.leg, direction) == Party::proxy;
    // A client whose backend was not reached gets RST, but for a time-out.
    const bool reset = !dialled && !timed_out_ && direction == Direction::s2c;
    if (!ours || (!dialled && direction == Direction::c2s)) continue;
    comment_ = inspect::kSocketClosedComment;
    end(now, direction, reset);
    comment_.clear();
  }
}

bool CaptureLeg::conclude(std::string_view comment, std::string_view note) {
  if (!packets_) return false;
  comment_ = label_text_ + ": " + std::string(comment);
  note_ = note;
  set_time(clock_.at_us());
  const std::uint64_t lost_before = lost_;
  packets_->acknowledge(true, *this);
  return lost_ == lost_before;
}

void CaptureLeg::secret(std::string_view line) { queue_.add_secret(label_text_, line); }

}  // namespace visavis::proxy
