#include "inspect/compare/verdict.h"

#include <algorithm>
#include <array>

#include "inspect/compare/direct_outcome.h"
#include "inspect/compare/headline.h"
#include "inspect/compare/leg_outcome.h"

namespace visavis::inspect {
namespace {

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

/// Our hello speaks for the client's as far as it repeats it. Only padding is taken to make no
/// difference to a backend that accepts the hello; to one that refuses it, even that may.
bool hello_repeated(const SessionReport& session, bool padding_counts) {
  const auto& unmirrored = session.mirror.unmirrored;
  return std::all_of(unmirrored.begin(), unmirrored.end(), [&](const UnmirroredFeature& feature) {
    return feature.leg != "backend_leg" || feature.feature == "alert-after-handshake" ||
           (!padding_counts && feature.feature == "extensions: padding");
  });
}

/// True when a direct client names the backend as it named it here: the name may be the proxy's
/// own.
bool same_name(const SessionReport& session) {
  if (!session.sni) return true;
  const std::string_view host(session.backend.data(),
                              std::min(session.backend.rfind(':'), session.backend.size()));
  const bool address = host.find(':') != std::string_view::npos ||
                       host.find_first_not_of("0123456789.") == std::string_view::npos;
  return address || host == *session.sni;
}

/// The backend's own alert to a hello that repeats the client's in everything: whatever its reason
/// is, the client's own hello gets the same. Not so where something about a certificate may be
/// meant, or a name.
bool refused_a_repeated_hello(const SessionReport& session) {
  const auto& leg = session.backend_leg;
  if (!leg || leg->outcome != "failed" || leg->server_hello || leg->hello_retry) return false;
  const bool refused =
      std::any_of(leg->alerts.begin(), leg->alerts.end(), [&leg](const AlertReport& alert) {
        return alert.sent_by == "backend" && is_fatal(*leg, alert);
      });
  return refused && all_mirrored(session) && session.client_leg &&
         session.client_leg->client_hello && leg->client_hello && hello_repeated(session, true) &&
         same_name(session);
}

/// The offer proves a direct failure where a party refused, by its own alert or bytes, something
/// that was the other party's own and not ours.
bool direct_fails_by_offer(const SessionReport& session) {
  if (const auto* finding = find(session, "plaintext-on-tls-port"))
    if (finding->side == "backend") return true;
  for (const std::string_view id : {"no-common-version", "no-common-cipher"}) {
    const auto* finding = find(session, id);
    if (finding != nullptr && finding->confidence == "proven" && all_mirrored(session)) return true;
  }
  return refused_a_repeated_hello(session);
}

/// The client's own certificate, which the backend would judge, was not sent.
bool asked_for_certificate(const LegReport& leg) {
  return leg.certificate_request || leg.history.find('r') != std::string::npos;
}

/// The findings on certificates that clients take differently: the name in the CN only, an expired
/// certificate beside a valid chain.
bool warns_about_chain(const SessionReport& session) {
  constexpr std::array<std::string_view, 4> kIds{"expired", "not-yet-valid", "name-mismatch",
                                                 "wrong-usage"};
  return std::any_of(kIds.begin(), kIds.end(),
                     [&session](std::string_view id) { return find(session, id) != nullptr; });
}

/// Both legs agreed on the same version and suite from a mirrored hello, and nothing about the
/// backend's chain is left for the client to dislike.
bool direct_works_by_offer(const SessionReport& session) {
  if (!all_mirrored(session) || !session.client_leg || !session.backend_leg) return false;
  if (!hello_repeated(session, false) || asked_for_certificate(*session.backend_leg)) return false;
  const auto& client = session.client_leg->established;
  const auto& backend = session.backend_leg->established;
  if (!client || !backend) return false;
  if (client->version != backend->version || client->cipher != backend->cipher) return false;
  // Whoever may have refused our certificate has its own judgement of the backend's.
  if (find(session, "client-rejected-our-certificate") != nullptr) return false;
  // A chain that we accept with a warning is one that some clients refuse: this one may.
  if (warns_about_chain(session)) return false;
  return session.backend_leg->chain && session.backend_leg->chain->trusted;
}

std::string verdict_class(const VerdictReport& verdict) {
  const bool works = verdict.proxied == "ok";
  if (verdict.direct == "unknown") return "unknown";
  if (verdict.proxied == "none") return verdict.direct == "ok" ? "healthy" : "fails-direct";
  if (verdict.direct == "ok") return works ? "healthy" : "proxy-introduces";
  return works ? "proxy-masks" : "fails-both";
}

std::string_view word(DirectOutcome::Result result) {
  switch (result) {
    case DirectOutcome::Result::ok:
      return "ok";
    case DirectOutcome::Result::failed:
      return "failed";
    case DirectOutcome::Result::unknown:
      break;
  }
  return "unknown";
}

VerdictReport judge_recorded(const SessionReport& session) {
  const DirectOutcome outcome = judge_direct(session);
  VerdictReport verdict;
  verdict.direct = word(outcome.result);
  if (outcome.result != DirectOutcome::Result::unknown) verdict.direct_known_by = "passthrough";
  verdict.verdict_class = verdict_class(verdict);
  verdict.headline = headline(session, verdict, outcome.why);
  return verdict;
}

}  // namespace

VerdictReport judge_session(const SessionReport& session) {
  if (session.direct_leg && !session.client_leg && !session.backend_leg)
    return judge_recorded(session);
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
  verdict.headline = headline(session, verdict, {});
  return verdict;
}

}  // namespace visavis::inspect
