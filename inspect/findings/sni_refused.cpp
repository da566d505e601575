#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"
#include "inspect/findings/server_name.h"

namespace visavis::inspect {
namespace {

const AlertReport* warning_of_backend(const LegReport& leg) {
  const auto found =
      std::find_if(leg.alerts.begin(), leg.alerts.end(), [&leg](const AlertReport& alert) {
        return alert.sent_by == "backend" && alert.level == "warning" &&
               alert.description.id == kUnrecognizedName.value && !is_fatal(leg, alert);
      });
  return found == leg.alerts.end() ? nullptr : &*found;
}

FindingReport common_part(const SessionReport& session, const LegSide& side,
                          const AlertReport& alert) {
  FindingReport finding;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kBackendAlert;
  const std::string name = shown_name(*side.leg->client_hello->sni);
  finding.presented = "the hello asks for '" + name + "'";
  finding.expected = "a name that the backend has a site for";
  add_message_evidence(finding, side, "ClientHello", "ClientHello that asks for '" + name + "'");
  add_alert_evidence(finding, side, alert);
  add_alert_codes(finding.codes, alert.description.id);
  finding.source = "RFC 6066 3";
  if (!speaks_for_client(session, side)) finding.confidence = confidence::kLikely;
  return finding;
}

FindingReport refused(const SessionReport& session, const LegSide& side, const AlertReport& alert) {
  FindingReport finding = common_part(session, side, alert);
  const std::string name = shown_name(*side.leg->client_hello->sni);
  finding.severity = severity::kError;
  finding.side = side::kBoth;
  finding.title = "The backend has no site for the name '" + name + "' and refuses it";
  finding.cause = "The hello asks for '" + name + "' (SNI), and the backend answers with its own " +
                  alert_words(alert) +
                  ": none of its certificates or virtual hosts is for that name. Either the "
                  "client connects by a name that is meant for something else (an alias, an old "
                  "DNS entry, the name of the proxy), or the backend lacks the name.";
  finding.remedy =
      "Connect by a name that the backend serves, or add this one at the backend (nginx: "
      "server_name; Apache: ServerName, ServerAlias; IIS: a binding with that host name; HAProxy: "
      "a certificate for it, or no strict-sni; Java: the SNIMatcher), with a certificate for it.";
  return finding;
}

FindingReport warned(const SessionReport& session, const LegSide& side, const AlertReport& alert) {
  FindingReport finding = common_part(session, side, alert);
  const std::string name = shown_name(*side.leg->client_hello->sni);
  finding.severity = severity::kWarning;
  finding.side = side::kBackend;
  finding.title = "The backend warns that it does not know the name '" + name + "', and goes on";
  finding.cause =
      "The backend sends unrecognized_name (112) as a warning and then a ServerHello. Java 7 to "
      "10, and other clients that take every alert for an end, break off there; OpenSSL and "
      "browsers go on. RFC 6066 3 advises against the warning for that reason.";
  finding.remedy =
      "Give the site that answers this name at the backend (Apache: ServerName or ServerAlias; "
      "OpenSSL: a servername callback that returns SSL_TLSEXT_ERR_OK). Java clients can leave the "
      "name out: -Djsse.enableSNIExtension=false.";
  finding.codes.chrome.reset();
  finding.codes.firefox.reset();
  finding.codes.java = "SSLProtocolException: handshake alert: unrecognized_name";
  return finding;
}

}  // namespace

/// A name that breaks the rules for names is sni-malformed's.
std::optional<FindingReport> diagnose_sni_refused(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->client_hello || !side.leg->client_hello->sni) return std::nullopt;
  const AlertReport* fatal = fatal_alert(*side.leg, "backend");
  const bool refused_it = side.leg->outcome != "established" && fatal != nullptr &&
                          fatal->description.id == kUnrecognizedName.value;
  if (refused_it) {
    if (!name_problem(*side.leg->client_hello->sni).empty()) return std::nullopt;
    return refused(session, side, *fatal);
  }
  const AlertReport* warning = warning_of_backend(*side.leg);
  // What comes after a close, or in the middle of data, answers no hello.
  if (warning == nullptr || !side.leg->server_hello) return std::nullopt;
  return warned(session, side, *warning);
}

}  // namespace visavis::inspect
