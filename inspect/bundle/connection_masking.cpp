#include "inspect/bundle/connection_masking.h"

#include <algorithm>
#include <utility>

#include "inspect/bundle/plain_text.h"
#include "inspect/bytes/limits.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/handshake/client_hello.h"
#include "inspect/handshake/server_hello.h"

namespace visavis::inspect {
namespace {

/// Of what is said without TLS so much is looked at; the rest is blanked. Heads of HTTP messages
/// have a limit of their own, which is the same.
constexpr std::size_t kMaxPlainBytes = limits::kMaxHttpHeaderBytes;
constexpr std::size_t kMessageHeaderBytes = 4;
constexpr std::size_t kAlertBytes = 2;

/// Suites that only protect against changes: RFC 5246 C, RFC 4785, RFC 9150.
bool does_not_encrypt(CipherSuite suite) {
  const std::string_view name = known_name(suite);
  return name.find("WITH_NULL") != std::string_view::npos || name == "TLS_SHA256_SHA256" ||
         name == "TLS_SHA384_SHA384";
}

/// A SERVER-HELLO of SSL 2.0 in a record with a 2-byte header: message type, whether the session is
/// known, an X.509 certificate or, where it is known, none, version. draft-hickman-netscape-ssl-00.
bool opens_sslv2_server(Bytes bytes) {
  constexpr std::size_t kNeeded = 7;
  return bytes.size() >= kNeeded && (bytes[0] & 0x80U) != 0 && bytes[2] == 4 && bytes[3] <= 1 &&
         bytes[4] == 1 - bytes[3] && bytes[5] == 0 && bytes[6] == 2;
}

}  // namespace

/// Sink is shown the records of the bytes that were given last.
struct ConnectionMasking::Sink {
  ConnectionMasking& of;
  std::size_t side_index;
  std::uint64_t position;  // of the bytes
  Bytes bytes;

  void fragment(const RecordHeader& header, Bytes part) {
    Side& side = of.sides_[side_index];
    // What of an SSL 2.0 record lies behind its short header was shown with that.
    const bool here = part.data() >= bytes.data() && part.data() < bytes.data() + bytes.size();
    if (!here) return;
    const std::uint64_t at = position + static_cast<std::uint64_t>(part.data() - bytes.data());
    body.push_back({at, part.size()});
    if (header.type == kHandshake && !header.sslv2 && of.in_clear(side)) {
      if (side.messages_lost) return;
      side.pending.insert(side.pending.end(), part.begin(), part.end());
      side.pieces.push_back({at, part.size()});
      of.read_messages(side_index);
    } else if (of.shows_record(side, header)) {
      side.masked.show(at, part.size());
    }
  }
  void record(const RecordHeader& header) {
    if (header.type == kChangeCipherSpec) of.sides_[side_index].change_cipher_spec = true;
  }

