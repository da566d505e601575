#include "inspect/bytes/limits.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"
#include "inspect/transcript/message_note.h"

namespace visavis::inspect {
namespace {

// Bytes of a handshake message, and certificates, that clients take by default.
constexpr std::uint64_t kJavaMessage = 32768;       // jdk.tls.maxHandshakeMessageSize
constexpr std::uint64_t kSchannelMessage = 0x8000;  // MessageLimitClient
constexpr std::uint64_t kOpensslChain = 102400;     // SSL_MAX_CERT_LIST_DEFAULT
constexpr std::size_t kJavaChain = 10;              // jdk.tls.maxCertificateChainLength
static_assert(kJavaMessage == kSchannelMessage);

/// Size is what a Certificate message has; a client that refuses it for that may not let all of it
/// come, and then nothing in it is known.
struct Size {
  const EventReport* message = nullptr;
  std::size_t certificates = 0;  ///< 0: they were not seen
  std::size_t names = 0;

  [[nodiscard]] bool above(std::uint64_t bytes) const { return message->length > bytes; }
  [[nodiscard]] std::string text() const {
    return std::to_string(message->length) + " bytes" +
           (certificates > 0 ? ", " + count_of(certificates, "certificate") : "");
  }
};

Size size_of(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (!leg.certificates.empty())
    return {first_event(leg, "message", "Certificate", side.server), leg.certificates.size(),
            leg.certificates.front().san.size()};
  return {first_event(leg, "message", message_note::kCertificateCutOff, side.server)};
}

std::string who_fails(bool openssl, bool java, bool too_many) {
  if (openssl)
    return "OpenSSL's clients (curl, Python, Node: 100 KiB), Java and Windows (32 KiB) refuse it";
  if (java) return "Java and Windows' SChannel refuse a handshake message above 32 KiB";
  return too_many ? "Java refuses a chain of more than 10 certificates" : "";
}

/// ERR_LIB_SSL, SSL_R_EXCESSIVE_MESSAGE_SIZE: a message above the limit of the backend leg, which
/// is limits::kMaxHandshakeMessageBytes for a Certificate message.
constexpr std::string_view kExcessiveMessage = "0x0a000098";

bool above_our_limit(const LegSide& side) {
  return side && !side.direct() && side.leg->failure && side.leg->reached == "server_hello" &&
         side.leg->failure->find(kExcessiveMessage) != std::string::npos;
}

void add_advice(FindingReport& finding) {
  finding.expected = "a Certificate message of less than 32 KiB with at most 10 certificates";
  finding.remedy =
      "Send only the backend's own certificate and its intermediates, and part a certificate with "
      "thousands of names into several. On the client: Java "
      "-Djdk.tls.maxHandshakeMessageSize=BYTES and -Djdk.tls.maxCertificateChainLength=N; Windows "
      "SCHANNEL\\Messaging MessageLimitClient; OpenSSL SSL_CTX_set_max_cert_list.";
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.source = "RFC 8446 4.4.2";
}

FindingReport begin_finding(const LegSide& side, const Size& size) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  add_message_evidence(finding, side, size.message->what.view(),
                       "Certificate message with " + size.text());
  return finding;
}

/// Nobody has seen the message: it is the first large one behind a ServerHello, and it is more than
/// twice what OpenSSL's clients take.
FindingReport beyond_measure(const LegSide& side) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  const std::string limit = std::to_string(limits::kMaxHandshakeMessageBytes / 1024) + " KiB";
  finding.title = "The backend's Certificate message is larger than any client takes";
  finding.cause = "Behind its ServerHello the backend announced a message of more than " + limit +
                  ", where its Certificate message comes. Visavis reads no more than that, so what "
                  "is in it was not seen. " +
                  who_fails(true, true, true) + ", too.";
  finding.presented = "a message of more than " + limit;
  add_message_evidence(finding, side, "ServerHello", "what came behind it was not read");
  add_advice(finding);
  return finding;
}

}  // namespace

/// A large list of names, or everything that a store of certificates held.
std::optional<FindingReport> diagnose_certificate_message_too_large(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (above_our_limit(side)) return beyond_measure(side);
  const Size size = side ? size_of(side) : Size{};
  if (size.message == nullptr) return std::nullopt;
  const bool java = size.above(kJavaMessage);
  const bool openssl = size.above(kOpensslChain);
  if (!java && size.certificates <= kJavaChain) return std::nullopt;
  FindingReport finding = begin_finding(side, size);
  if (!openssl) finding.severity = severity::kWarning;
  const AlertReport* alert = fatal_alert(*side.leg, side.client);
  if (alert != nullptr && side.leg->outcome != "established") {
    finding.severity = severity::kError;
    if (!client_objected(side)) add_alert_evidence(finding, side, *alert);
    finding.codes.alert = static_cast<int>(alert->description.id);
    if (!openssl) finding.confidence = confidence::kLikely;
  }
  finding.title = java ? "The backend's Certificate message is larger than some clients take (" +
                             std::to_string(size.message->length) + " bytes)"
                       : "The backend's chain is longer than some clients take (" +
                             std::to_string(size.certificates) + " certificates)";
  finding.cause = "The Certificate message has " + size.text() + ". " +
                  who_fails(openssl, java, size.certificates > kJavaChain) +
                  ", whatever is right with the certificates themselves.";
  if (size.names > 0)
    finding.cause += " The backend's own certificate has " + count_of(size.names, "name") + ".";
  if (size.certificates == 0)
    finding.cause += " The client did not let all of it come: its header was enough.";
  finding.presented = size.text();
  add_advice(finding);
  finding.codes.java =
      java ? "SSLProtocolException: The size of the handshake message exceeds the maximum allowed "
             "size (32768)"
           : "SSLProtocolException: The certificate chain length exceeds the maximum allowed "
             "length (10)";
  return finding;
}

}  // namespace visavis::inspect
