#include "inspect/codepoint/alert.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"
#include "inspect/findings/server_name.h"

namespace visavis::inspect {
namespace {

/// The alert by which the backend refuses the hello, where it may be for its name.
const AlertReport* refusal(const LegReport& leg) {
  if (leg.outcome == "established" || leg.server_hello) return nullptr;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (alert == nullptr) return nullptr;
  const std::uint32_t said = alert->description.id;
  const bool fits = said == kUnrecognizedName.value || said == kDecodeError.value ||
                    said == kIllegalParameter.value;
  return fits ? alert : nullptr;
}

}  // namespace

/// "Literal IPv4 and IPv6 addresses are not permitted", and the name is "the fully qualified DNS
/// hostname ... without a trailing dot" (RFC 6066 3). Most backends don't mind: worth a line.
std::optional<FindingReport> diagnose_sni_malformed(const SessionReport& session) {
  const LegSide client = client_side(session);
  if (!client || !client.leg->client_hello || !client.leg->client_hello->sni) return std::nullopt;
  const std::string& name = *client.leg->client_hello->sni;
  const std::string problem = name_problem(name);
  if (problem.empty()) return std::nullopt;
  const LegSide side = backend_side(session);
  const AlertReport* alert =
      side && speaks_for_client(session, side) ? refusal(*side.leg) : nullptr;

  FindingReport finding;
  finding.severity = alert != nullptr ? severity::kError : severity::kInfo;
  finding.side = side::kClient;
  const bool certain = alert == nullptr || alert->description.id == kUnrecognizedName.value;
  finding.confidence = certain ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The server name in the client's hello " + problem +
                  (alert != nullptr ? ", and the backend refuses it" : "");
  finding.cause = "The client asks for '" + shown_name(name) + "' (SNI), which " + problem +
                  ". A server name is a host name as in DNS, without a port and without a dot at "
                  "the end; an address is not permitted there. Backends answer that with "
                  "unrecognized_name (112), decode_error (50) or a certificate for another name; "
                  "Java's servers refuse an underscore, Jetty an address (400 Invalid SNI).";
  finding.expected = "a host name, or no server name where the client connects by an address";
  finding.presented = "'" + shown_name(name) + "'";
  finding.remedy =
      "Give the client the backend's host name without port and dot; where it must connect by an "
      "address, let it send no server name. Libraries that take any text for it: set the name "
      "from the URL's host alone.";
  add_message_evidence(finding, client, "ClientHello",
                       "ClientHello asks for '" + shown_name(name) + "'");
  finding.codes.hresult = "0x80090326";
  if (alert != nullptr) {
    finding.judged_by = judged_by::kBackendAlert;
    add_alert_evidence(finding, side, *alert);
    add_alert_codes(finding.codes, alert->description.id);
  }
  finding.source = "RFC 6066 3";
  return finding;
}

}  // namespace visavis::inspect
