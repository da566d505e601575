#include <algorithm>

#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"
#include "inspect/findings/server_name.h"

namespace visavis::inspect {
namespace {

bool has_no_name(const ClientHelloReport& hello) {
  // SSL 3.0 and older have no extensions: that the version is old says more.
  const bool could = hello.supported_versions || hello.legacy_version.id >= kTls10.value;
  return could && !hello.sslv2 && !hello.sni &&
         !listed_contains(hello.extensions, code_point(kServerName));
}

FindingReport common_part(const LegSide& side) {
  FindingReport finding;
  finding.side = side::kClient;
  finding.expected = "a server name (SNI) in the hello";
  finding.presented = "a hello without one";
  finding.remedy =
      "Let the client name the host: connect by name and not by address, and update it where it "
      "can't (Java 6, Windows XP's SChannel, Android 2.x; OpenSSL: SSL_set_tlsext_host_name, "
      "s_client -servername). On the backend: a default site with a certificate (IIS: a binding "
      "without host name; nginx: no ssl_reject_handshake in the default server; HAProxy: no "
      "strict-sni).";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client) + " without server_name");
  finding.codes.chrome = "ERR_SSL_UNRECOGNIZED_NAME_ALERT";
  finding.source = "RFC 6066 3";
  return finding;
}

/// unrecognized_name in answer to no name: nothing else can be meant.
FindingReport refused(const LegSide& side, const AlertReport& alert) {
  FindingReport finding = common_part(side);
  finding.severity = severity::kError;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = "The client names no host (SNI), and the backend demands one";
  finding.cause = "The hello has no server_name, and the backend answers with its own " +
                  alert_words(alert) +
                  ": it has sites with names only, and none for who asks for no name.";
  add_alert_evidence(finding, side, alert);
  add_alert_codes(finding.codes, alert.description.id);
  return finding;
}

/// HTTP.sys with host name bindings only closes; but others close for other reasons.
FindingReport closed(const LegSide& side) {
  FindingReport finding = common_part(side);
  finding.severity = severity::kWarning;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The client names no host (SNI), which may be why the backend closes";
  finding.cause =
      "The hello has no server_name, and the backend " +
      std::string(close_words(*side.leg->close)) +
      " without an answer. IIS (HTTP.sys) with bindings for host names only does so to clients "
      "without SNI, and so do some load balancers; clients that name the host get on.";
  add_close_evidence(finding, side);
  finding.codes.chrome = "ERR_CONNECTION_CLOSED";
  finding.codes.schannel_event = 36888;
  return finding;
}

FindingReport shown_another(const LegSide& side) {
  FindingReport finding = common_part(side);
  finding.severity = severity::kInfo;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The client names no host (SNI): the certificate is the backend's default one";
  finding.cause =
      "The hello has no server_name, so the backend shows the certificate that it has for such "
      "clients, and that is for another name. For clients that name the host it may have another.";
  finding.codes.chrome = "ERR_CERT_COMMON_NAME_INVALID";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_sni_missing(const SessionReport& session,
                                                  const Findings& found) {
  const LegSide side = backend_side(session);
  const LegSide client = client_side(session);
  if (!side || !client || !side.leg->client_hello || !client.leg->client_hello) return std::nullopt;
  if (!has_no_name(*client.leg->client_hello) || !has_no_name(*side.leg->client_hello) ||
      !speaks_for_client(session, side))
    return std::nullopt;
  const LegReport& leg = *side.leg;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (leg.outcome != "established" && !leg.server_hello && alert != nullptr &&
      alert->description.id == kUnrecognizedName.value)
    return refused(side, *alert);
  // Who connects by an address has no name to send.
  if (is_address(host_part(session.backend))) return std::nullopt;
  const auto has = [&found](std::string_view id) {
    return std::any_of(found.begin(), found.end(),
                       [id](const FindingReport& finding) { return finding.id == id; });
  };
  if (has("no-server-hello") && ended_by(leg, "backend")) return closed(side);
  return has("name-mismatch") ? std::optional(shown_another(side)) : std::nullopt;
}

}  // namespace visavis::inspect
