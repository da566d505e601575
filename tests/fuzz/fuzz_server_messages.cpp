#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/handshake/certificate_message.h"
#include "inspect/handshake/key_exchange.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/fuzz/property.h"

/// The server's flight, message after message, through the assembler into a transcript; each also
/// through the parsers of both shapes of a Certificate and of every kind of key exchange.
namespace visavis::inspect {
namespace {

using fuzz::property;

template <class T>
void check(const Result<T>& result, Bytes message) {
  if (result.ok()) return;
  property(result.error().offset <= message.size(), "an error lies within the message");
  property(!result.error().field.empty(), "an error names its field");
}

void check_parsers(Bytes message) {
  const auto hello = parse_server_hello(message);
  check(hello, message);
  if (hello.ok())
    for (const Extension& extension : hello->extensions)
      property(extension.offset + extension.length <= message.size(), "extensions lie within");
  for (const ProtocolVersion version : {kTls12, kTls13}) {
    const auto certificates = parse_certificate_message(message, version);
    check(certificates, message);
    if (certificates.ok())
      property(certificates->certificates.size() <= limits::kMaxCertificates, "within the limit");
  }
  for (const std::uint16_t suite :
       std::initializer_list<std::uint16_t>{0xc02f, 0x009e, 0x0034, 0x002f})
    for (const ProtocolVersion version : {kTls10, kTls12})
      check(parse_server_key_exchange(message, CipherSuite{suite}, version), message);
  check(parse_certificate_verify_scheme(message), message);
  check(parse_encrypted_extensions_alpn(message), message);
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  const Bytes bytes(data, size);
  check_parsers(bytes);
  TranscriptBuilder builder(LegKind::backend_leg);
  MessageAssembler assembler(limits::kMaxHandshakeMessageBytes);
  assembler.add(bytes);
  std::int64_t at = 0;
  for (auto next = assembler.next(); next.ok(); next = assembler.next()) {
    check_parsers(next->raw);
    builder.observe_message(++at, Direction::s2c, next->raw);
  }
  builder.observe_wire(++at, Direction::s2c, bytes);
  const Transcript& seen = builder.transcript();
  property(seen.malformed.size() <= limits::kMaxLateEvents, "malformed messages are bounded");
  property(seen.events.size() <= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents, "events");
  property(seen.history.size() <= 104, "history is bounded");
  for (const AlertSeen& alert : seen.alerts)
    property(alert.event < seen.event_count, "an alert has an event");
  builder.observe_established(++at, false);
  const LegReport leg = summarize_leg(builder.transcript());
  property(leg.outcome == "established", "an established leg says so");
  property(leg.established.has_value() == seen.server_hello.has_value(), "what was agreed");
  return 0;
}
