#include "inspect/compare/verdict.h"

#include <algorithm>

#include "inspect/compare/direct_outcome.h"
#include "inspect/compare/headline.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/verdict_facts.h"

namespace visavis::inspect {
namespace {

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

bool proven(const SessionReport& session, std::string_view id) {
  const auto* finding = find_finding(session, id);
  return finding != nullptr && finding->confidence == "proven";
}

/// The backend's answer to a hello that repeats the client's in everything breaks a rule that no
/// client lets pass: it answers the client's own hello so, too. What of the hello makes it answer
/// so is not known, so nothing may differ.
bool answered_a_repeated_hello_badly(const SessionReport& session) {
  return proven(session, "bad-server-hello") && all_mirrored(session) &&
         hello_repeated(session, true) && same_name(session);
}

/// The offer proves a direct failure where a party refused, by its own alert or bytes, something
/// that was the other party's own and not ours: a version, suite or group that is not in the list.
bool direct_fails_by_offer(const SessionReport& session) {
  if (proven(session, "wrong-protocol-on-port")) return true;
  for (const std::string_view id : {"no-common-version", "no-common-cipher", "no-common-group"})
    if (proven(session, id) && all_mirrored(session)) return true;
  return answered_a_repeated_hello_badly(session) || refused_a_repeated_hello(session);
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
  if (find_finding(session, "client-rejected-our-certificate") != nullptr) return false;
  // It left for what the backend had chosen.
  if (find_finding(session, "alpn-mismatch") != nullptr) return false;
  // A chain that we accept with a warning is one that some clients refuse: this one may.
  if (warns_about_chain(session)) return false;
  // Nor does it see what else of the backend's some clients refuse: the prime, the extension and
  // the warning that it gets here are ours.
  for (const std::string_view id : {"dh-too-small", "renegotiation-info-missing", "sni-refused"})
    if (find_finding(session, id) != nullptr) return false;
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
    verdict.proxied = proxied_works(session) ? "ok" : proxied_unseen(session) ? "none" : "failed";
  if (session.twin && session.twin->result != "unknown") {
    verdict.direct = session.twin->result;
    verdict.direct_known_by = "twin";
  } else if (direct_fails_by_offer(session)) {
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
