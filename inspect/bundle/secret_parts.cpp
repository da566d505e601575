#include "inspect/bundle/secret_parts.h"

#include <algorithm>
#include <string_view>

#include "inspect/bytes/limits.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/handshake/client_hello.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kHeaderBytes = 4;
constexpr ExtensionType kUserMapping{6};  // RFC 4681
constexpr ExtensionType kSrp{12};         // RFC 5054 2.8.1
constexpr ExtensionType kTicketPinning{32};

/// MessageCursor reads on as far as there are bytes: a hello may be cut.
class MessageCursor {
 public:
  explicit MessageCursor(Bytes bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool more() const { return at_ < bytes_.size(); }
  std::size_t number(std::size_t width) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | (more() ? bytes_[at_++] : 0U);
    return value;
  }
  /// Goes on by so many bytes, and returns how many of them are there.
  std::size_t skip(std::size_t count) {
    const std::size_t there = std::min(count, bytes_.size() - at_);
    at_ += there;
    return there;
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

/// OfferedPsks, RFC 8446 4.2.11: identities<7..2^16-1>, each with its age behind it, then binders.
/// Where that does not fit the whole body is taken for names.
void psk_identities(Bytes message, std::size_t at, std::size_t length, bool whole,
                    SecretParts& parts) {
  const std::size_t there = std::min(length, message.size() - at);
  const std::size_t known = parts.size();
  MessageCursor cursor(message.first(at + there));
  (void)cursor.skip(at);
  const std::size_t list_end = at + 2 + cursor.number(2);
  while (cursor.at() < list_end && cursor.more()) {
    const std::size_t identity = cursor.number(2);
    const std::size_t begin = cursor.at();
    parts.push_back({begin, cursor.skip(identity)});
    (void)cursor.skip(4);
  }
  bool fits = cursor.at() == list_end;
  const std::size_t binders_end = cursor.at() + 2 + cursor.number(2);
  while (fits && cursor.at() < binders_end && cursor.more()) (void)cursor.skip(cursor.number(1));
  fits = fits && cursor.at() == binders_end && binders_end == at + length;
  if (fits || !whole) return;
  parts.resize(known);
  parts.push_back({at, there});
}

/// Whether the hello's parser found something wrong within these bytes.
bool is_broken(const ClientHello& hello, std::size_t at, std::size_t length) {
  const auto within = [&](const ParseError& problem) {
    return problem.code != ParseErrorCode::duplicate && problem.offset >= at &&
           problem.offset <= at + length;
  };
  return std::any_of(hello.extension_problems.begin(), hello.extension_problems.end(), within);
}

/// RFC 8446 4.1.2, RFC 5246 7.4.1.2.
SecretParts client_hello_parts(Bytes message, bool whole) {
  SecretParts parts;
  MessageCursor cursor(message);
  (void)cursor.skip(kHeaderBytes + 2 + 32);
  // Where the lengths lie nobody knows where a ticket begins: nothing with a length is shown.
  const auto hello = parse_client_hello(message);
  if (whole && (!hello.ok() || hello->extension_problems.size() >= limits::kMaxExtensionProblems)) {
    parts.push_back({cursor.at(), message.size() - cursor.at()});
    return parts;
  }
  (void)cursor.skip(cursor.number(1));  // session id
  (void)cursor.skip(cursor.number(2));  // suites
  (void)cursor.skip(cursor.number(1));  // compression
  (void)cursor.number(2);
  while (cursor.more()) {
    const ExtensionType type{static_cast<std::uint16_t>(cursor.number(2))};
    const std::size_t length = cursor.number(2);
    const std::size_t at = cursor.at();
    const std::size_t there = cursor.skip(length);
    if (type == kPreSharedKey && there > 0) psk_identities(message, at, length, whole, parts);
    // What has no name, or a name that says nothing (RFC 8701), may hold anything.
    const bool secret = type == kSessionTicket || type == kUserMapping || type == kTicketPinning ||
                        known_name(type).empty();
    // Of a hello that is cut nobody knows which are.
    const bool broken = !whole || is_broken(*hello, at, length);
    if ((secret || broken) && there > 0) parts.push_back({at, there});
    if (type == kSrp && there > 1) parts.push_back({at + 1, there - 1});  // srp_I<1..2^8-1>
  }
  return parts;
}

/// RFC 5077 3.3: lifetime hint, ticket<0..2^16-1>. (In TLS 1.3 it is never in clear.)
std::optional<SecretParts> ticket_parts(Bytes message) {
  ByteReader reader(message);
  (void)reader.bytes(kHeaderBytes + 4, "lifetime");
  const std::size_t length = reader.u16("ticket");
  const std::size_t at = reader.offset();
  (void)reader.bytes(length, "ticket");
  reader.done("ticket");
  if (reader.failed()) return std::nullopt;
  return SecretParts{{at, length}};
}

bool suite_has(const HandshakeContext& context, std::string_view word) {
  return context.suite && known_name(*context.suite).find(word) != std::string_view::npos;
}

/// With PSK suites both key exchange messages begin with a name: RFC 4279 2 to 4, RFC 5489 2. With
/// Kerberos the client's holds a ticket: RFC 2712 3.
std::optional<SecretParts> key_exchange_parts(Bytes message, const HandshakeContext& context,
                                              bool clients) {
  if (clients && (!context.suite || suite_has(context, "KRB5"))) return std::nullopt;
  if (!suite_has(context, "PSK")) return SecretParts{};
  ByteReader reader(message);
  (void)reader.bytes(kHeaderBytes, "header");
  const std::size_t length = reader.u16("psk_identity");
  const std::size_t at = reader.offset();
  (void)reader.bytes(length, "psk_identity");
  if (reader.failed()) return std::nullopt;
  return SecretParts{{at, length}};
}

/// A Certificate message up to TLS 1.2 that a client sent: RFC 5246 7.4.2 and 7.4.6.
std::optional<SecretParts> client_certificate_parts(Bytes message) {
  SecretParts parts;
  ByteReader reader(message);
  (void)reader.bytes(kHeaderBytes, "header");
  ByteReader list = reader.vector24("certificate_list");
  for (bool leaf = true; list.more(); leaf = false) {
    const std::size_t length = list.u24("certificate");
    const std::size_t at = list.offset();
    const Bytes der = list.bytes(length, "certificate");
    if (list.failed()) return std::nullopt;
    const auto secret = certificate_secret_parts(der, leaf);
    if (!secret) return std::nullopt;
    for (const SecretPart& part : *secret) parts.push_back({at + part.offset, part.length});
  }
  reader.done("certificate_list");
  if (reader.failed()) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<SecretParts> secret_parts(Bytes message, const HandshakeContext& context) {
  if (message.size() < kHeaderBytes) return std::nullopt;
  const HandshakeType type{message[0]};
  const std::size_t length =
      std::size_t{message[1]} << 16 | std::size_t{message[2]} << 8 | message[3];
  const bool whole = message.size() == kHeaderBytes + length;
  if (type == kClientHello) return client_hello_parts(message, whole);
  if (!whole) return std::nullopt;
  // Nothing but hellos is in clear in TLS 1.3.
  if (context.tls13 && type != kServerHello && type != kDraftHelloRetryRequest) return std::nullopt;
  if (type == kNewSessionTicket) return ticket_parts(message);
  if (type == kCertificate && !context.from_server) return client_certificate_parts(message);
  if (type == kServerKeyExchange) return key_exchange_parts(message, context, false);
  if (type == kClientKeyExchange) return key_exchange_parts(message, context, true);
  const bool harmless =
      type == kHelloRequest || type == kServerHello || type == kDraftHelloRetryRequest ||
      type == kCertificate || type == kCertificateRequest || type == kServerHelloDone ||
      type == kCertificateVerify || type == kFinished || type == kCertificateStatus;
  if (!harmless) return std::nullopt;
  return SecretParts{};
}

}  // namespace visavis::inspect
