#include "inspect/compare/verdict.h"

#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

/// In TLS 1.3 every alert but close_notify (0) and user_canceled (90) is an error, whatever its
/// level says. RFC 8446 6.
bool has_fatal_alert(const LegReport& leg) {
  const bool tls13 = leg.established && leg.established->version.id >= kTls13.value;
  return std::any_of(leg.alerts.begin(), leg.alerts.end(), [tls13](const AlertReport& alert) {
    const bool closure = alert.description.id == kCloseNotify.value || alert.description.id == 90;
    return alert.level != "warning" || (tls13 && !closure);
  });
}

bool leg_works(const std::optional<LegReport>& leg) {
  return leg && leg->outcome == "established" && leg->established && !has_fatal_alert(*leg) &&
         !(leg->close && leg->close->how == "rst");
}

/// The last request got no response: the backend closed, or stayed silent until the time-out.
bool left_unanswered(const SessionReport& session) {
  if (session.http.empty() || session.http.back().status) return false;
  const auto& close = session.backend_leg->close;
  return close && (close->by == "backend" || close->how == "timeout");
}

/// The backend closed in the middle of a response whose end was announced.
bool cut_short(const SessionReport& session) {
  const auto& close = session.backend_leg->close;
  return !session.http.empty() && close && close->by == "backend" &&
         std::any_of(session.http.begin(), session.http.end(),
                     [](const HttpExchange& exchange) { return exchange.cut_short; });
}

bool proxied_works(const SessionReport& session) {
  if (!leg_works(session.client_leg) || !leg_works(session.backend_leg)) return false;
  const bool asked = session.client_to_backend_bytes > 0;
  const bool answered = session.backend_to_client_bytes > 0;
  return (!asked || answered) && !left_unanswered(session) && !cut_short(session);
}

const FindingReport* find(const SessionReport& session, std::string_view id) {
  const auto found = std::find_if(session.findings.begin(), session.findings.end(),
                                  [id](const FindingReport& finding) { return finding.id == id; });
  return found == session.findings.end() ? nullptr : &*found;
}

bool all_mirrored(const SessionReport& session) {
  return session.mirror.hello == "mirror" && session.mirror.answer == "mirror" &&
         session.split_policy == "keep";
}

/// The offer proves a direct failure where a party refused, by its own alert or bytes, something
/// that was the other party's own and not ours.
bool direct_fails_by_offer(const SessionReport& session) {
  if (const auto* finding = find(session, "plaintext-on-tls-port"))
    if (finding->side == "backend") return true;
  const auto* version = find(session, "no-common-version");
  return version != nullptr && version->confidence == "proven" && all_mirrored(session);
}

/// The backend accepted our hello, which speaks for the client's only as far as it repeats it. Only
/// padding is taken to make no difference.
bool hello_repeated(const SessionReport& session) {
  const auto& unmirrored = session.mirror.unmirrored;
  return std::all_of(unmirrored.begin(), unmirrored.end(), [](const UnmirroredFeature& feature) {
    return feature.leg != "backend_leg" || feature.feature == "extensions: padding";
  });
}

/// A CertificateRequest ('r'): the client's own certificate, which the backend would judge, was not
/// sent.
bool asked_for_certificate(const LegReport& leg) {
  return leg.history.find('r') != std::string::npos;
}

/// Both legs agreed on the same version and suite from a mirrored hello, and nothing about the
/// backend's chain is left for the client to dislike.
bool direct_works_by_offer(const SessionReport& session) {
  if (!all_mirrored(session) || !session.client_leg || !session.backend_leg) return false;
  if (!hello_repeated(session) || asked_for_certificate(*session.backend_leg)) return false;
  const auto& client = session.client_leg->established;
  const auto& backend = session.backend_leg->established;
  if (!client || !backend) return false;
  if (client->version != backend->version || client->cipher != backend->cipher) return false;
  return session.backend_leg->chain && session.backend_leg->chain->trusted;
}

std::string verdict_class(const VerdictReport& verdict) {
  const bool works = verdict.proxied == "ok";
  if (verdict.direct == "unknown") return "unknown";
  if (verdict.proxied == "none") return verdict.direct == "ok" ? "healthy" : "fails-direct";
  if (verdict.direct == "ok") return works ? "healthy" : "proxy-introduces";
  return works ? "proxy-masks" : "fails-both";
}

