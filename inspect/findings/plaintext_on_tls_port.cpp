#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Bytes that we can't name are an outcome (not-tls), not this cause.
bool spoke_a_known_protocol(const std::optional<LegReport>& leg) {
  return leg && leg->outcome == "not-tls" && leg->first_bytes &&
         *leg->first_bytes != "unknown bytes";
}

FindingReport finding_for(const LegReport& leg, std::string_view leg_name, bool client) {
  const std::string& what = *leg.first_bytes;
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = client ? side::kClient : side::kBackend;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = client ? "The client speaks without TLS to a TLS port: " + what
                         : "The backend does not speak TLS on this port: " + what;
  finding.cause =
      client ? "The first bytes from the client are a " + what +
                   ", not a ClientHello: it was told to use the plain protocol on this port."
             : "The backend answered the ClientHello with a " + what +
                   ": the service behind this port does not speak TLS, or expects STARTTLS first.";
  finding.expected =
      client ? "a TLS ClientHello (first byte 0x16)" : "a TLS ServerHello (first byte 0x16)";
  finding.presented = what;
  finding.remedy =
      client ? "Use https:// (or the TLS variant of the protocol) in the client, or give it the "
               "plain port."
             : "Point the client at the TLS port, or enable TLS for this listener on the backend "
               "(IIS: an https binding; nginx: listen ... ssl).";
  if (const EventReport* event = first_event(leg, "tcp", what))
    finding.evidence.push_back(evidence_of(leg_name, *event));
  finding.codes.schannel_event = 36888;
  finding.codes.hresult = "0x80090308";
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox = "SSL_ERROR_RX_RECORD_TOO_LONG";
  finding.codes.java = "SSLException: Unsupported or unrecognized SSL message";
  finding.source = "RFC 8446 5.1";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_plaintext_on_tls_port(const SessionReport& session) {
  if (spoke_a_known_protocol(session.client_leg))
    return finding_for(*session.client_leg, "client_leg", true);
  if (spoke_a_known_protocol(session.backend_leg))
    return finding_for(*session.backend_leg, "backend_leg", false);
  return std::nullopt;
}

}  // namespace visavis::inspect
