#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/handshake/certificate_message.h"
#include "inspect/handshake/certificate_status.h"
#include "inspect/handshake/certificate_url.h"
#include "inspect/handshake/certificate_verify.h"
#include "inspect/handshake/compressed_certificate.h"
#include "inspect/handshake/describe_extension.h"
#include "inspect/handshake/encrypted_extensions.h"
#include "inspect/handshake/extension_words.h"
#include "inspect/handshake/key_exchange.h"
#include "inspect/handshake/key_update.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/handshake/new_session_ticket.h"
#include "inspect/handshake/next_protocol.h"
#include "inspect/handshake/short_message.h"
#include "inspect/handshake/supplemental_data.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/fuzz/property.h"

/// Both sides' flights, message after message, through the assembler into transcripts of several
/// versions; each message also through the parsers of every message but ClientHello, and the bodies
/// of extensions into words.
namespace visavis::inspect {
namespace {

using fuzz::property;

constexpr ProtocolVersion kVersions[] = {kSsl3, kTls10, kTls12, kTls13, {0x7f12}};
constexpr std::uint16_t kSuites[] = {0xc02f, 0x009e, 0x0034, 0x002f, 0xc035,
                                     0x0090, 0x008c, 0x0094, 0x0003, 0xc01e};
constexpr HelloKind kKinds[] = {HelloKind::server_hello,         HelloKind::hello_retry_request,
                                HelloKind::encrypted_extensions, HelloKind::certificate_request,
                                HelloKind::certificate,          HelloKind::new_session_ticket};

template <class T>
void check(const Result<T>& result, Bytes message) {
  if (result.ok()) return;
  property(result.error().offset <= message.size(), "an error lies within the message");
  property(!result.error().field.empty(), "an error names its field");
}

void check_extensions(const std::vector<Extension>& extensions, Bytes message) {
  for (const Extension& extension : extensions) {
    property(extension.offset + extension.length <= message.size(), "extensions lie within");
    const Bytes body = message.subspan(extension.offset, extension.length);
    for (const HelloKind kind : kKinds) {
      const auto words = describe_extension(extension.type, body, kind);
      check(words, body);
      if (!words.ok()) continue;
      property(words->size() <= ExtensionWords::kMax, "words are bounded");
      for (const char letter : *words) property(letter >= 0x20 && letter < 0x7f, "plain ASCII");
    }
  }
}

void check_problems(const std::vector<ParseError>& problems, Bytes message) {
  property(problems.size() <= limits::kMaxExtensionProblems, "problems are bounded");
  for (const ParseError& problem : problems)
    property(problem.offset <= message.size(), "a problem lies within the message");
}

void check_hellos(Bytes message) {
  for (const auto& hello :
       {parse_server_hello(message), parse_draft_hello_retry_request(message)}) {
    check(hello, message);
    if (!hello.ok()) continue;
    check_extensions(hello->extensions, message);
    check_problems(hello->extension_problems, message);
  }
  const auto encrypted = parse_encrypted_extensions(message);
  check(encrypted, message);
  if (!encrypted.ok()) return;
  check_extensions(encrypted->extensions, message);
  check_problems(encrypted->extension_problems, message);
}

void check_version(Bytes message, ProtocolVersion version) {
  const auto certificates = parse_certificate_message(message, version);
  check(certificates, message);
  if (certificates.ok()) {
    property(certificates->certificates.size() <= limits::kMaxCertificates, "within the limit");
    property(!certificates->ocsp_bytes || *certificates->ocsp_bytes < message.size(), "within");
  }
  const auto request = parse_certificate_request(message, version);
  check(request, message);
  if (request.ok()) {
    property(request->authorities.size() <= limits::kMaxAuthorities, "within the limit");
    property(request->authorities.size() <= request->authorities_total, "all are counted");
    check_extensions(request->extensions, message);
  }
  const auto ticket = parse_new_session_ticket(message, version);
  check(ticket, message);
  if (ticket.ok()) check_extensions(ticket->extensions, message);
  check(parse_certificate_verify(message, version), message);
  for (const std::uint16_t suite : kSuites)
    check(parse_server_key_exchange(message, CipherSuite{suite}, version), message);
}

void check_parsers(Bytes message) {
  check_hellos(message);
  for (const ProtocolVersion version : kVersions) check_version(message, version);
  check(parse_raw_public_key(message), message);
  check(parse_certificate_status(message), message);
  check(parse_compressed_certificate(message), message);
  check(parse_key_update(message), message);
  check(parse_next_protocol(message), message);
  check(parse_supplemental_data(message), message);
  check(parse_certificate_url(message), message);
  if (message.empty()) return;
  check(parse_empty_message(message, HandshakeType{message[0]}), message);
  check(parse_opaque_message(message, HandshakeType{message[0]}), message);
}

void check_transcript(const Transcript& seen) {
  property(seen.malformed.size() <= limits::kMaxLateEvents, "malformed messages are bounded");
  property(seen.events.size() <= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents, "events");
  property(seen.history.size() <= 104, "history is bounded");
  for (const AlertSeen& alert : seen.alerts)
    property(alert.event < seen.event_count, "an alert has an event");
}

/// A leg of the given version (none: no ServerHello came before), sent these bytes by one side.
void check_leg(Bytes bytes, Direction direction, std::optional<ProtocolVersion> version) {
  TranscriptBuilder builder(LegKind::backend_leg);
  if (version) {
    ServerHello hello;
    hello.legacy_version = *version;
    hello.cipher = CipherSuite{0xc02f};
    builder.transcript().server_hello = hello;
  }
  MessageAssembler assembler(limits::kMaxHandshakeMessageBytes);
  assembler.add(bytes);
  std::int64_t at = 0;
  for (auto next = assembler.next(); next.ok(); next = assembler.next())
    builder.observe_message(++at, direction, next->raw);
  builder.observe_wire(++at, direction, bytes);
  check_transcript(builder.transcript());
  builder.observe_established(++at, false);
  const LegReport leg = summarize_leg(builder.transcript());
  property(leg.outcome == "established", "an established leg says so");
  property(leg.established.has_value() == builder.transcript().server_hello.has_value(),
           "what was agreed");
  const Transcript& seen = builder.transcript();
  property(leg.certificate_request.has_value() == seen.certificate_request.has_value(), "asked");
  property(leg.client_certificates.has_value() == seen.client_certificates.has_value(), "sent");
  property(leg.encrypted_extensions.size() == seen.encrypted_extensions.size(), "extensions");
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  const Bytes bytes(data, size);
  check_parsers(bytes);
  MessageAssembler assembler(limits::kMaxHandshakeMessageBytes);
  assembler.add(bytes);
  // Every parser on every message is slow: the first few messages will do.
  auto next = assembler.next();
  for (int i = 0; i < 6 && next.ok(); ++i, next = assembler.next()) check_parsers(next->raw);
  check_leg(bytes, Direction::s2c, std::nullopt);
  for (const ProtocolVersion version : {kTls12, kTls13}) {
    check_leg(bytes, Direction::s2c, version);
    check_leg(bytes, Direction::c2s, version);
  }
  return 0;
}