/// The client judges the certificate that we minted, not the backend's.
bool client_refused_our_certificate(const LegReport& client) {
  // bad_certificate to certificate_unknown, and unknown_ca.
  const auto of_certificate = [](std::uint32_t id) { return (id >= 42 && id <= 46) || id == 48; };
  return std::any_of(client.alerts.begin(), client.alerts.end(), [&](const AlertReport& alert) {
    return alert.sent_by == "client" && of_certificate(alert.description.id);
  });
}

std::string describe_leg_failure(const LegReport& leg, std::string_view side) {
  if (leg.failure) return *leg.failure;
  if (leg.outcome == "not-tls")
    return "it did not begin with TLS, but with " + leg.first_bytes.value_or("unknown bytes");
  if (!leg.malformed.empty()) return leg.malformed.front();
  if (!leg.alerts.empty()) {
    const AlertReport& alert = leg.alerts.back();
    return "the " + alert.sent_by + " sent a " + alert.level + ' ' + alert.description.name + " (" +
           std::to_string(alert.description.id) + ") alert";
  }
  if (leg.close)
    return leg.close->how == "timeout"
               ? "nothing came on the " + std::string(side) + " leg until the time-out"
               : "the " + leg.close->by + " closed the connection (" + leg.close->how + ')';
  return "the handshake on the " + std::string(side) + " leg did not end";
}

/// What happened, for a session that failed without a finding that explains it.
std::string describe_failure(const SessionReport& session) {
  if (session.client_leg && session.client_leg->failure && !session.client_leg->server_hello)
    return "Client leg failed: " + *session.client_leg->failure;
  if (session.backend_leg && session.backend_leg->outcome != "established")
    return "Backend leg failed: " + describe_leg_failure(*session.backend_leg, "backend");
  if (session.client_leg && session.client_leg->outcome != "established")
    return "Client leg failed: " + describe_leg_failure(*session.client_leg, "client") +
           (client_refused_our_certificate(*session.client_leg)
                ? ", its judgement of the proxy's own certificate: does it trust our CA?"
                : "");
  for (const auto* leg : {&session.backend_leg, &session.client_leg})
    if (*leg && (has_fatal_alert(**leg) || ((*leg)->close && (*leg)->close->how == "rst")))
      return "Broken off after both handshakes: " +
             describe_leg_failure(**leg, leg == &session.backend_leg ? "backend" : "client");
  if (!session.client_leg || !session.backend_leg) return "Nothing went through the proxy";
  if (cut_short(session))
    return "Both handshakes succeeded, but the backend closed before the end of its last response";
  return session.backend_to_client_bytes == 0
             ? "Both handshakes succeeded, but the request got no byte of an answer"
             : "Both handshakes succeeded, but the last request got no answer";
}

std::string describe_success(const SessionReport& session) {
  const auto& client = *session.client_leg->established;
  const auto& backend = *session.backend_leg->established;
  if (client.version == backend.version && client.cipher == backend.cipher)
    return "Works: " + client.version.name + ", " + client.cipher.name + " on both legs";
  return "Works through the proxy: " + client.version.name + " with the client, " +
         backend.version.name + " with the backend";
}

std::string headline(const SessionReport& session, const VerdictReport& verdict) {
  std::string text;
  const FindingReport* leading = session.findings.empty() ? nullptr : &session.findings.front();
  if (verdict.proxied == "ok") {
    text = describe_success(session);
    if (leading != nullptr) text += ". " + leading->title;
  } else {
    text = leading != nullptr ? leading->title : describe_failure(session);
  }
  if (!text.ends_with('?')) text += '.';
  if (verdict.verdict_class == "unknown")
    text +=
        " Whether it works without the proxy is not known: connect the client directly to tell.";
  return text;
}

}  // namespace

VerdictReport judge_session(const SessionReport& session) {
  VerdictReport verdict;
  if (session.client_leg || session.backend_leg)
    verdict.proxied = proxied_works(session) ? "ok" : "failed";
  if (direct_fails_by_offer(session)) {
    verdict.direct = "failed";
    verdict.direct_known_by = "offer";
  } else if (verdict.proxied == "ok" && direct_works_by_offer(session)) {
    verdict.direct = "ok";
    verdict.direct_known_by = "offer";
  }
  verdict.verdict_class = verdict_class(verdict);
  verdict.headline = headline(session, verdict);
  return verdict;
}

}  // namespace visavis::inspect
