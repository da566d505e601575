#include "inspect/compare/verdict_facts.h"

#include <algorithm>
#include <array>

#include "inspect/compare/leg_outcome.h"

namespace visavis::inspect {
namespace {

bool leg_works(const std::optional<LegReport>& leg) {
  return leg && leg->outcome == "established" && leg->established && !has_fatal_alert(*leg);
}

bool is_reset(const LegReport& leg) { return leg.close && leg.close->how == "rst"; }

/// Every request has its whole response, and its end is known.
bool all_answered(const SessionReport& session) {
  return !session.http.empty() &&
         std::all_of(session.http.begin(), session.http.end(), [](const HttpExchange& exchange) {
           return (exchange.status || exchange.excused) && !exchange.cut_short &&
                  !exchange.until_close;
         });
}

/// An RST loses what is on its way. Servers end idle connections so, and clients those that they
/// need no more: nothing is lost then.
bool reset_harms(const SessionReport& session) {
  if (!is_reset(*session.client_leg) && !is_reset(*session.backend_leg)) return false;
  if (!session.http.empty()) return !all_answered(session);
  const bool by_client = session.client_leg->close && session.client_leg->close->by == "client";
  const bool both_ways = session.client_to_backend_bytes > 0 && session.backend_to_client_bytes > 0;
  return !by_client || !both_ways;
}

/// A request got no response: the backend closed, or stayed silent until the time-out. (In HTTP/1
/// that is the last one; in HTTP/2 later ones may have theirs.)
bool left_unanswered(const SessionReport& session) {
  const auto& close = session.backend_leg->close;
  return close && (close->by == "backend" || close->how == "timeout") &&
         std::any_of(session.http.begin(), session.http.end(), [](const HttpExchange& exchange) {
           return !exchange.status && !exchange.excused;
         });
}

/// The backend closed in the middle of a response whose end was announced.
bool cut_short(const SessionReport& session) {
  const auto& close = session.backend_leg->close;
  return !session.http.empty() && close && close->by == "backend" &&
         std::any_of(session.http.begin(), session.http.end(),
                     [](const HttpExchange& exchange) { return exchange.cut_short; });
}

}  // namespace

bool proxied_works(const SessionReport& session) {
  if (!leg_works(session.client_leg) || !leg_works(session.backend_leg)) return false;
  if (reset_harms(session)) return false;
  // Some shake hands first and judge our certificate then, or the protocol that was chosen.
  for (const std::string_view id : {"client-rejected-our-certificate", "repeated-fault-refused",
                                    "alpn-mismatch", "unexpected-h2"})
    if (find_finding(session, id) != nullptr) return false;
  const bool asked = session.client_to_backend_bytes > 0;
  const bool answered = session.backend_to_client_bytes > 0;
  return (!asked || answered) && !left_unanswered(session) && !cut_short(session);
}

bool proxied_unseen(const SessionReport& session) {
  bool unseen = false;
  for (const auto* leg : {&session.client_leg, &session.backend_leg}) {
    if (!*leg) continue;
    if ((*leg)->outcome == "failed" || (*leg)->outcome == "not-tls" || has_fatal_alert(**leg))
      return false;
    unseen = unseen || ((*leg)->outcome == "incomplete" && (*leg)->capture);
  }
  return unseen;
}

const FindingReport* find_finding(const SessionReport& session, std::string_view id) {
  const auto found = std::find_if(session.findings.begin(), session.findings.end(),
                                  [id](const FindingReport& finding) { return finding.id == id; });
  return found == session.findings.end() ? nullptr : &*found;
}

bool backend_unreached(const SessionReport& session) {
  const auto& backend = session.backend_leg;
  return backend &&
         (backend->reached == "none" || find_finding(session, "backend-unreachable") != nullptr);
}

bool failed_in_first_flight(const SessionReport& session) {
  const auto& backend = session.backend_leg;
  if (!backend || backend->outcome == "established" || backend->server_hello) return false;
  const bool left =
      session.client_leg && session.client_leg->close && session.client_leg->close->by == "client";
  return !left;
}

bool seen_to_work_directly(const SessionReport& session) {
  const VerdictReport& verdict = session.verdict;
  return session.client_leg && verdict.direct == "ok" && verdict.direct_known_by == "passthrough";
}

bool all_mirrored(const SessionReport& session) {
  return session.mirror.hello == "mirror" && session.mirror.answer == "mirror" &&
         session.split_policy == "keep" && session.split_segments == "keep";
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

/// The client's own certificate, which the backend would judge, was not sent.
bool asked_for_certificate(const LegReport& leg) {
  return leg.certificate_request || leg.history.find('r') != std::string::npos;
}

/// Those that clients take differently: the name in the CN only, an expired certificate beside a
/// valid chain ...
bool warns_about_chain(const SessionReport& session) {
  return std::any_of(
      session.findings.begin(), session.findings.end(), [](const FindingReport& finding) {
        return finding.kind == finding_kind::kCertificate && finding.severity != "info";
      });
}

}  // namespace visavis::inspect
