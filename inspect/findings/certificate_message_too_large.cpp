#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

// Bytes of a handshake message, and certificates, that clients take by default.
constexpr std::uint64_t kJavaMessage = 32768;       // jdk.tls.maxHandshakeMessageSize
constexpr std::uint64_t kSchannelMessage = 0x8000;  // MessageLimitClient
constexpr std::uint64_t kOpensslChain = 102400;     // SSL_MAX_CERT_LIST_DEFAULT
constexpr std::size_t kJavaChain = 10;              // jdk.tls.maxCertificateChainLength
static_assert(kJavaMessage == kSchannelMessage);

const EventReport* certificate_message(const LegSide& side) {
  return first_event(*side.leg, "message", "Certificate", side.server);
}

std::string who_fails(bool openssl, bool java, bool too_many) {
  if (openssl)
    return "OpenSSL's clients (curl, Python, Node: 100 KiB), Java and Windows (32 KiB) refuse it";
  if (java) return "Java and Windows' SChannel refuse a handshake message above 32 KiB";
  return too_many ? "Java refuses a chain of more than 10 certificates" : "";
}

}  // namespace

/// A large list of names, or everything that a store of certificates held.
std::optional<FindingReport> diagnose_certificate_message_too_large(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const EventReport* message = certificate_message(side);
  if (message == nullptr) return std::nullopt;
  const std::size_t count = side.leg->certificates.size();
  const bool java = message->length > kJavaMessage;
  const bool openssl = message->length > kOpensslChain;
  const bool too_many = count > kJavaChain;
  if (!java && !too_many) return std::nullopt;
  FindingReport finding = chain_finding(side);
  if (!openssl) finding.severity = severity::kWarning;
  const AlertReport* alert = fatal_alert(*side.leg, side.client);
  const bool refused = alert != nullptr && side.leg->outcome != "established";
  if (refused) {
    finding.severity = severity::kError;
    if (!client_objected(side)) add_alert_evidence(finding, side, *alert);
    finding.codes.alert = static_cast<int>(alert->description.id);
    if (!openssl) finding.confidence = confidence::kLikely;
  }
  const std::string size = std::to_string(message->length) + " bytes";
  finding.title =
      java ? "The backend's Certificate message is larger than some clients take (" + size + ")"
           : "The backend's chain is longer than some clients take (" + std::to_string(count) +
                 " certificates)";
  finding.cause = "The Certificate message has " + size + " and " + count_of(count, "certificate") +
                  ". " + who_fails(openssl, java, too_many) +
                  ", whatever is right with the certificates themselves.";
  if (!side.leg->certificates.front().san.empty())
    finding.cause += " The backend's own certificate has " +
                     count_of(side.leg->certificates.front().san.size(), "name") + ".";
  finding.expected = "a Certificate message of less than 32 KiB with at most 10 certificates";
  finding.presented = size + ", " + count_of(count, "certificate");
  finding.remedy =
      "Send only the backend's own certificate and its intermediates, and part a certificate with "
      "thousands of names into several. On the client: Java "
      "-Djdk.tls.maxHandshakeMessageSize=BYTES and -Djdk.tls.maxCertificateChainLength=N; Windows "
      "SCHANNEL\\Messaging MessageLimitClient; OpenSSL SSL_CTX_set_max_cert_list.";
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.java =
      java ? "SSLProtocolException: The size of the handshake message exceeds the maximum allowed "
             "size (32768)"
           : "SSLProtocolException: The certificate chain length exceeds the maximum allowed "
             "length (10)";
  finding.source = "RFC 8446 4.4.2";
  return finding;
}

}  // namespace visavis::inspect