  std::vector<Piece> body{};  // what is not a header
};

void ConnectionMasking::add(std::size_t index, Bytes bytes) {
  Side& side = sides_[index];
  const std::uint64_t position = side.position;
  if (!side.blind && !side.tls) {
    if (const auto place = side.finder.add(bytes)) {
      begin_tls(index, *place, bytes);
    } else if (side.plain.size() < kMaxPlainBytes && side.plain.size() == position) {
      const std::size_t kept = std::min(bytes.size(), kMaxPlainBytes - side.plain.size());
      side.plain.insert(side.plain.end(), bytes.begin(),
                        bytes.begin() + static_cast<std::ptrdiff_t>(kept));
      if (side.plain.size() == position + bytes.size() && opens_sslv2_server(side.plain))
        begin_sslv2_server(index);
    }
  } else if (!side.blind) {
    tls_bytes(index, position, bytes);
  }
  side.position = position + bytes.size();
}

/// All that a server has sent so far is SSL 2.0, which nobody finds by itself.
void ConnectionMasking::begin_sslv2_server(std::size_t index) {
  Side& side = sides_[index];
  side.tls = true;
  if (!client_) client_ = 1 - index;
  const std::vector<std::uint8_t> opening = std::exchange(side.plain, {});
  tls_bytes(index, 0, opening);
}

/// TLS begins in these bytes, or in those that came last.
void ConnectionMasking::begin_tls(std::size_t index, const TlsPlace& place, Bytes bytes) {
  Side& side = sides_[index];
  side.tls = true;
  if (place.with == TlsBegins::client_hello && !client_) client_ = index;
  if (place.with == TlsBegins::server_hello && !client_) client_ = 1 - index;
  if (place.begin >= 0) {
    const auto begin = static_cast<std::size_t>(place.begin);
    if (side.position == side.plain.size())
      side.plain.insert(side.plain.end(), bytes.begin(), bytes.begin() + place.begin);
    return tls_bytes(index, side.position + begin, bytes.subspan(begin));
  }
  const auto before = static_cast<std::size_t>(-place.begin);
  const std::vector<std::uint8_t> tail(side.finder.tail().begin(), side.finder.tail().end());
  if (before > tail.size()) {
    side.blind = true;
    return;
  }
  const std::uint64_t at = side.position - before;
  if (side.plain.size() > at) side.plain.resize(static_cast<std::size_t>(at));
  tls_bytes(index, at, Bytes(tail).last(before));
  tls_bytes(index, side.position, bytes);
}

void ConnectionMasking::tls_bytes(std::size_t index, std::uint64_t position, Bytes bytes) {
  Side& side = sides_[index];
  const std::uint64_t read = side.reader.offset();
  Sink sink{*this, index, position, bytes};
  side.reader.feed(bytes, sink);
  // Headers are all that is no body; behind an error nothing is known.
  std::uint64_t known = position + bytes.size();
  if (side.reader.error()) {
    known =
        std::min(known, position + (side.reader.error()->offset -
                                    std::min<std::uint64_t>(read, side.reader.error()->offset)));
    side.blind = true;
  }
  std::uint64_t done = position;
  for (const Piece& piece : sink.body) {
    if (piece.position > done) side.masked.show(done, piece.position - done);
    done = piece.position + piece.length;
  }
  if (known > done) side.masked.show(done, known - done);
}

bool ConnectionMasking::in_clear(const Side& side) const {
  // In TLS 1.3 a ChangeCipherSpec is for show (RFC 8446 D.4); what is encrypted is called
  // application data.
  return !side.change_cipher_spec || tls13_ || !suite_;
}

bool ConnectionMasking::shows_record(const Side& side, const RecordHeader& header) const {
  if (header.sslv2) return true;  // hellos; the client's key is encrypted, and so is what follows
  if (header.type == kChangeCipherSpec) return header.length <= 1;
  if (header.type == kAlert && header.length == kAlertBytes) return true;
  if (no_encryption_) return false;
  if (header.type == kApplicationData && tls13_) return true;
  // Early data is sent before it is known whether the server speaks TLS 1.3: until it answers.
  if (header.type == kApplicationData && !suite_)
    return client_ && &side == &sides_[*client_] && early_data_;
  return side.change_cipher_spec && suite_.has_value();
}

void ConnectionMasking::read_messages(std::size_t index) {
  Side& side = sides_[index];
  while (side.pending.size() >= kMessageHeaderBytes) {
    const std::size_t length =
        kMessageHeaderBytes + (std::size_t{side.pending[1]} << 16 |
                               std::size_t{side.pending[2]} << 8 | std::size_t{side.pending[3]});
    if (length > limits::kMaxHandshakeMessageBytes) {
      side.pending.clear();
      side.pieces.clear();
      side.messages_lost = true;  // records go on
      return;
    }
    if (side.pending.size() < length) return;
    const std::vector<std::uint8_t> message(
        side.pending.begin(), side.pending.begin() + static_cast<std::ptrdiff_t>(length));
    learn(index, message);
    show_message(index, message, true);
    side.pending.erase(side.pending.begin(),
                       side.pending.begin() + static_cast<std::ptrdiff_t>(length));
  }
}

/// What a hello decides about all that follows.
void ConnectionMasking::learn(std::size_t index, Bytes message) {
  const HandshakeType type{message[0]};
  if (type == kClientHello) {
    if (!client_) client_ = index;
    const auto hello = parse_client_hello(message);
    early_data_ = hello.ok() && hello->has(kEarlyData);
  }
  if (type != kServerHello) return;
  if (!client_) client_ = 1 - index;
  const auto hello = parse_server_hello(message);
  if (!hello.ok()) return;
  suite_ = hello->cipher;
  constexpr std::uint16_t kDrafts = 0x7f00;
  const std::uint16_t version = hello->version().value;
  tls13_ = version == 0x0304 || (version & 0xff00U) == kDrafts;
  no_encryption_ = does_not_encrypt(*suite_);
}

/// Shows what of a message may be shown, and forgets where it lies.
void ConnectionMasking::show_message(std::size_t index, Bytes message, bool whole) {
  Side& side = sides_[index];
  const bool from_server = client_ && *client_ != index;
  const bool sure = whole || (!message.empty() && HandshakeType{message[0]} == kClientHello);
  const auto parts =
      sure ? secret_parts(message, {suite_, tls13_, from_server}) : std::optional<SecretParts>{};
  const std::size_t shown = parts ? message.size() : std::min(message.size(), kMessageHeaderBytes);
  std::vector<std::uint64_t> places;  // of each byte
  places.reserve(message.size());
  while (places.size() < message.size() && !side.pieces.empty()) {
    Piece& piece = side.pieces.front();
    const std::size_t taken = std::min(piece.length, message.size() - places.size());
    if (places.size() < shown)
      side.masked.show(piece.position, std::min(taken, shown - places.size()));
    for (std::size_t i = 0; i < taken; ++i) places.push_back(piece.position + i);
    piece.position += taken;
    piece.length -= taken;
    if (piece.length == 0) side.pieces.pop_front();
  }
  if (!parts) return;
  for (const SecretPart& part : *parts) {
    const std::string mask = mask_.text(message.subspan(part.offset, part.length));
    for (std::size_t i = 0; i < part.length;) {  // it may lie in several records
      const std::uint64_t at = places[part.offset + i];
      std::size_t count = 1;
      while (i + count < part.length && places[part.offset + i + count] == at + count) ++count;
      side.masked.replace(at, std::string_view(mask).substr(i, count));
      i += count;
    }
  }
}

void ConnectionMasking::lost(std::size_t index, std::uint64_t count) {
  Side& side = sides_[index];
  if (side.tls) side.blind = true;
  if (!side.tls) side.finder.lost();
  side.position += count;
}

void ConnectionMasking::mask_plain(Side& side) {
  if (side.plain.empty()) return;
  const std::string_view said(reinterpret_cast<const char*>(side.plain.data()), side.plain.size());
  side.masked.replace(0, mask_plain_text(said, mask_));
}

void ConnectionMasking::finish() {
  for (std::size_t index = 0; index < sides_.size(); ++index) {
    Side& side = sides_[index];
    if (!side.pending.empty()) show_message(index, std::vector(side.pending), false);
    side.pending.clear();
    mask_plain(side);
  }
}

}  // namespace visavis::inspect
