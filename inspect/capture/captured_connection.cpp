#include "inspect/capture/captured_connection.h"

#include <algorithm>
#include <utility>

#include "inspect/capture/before_tls.h"
#include "inspect/capture/capture_limits.h"

namespace visavis::inspect {
namespace {

/// A segment with more was put together by the capturing machine's network card, or passes over an
/// interface whose packets are larger than any on the way: its size is not the wire's.
constexpr std::size_t kLargestSegment = 1500;

CloseHow how_closed(StreamEnd end) { return end == StreamEnd::fin ? CloseHow::fin : CloseHow::rst; }

}  // namespace

/// Tls is what is read of the connection once TLS was found in it.
struct CapturedConnection::Tls {
  explicit Tls(LegKind leg) : builder(leg) {}

  TranscriptBuilder builder;
  WireDecoder decoder{builder};
  std::unique_ptr<PlaintextTap> plaintext;
  bool first_is_client = true;
  bool client_hello_first = false;  // TLS was found by its ClientHello
  bool by_hello = false;            // it was found by a hello of either side
};

/// A leg of a capture of the proxy's own. Where the file begins in its middle, its interface tells
/// as much, and the comment with its last packet the rest.
void CapturedConnection::read_label(const TcpSegment& segment) {
  if (label_ || segment.in == nullptr || segment.in->comment.empty()) return;
  const auto leg = leg_of_interface(segment.in->interface_name);
  if (!leg) return;
  auto read = parse_leg_label(segment.in->comment);
  if (!read || read->label.leg != *leg) return;
  if (tls_ && tls_->builder.transcript().leg != *leg) return;
  label_ = std::move(read->label);
  leg_ = *leg;
}

CapturedConnection::CapturedConnection(std::uint64_t number, const TcpSegment& first,
                                       const CaptureDecryption* decryption)
    : decryption_(decryption),
      number_(number),
      started_ns_(first.time_ns),
      first_packet_(first.packet) {
  // A SYN-ACK that comes first is the server's.
  const bool answer = first.syn && first.ack;
  sides_[0].endpoint = answer ? first.to : first.from;
  sides_[1].endpoint = answer ? first.from : first.to;
  if (decryption != nullptr && decryption->mark_streams)
    marks_ = std::make_unique<std::array<StreamMarker, 2>>();
  read_label(first);
  if (label_ && first.syn)
    begin_leg();
  else if (!first.syn && first.in != nullptr)
    leg_ = leg_of_interface(first.in->interface_name).value_or(LegKind::direct_leg);
}

/// What the proxy has seen of a connection is all that was said on it.
void CapturedConnection::begin_leg() {
  begin(true, TlsBegins::client_hello);
  for (Side& side : sides_) side.tls = true;
}

CapturedConnection::~CapturedConnection() = default;

std::int64_t CapturedConnection::at_us(const TcpSegment& segment) const {
  // Packets of several interfaces may lie in the file before their time.
  return std::max<std::int64_t>((segment.time_ns - started_ns_) / 1000, 0);
}

Direction CapturedConnection::direction(bool first) const {
  return first == tls_->first_is_client ? Direction::c2s : Direction::s2c;
}

void CapturedConnection::packet(bool first, const TcpSegment& segment) {
  ++packets_;
  Side& sender = side(first);
  ++sender.packets;
  last_us_ = std::max(last_us_, at_us(segment));
  if (marks_) {
    (*marks_)[first ? 0 : 1].packet(segment, at_us(segment));
    if (segment.ack && !segment.rst)
      (*marks_)[first ? 1 : 0].acknowledged(segment.acknowledged, at_us(segment));
  }
  read_label(segment);
  if (!segment.syn) return;
  if (!segment.ack) ++sender.syns;
  auto& seen = segment.ack ? sender.syn_ack_us : sender.syn_us;
  if (!seen || segment.ack) seen = at_us(segment);
  if (!label_ || !segment.ack || !tls_) return;
  const bool accepted = leg_ == LegKind::client_leg;
  tls_->builder.observe_connected(at_us(segment), accepted ? Party::client : Party::proxy,
                                  std::nullopt);
}

bool CapturedConnection::first_is_client(bool finder, TlsBegins with) const {
  if (with == TlsBegins::client_hello) return finder;
  if (with == TlsBegins::server_hello) return !finder;
  if (sides_[0].syn_us || sides_[1].syn_ack_us) return true;
  if (sides_[1].syn_us || sides_[0].syn_ack_us) return false;
  return sides_[0].endpoint.port >= sides_[1].endpoint.port;
}

/// TLS was found in what a side sent.
void CapturedConnection::begin(bool first, TlsBegins with) {
  tls_ = std::make_unique<Tls>(leg_);
  if (decryption_ != nullptr && decryption_->key_log != nullptr) {
    if (decryption_->make_tap) tls_->plaintext = decryption_->make_tap(label_, started_ns_);
    tls_->decoder.use_key_log(*decryption_->key_log, tls_->plaintext.get());
  }
  tls_->first_is_client = first_is_client(first, with);
  tls_->client_hello_first = with == TlsBegins::client_hello;
  tls_->by_hello = with == TlsBegins::client_hello || with == TlsBegins::server_hello;
  const Side& client = side(tls_->first_is_client);
  const Side& server = side(!tls_->first_is_client);
  TranscriptBuilder& builder = tls_->builder;
  builder.observe_endpoints(to_string(client.endpoint), to_string(server.endpoint));
  tls_->decoder.set_segments_exact(!label_);  // the proxy's packets are its reads and writes
  if (label_) return;
  if (client.syn_us) builder.observe_tcp(*client.syn_us, Party::client, "SYN");
  if (server.syn_ack_us)
    builder.observe_connected(
        *server.syn_ack_us, Party::backend,
        client.syn_us ? std::optional(*server.syn_ack_us - *client.syn_us) : std::nullopt);
  begin_other_if_plain(first, with);
}

/// A server that answers a client's plain request with a TLS alert: what the client said is the
/// cause, and there was no TLS in it to be found.
void CapturedConnection::begin_other_if_plain(bool first, TlsBegins with) {
  Side& other = side(!first);
  const bool answer = with == TlsBegins::alert && direction(first) == Direction::s2c;
  if (!answer || side(first).bytes > 0 || other.bytes == 0) return;
  other.tls = true;
  observe(!first, other.first_data_us, other.finder.head());
}

/// What comes behind a ClientHello from its server can only be its answer, TLS or not.
bool CapturedConnection::answers_without_tls(bool first) const {
  return tls_ && tls_->client_hello_first && direction(first) == Direction::s2c;
}

void CapturedConnection::data(bool first, const TcpSegment& segment, Bytes bytes) {
  Side& sender = side(first);
  const std::int64_t at = at_us(segment);
  if (sender.bytes == 0) sender.first_data_us = at;
  if (!sender.tls && !sender.lost) {
    const auto place = sender.finder.add(bytes);
    if (place || answers_without_tls(first)) {
      const std::ptrdiff_t begin = place ? place->begin : 0;
      sender.before = sender.bytes + static_cast<std::uint64_t>(begin);
      if (!tls_) this->begin(first, place->with);
      sender.tls = true;
      if (begin < 0) {
        tls_->decoder.set_segments_exact(false);
        const Bytes tail = sender.finder.tail();
        observe(first, at, tail.last(static_cast<std::size_t>(-begin)));
      }
      sender.bytes += bytes.size();
      return observe(first, at,
                     bytes.subspan(static_cast<std::size_t>(std::max<std::ptrdiff_t>(begin, 0))));
    }
  }
  sender.bytes += bytes.size();
  if (sender.tls) observe(first, at, bytes);
}

void CapturedConnection::observe(bool first, std::int64_t at, Bytes bytes) {
  if (side(first).lost) return;
  if (marks_) (*marks_)[first ? 0 : 1].data(bytes);
  const bool hello_to_come =
      direction(first) == Direction::c2s && !tls_->builder.transcript().client_hello;
  if (hello_to_come && bytes.size() > kLargestSegment) tls_->decoder.set_segments_exact(false);
  tls_->decoder.observe(at, direction(first), bytes);
}

void CapturedConnection::gap(bool first, const TcpSegment& segment, std::uint64_t count) {
  Side& sender = side(first);
  sender.lost_bytes += count;
  if (!tls_ || (!sender.tls && !answers_without_tls(first))) return sender.finder.lost();
  if (!sender.lost) tls_->builder.observe_gap(at_us(segment), direction(first), count);
  sender.lost = true;
}

void CapturedConnection::ended(bool first, const TcpSegment& segment, StreamEnd how) {
  side(first).end = how;
  const bool no_event = segment.in != nullptr && segment.in->comment == kSocketClosedComment;
  if (tls_ && !(label_ && no_event))
    tls_->builder.observe_close(at_us(segment), sender(leg_, direction(first)), how_closed(how));
}

bool CapturedConnection::is_not_tls() const {
  return !tls_ && std::max(sides_[0].bytes, sides_[1].bytes) > limits::kMaxBytesBeforeTls;
}

/// Of a server whose packets were not captured the client would say something: at the least an ACK.
/// Two SYNs alone may have been answered after the capture's end.
std::string_view CapturedConnection::not_reached() const {
  constexpr std::uint64_t kEnoughSyns = 3;
  const Side& client = sides_[0];
  const Side& server = sides_[1];
  const bool only_asked = client.syns > 0 && client.syns == client.packets && !label_ && !tls_;
  if (!only_asked || server.bytes > 0 || server.lost_bytes > 0 || server.syns > 0 ||
      server.syn_ack_us)
    return {};
  if (server.end == StreamEnd::rst) return tcp_note::kRefused;
  const bool silent = server.packets == 0 && client.syns >= kEnoughSyns;
  return silent ? tcp_note::kNoAnswer : std::string_view();
}

const NetworkEndpoint& CapturedConnection::server() const {
  return side(tls_ && !tls_->first_is_client).endpoint;
}

CapturedSession CapturedConnection::take_not_reached() {
  const std::string_view how = not_reached();
  begin(true, TlsBegins::client_hello);
  tls_->builder.observe_tcp(last_us_, Party::backend, how);
  CapturedSession session = take();
  session.transcript.capture->start_missing = false;  // there was nothing of the server to be seen
  return session;
}

CaptureView CapturedConnection::view() const {
  const Side& client = side(tls_->first_is_client);
  const Side& server = side(!tls_->first_is_client);
  CaptureView view;
  view.first_packet = first_packet_;
  view.packets = packets_;
  view.c2s_lost = client.lost_bytes;
  view.s2c_lost = server.lost_bytes;
  const bool from_the_start = client.syn_us || server.syn_ack_us || tls_->client_hello_first;
  view.start_missing = !from_the_start || client.packets == 0 || server.packets == 0;
  view.end_missing = !client.end && !server.end;
  if (marks_) {
    view.c2s_marks = (*marks_)[tls_->first_is_client ? 0 : 1].marks(last_us_);
    view.s2c_marks = (*marks_)[tls_->first_is_client ? 1 : 0].marks(last_us_);
    view.start_missing |= (*marks_)[0].begins_late() || (*marks_)[1].begins_late();
  }
  if (client.tls) view.c2s_before_tls = client.before;
  if (server.tls) view.s2c_before_tls = server.before;
  if (view.c2s_before_tls > 0 || view.s2c_before_tls > 0)
    view.before_tls = name_before_tls(view.c2s_before_tls > 0 ? client.finder.head() : Bytes{},
                                      view.s2c_before_tls > 0 ? server.finder.head() : Bytes{});
  return view;
}

CapturedSession CapturedConnection::take() {
  CapturedSession session;
  session.connection = number_;
  session.started_ns = started_ns_;
  session.duration_us = last_us_;
  session.label = std::move(label_);
  if (!tls_) tls_ = std::make_unique<Tls>(leg_);  // nothing was said that can be read
  for (const bool first : {true, false}) {
    const Side& sender = side(first);
    session.bytes[direction(first)] = sender.bytes;
    if (sender.tls) session.before_tls[direction(first)] = sender.before;
  }
  session.transcript = std::move(tls_->builder.transcript());
  session.transcript.sealed = tls_->decoder.sealed();
  session.plaintext = std::move(tls_->plaintext);
  session.transcript.capture = view();
  return session;
}

}  // namespace visavis::inspect
