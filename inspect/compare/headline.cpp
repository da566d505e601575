#include "inspect/compare/headline.h"

#include <algorithm>
#include <array>

#include "inspect/codepoint/alert.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/twin_outcome.h"
#include "inspect/compare/verdict_facts.h"

namespace visavis::inspect {
namespace {

/// Suspects that a headline names, at most.
constexpr std::size_t kMaxSuspects = 4;
/// A host's name and a port, at most: RFC 1035 2.3.4.
constexpr std::size_t kMaxPasted = 255 + 6;

bool is_direct(const SessionReport& session) {
  return session.direct_leg && !session.client_leg && !session.backend_leg;
}

/// The finding that explains the failure; null where none does.
const FindingReport* leading_cause(const SessionReport& session) {
  const auto& findings = session.findings;
  const bool leads = !findings.empty() && findings.front().role == finding_role::kCause;
  return leads ? &findings.front() : nullptr;
}

/// The findings are ranked: the first says most.
const FindingReport* first_finding(const SessionReport& session) {
  return session.findings.empty() ? nullptr : &session.findings.front();
}

bool ends_connections(const FindingReport& finding) {
  return finding.kind == finding_kind::kConnection || finding.kind == finding_kind::kProxy;
}

/// What happened, for a session that failed without a finding that explains it.
std::string describe_failure(const SessionReport& session) {
  if (session.client_leg && session.client_leg->failure && !session.client_leg->server_hello)
    return "Client leg failed: " + *session.client_leg->failure;
  if (session.backend_leg && session.backend_leg->outcome != "established")
    return "Backend leg failed: " + describe_leg_failure(*session.backend_leg, "backend");
  if (session.client_leg && session.client_leg->outcome != "established")
    return "Client leg failed: " + describe_leg_failure(*session.client_leg, "client");
  for (const auto* leg : {&session.backend_leg, &session.client_leg})
    if (*leg && (has_fatal_alert(**leg) || ((*leg)->close && (*leg)->close->how == "rst")))
      return "Broken off after both handshakes: " +
             describe_leg_failure(**leg, leg == &session.backend_leg ? "backend" : "client");
  if (!session.client_leg || !session.backend_leg) return "Nothing went through the proxy";
  const auto& http = session.http;
  if (std::any_of(http.begin(), http.end(),
                  [](const HttpExchange& each) { return each.cut_short; }))
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

std::string proxied_headline(const SessionReport& session, const VerdictReport& verdict) {
  const FindingReport* first = first_finding(session);
  if (verdict.proxied == "ok") {
    if (first != nullptr && ends_connections(*first)) return told(*first);
    const std::string works = describe_success(session);
    return first == nullptr ? works : works + ". " + first->title;
  }
  const FindingReport* cause = leading_cause(session);
  if (session.backend_leg && refused_by_us(*session.backend_leg))
    return "The proxy itself refused the backend's certificate (--verify enforce)" +
           (cause == nullptr ? std::string() : ". " + cause->title);
  if (cause != nullptr) return told(*cause);
  if (verdict.proxied == "none")
    return "Whether it works through the proxy can't be told: the capture does not show both "
           "handshakes whole";
  return describe_failure(session);
}

std::string direct_headline(const SessionReport& session, const VerdictReport& verdict,
                            const std::string& why) {
  const FindingReport* first = first_finding(session);
  const auto& established = session.direct_leg->established;
  if (verdict.direct == "ok") {
    const std::string works = "Works without the proxy's help: " + established->version.name +
                              ", " + established->cipher.name;
    return first == nullptr ? works : works + ". " + first->title;
  }
  // Where the handshake came about, what followed it comes before what may be the reason.
  if (established && !why.empty()) return first == nullptr ? why : why + ". " + first->title;
  return first == nullptr ? why : told(*first);
}

/// The command that tells, with the session's backend where that can be pasted into a shell: a
/// CONNECT request may name anything.
std::string compare_command(const SessionReport& session) {
  const std::string& backend = session.backend;
  const bool plain = std::all_of(backend.begin(), backend.end(), [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '.' || letter == ':' || letter == '-' ||
           letter == '_' || letter == '[' || letter == ']';
  });
  const bool named = backend.find(':') != std::string::npos && backend.size() <= kMaxPasted;
  return "visavis compare " +
         (plain && named && !backend.starts_with('-') ? backend : std::string("HOST:PORT")) +
         " -- CLIENT COMMAND";
}

std::string how_to_know(const SessionReport& session) {
  if (is_direct(session)) {
    if (session.direct_leg->outcome != "established") return "";
    const bool live = session.mode != "observed";
    return " Run " + compare_command(session) +
           (live ? ", or visavis without --mode passthrough," : "") + " to look inside.";
  }
  const bool tried = session.client_leg && session.client_leg->client_hello;
  const bool alone = session.client_leg && !tried && !session.backend_leg;
  if (alone) return "";  // nothing was tried that could be tried directly
  const std::string unknown = " Whether it works without the proxy is not known: ";
  // What visavis can't reach, its listeners don't reach either.
  if (backend_unreached(session))
    return unknown + "connect the client directly, from its own machine, to tell.";
  return unknown + "run " + compare_command(session) + ", or visavis with --mode passthrough" +
         (twin_could_tell(session) ? " or --twin auto" : "") + ", to tell.";
}

std::string sentence(std::string text) {
  if (!text.ends_with('?')) text += '.';
  return text;
}

/// begun_small is a sentence that goes on behind a colon.
std::string begun_small(std::string text) {
  if (!text.empty() && text.front() >= 'A' && text.front() <= 'Z' && !text.starts_with("TLS"))
    text.front() = static_cast<char>(text.front() - 'A' + 'a');
  return text;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMaxSuspects); ++i)
    text += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > kMaxSuspects)
    text += " and " + std::to_string(words.size() - kMaxSuspects) + " more";
  return text;
}

/// What the backend was sent otherwise than the client sends it: the suspects. Empty: nothing.
std::string suspects(const SessionReport& session) {
  std::vector<std::string> all;
  if (session.mirror.hello != "mirror")
    all.push_back("the hello (--hello " + session.mirror.hello + ")");
  if (session.mirror.answer != "mirror")
    all.push_back("the answer to the client (--answer " + session.mirror.answer + ")");
  if (session.split_policy != "keep")
    all.push_back("the record split (--split " + session.split_policy + ")");
  const auto& hello = session.client_leg->client_hello;
  if (hello && hello->segments.size() > 1)
    all.push_back("the hello's " + std::to_string(hello->segments.size()) +
                  " TCP segments, which leave as one");
  for (const UnmirroredFeature& feature : session.mirror.unmirrored)
    if (feature.leg == "backend_leg" && feature.feature != "alert-after-handshake")
      all.push_back(feature.feature);
  return listed(all);
}

/// masked_headline: it works here, and the client's own way fails.
std::string masked_headline(const SessionReport& session, const std::string& known) {
  std::string text = "It works only through the proxy";
  if (!known.empty()) text += ": " + begun_small(known);
  const std::string changed = suspects(session);
  text = sentence(text);
  return changed.empty() ? text : text + " What the proxy changed: " + changed + '.';
}

/// introduced_headline: nobody's fault but ours.
std::string introduced_headline(const SessionReport& session, const std::string& here,
                                const std::string& known) {
  const FindingReport* left = find_finding(session, "client-rejected-our-certificate");
  const bool likely = left != nullptr && left->confidence == "likely";
  std::string text = sentence(std::string("The proxy is ") + (likely ? "probably " : "") +
                              "the cause, not the backend: " + begun_small(here));
  if (!known.empty()) text += ' ' + sentence(known);
  const bool refused = session.backend_leg && session.backend_leg->outcome != "established";
  const std::string changed = refused ? suspects(session) : std::string();
  return changed.empty() ? text : text + " What the proxy changed: " + changed + '.';
}

std::string terminated_headline(const SessionReport& session, const VerdictReport& verdict) {
  const std::string here = proxied_headline(session, verdict);
  const bool by_twin = verdict.direct_known_by == "twin" && session.twin;
  const std::string known = by_twin ? session.twin->why : std::string();
  if (verdict.verdict_class == "proxy-masks" && session.client_leg)
    return masked_headline(session, by_twin ? known : here);
  if (verdict.verdict_class == "proxy-introduces") return introduced_headline(session, here, known);
  if (verdict.verdict_class == "fails-both" && by_twin)
    return sentence(here) + " It fails without the proxy too: " + sentence(begun_small(known));
  return sentence(here);
}

}  // namespace

std::string told(const FindingReport& finding) {
  if (finding.id != "no-common-version" || finding.presented.empty()) return finding.title;
  // What an alert of another number objects to is not the offer as a whole.
  const int alert = finding.codes.alert.value_or(0);
  if (alert == kInappropriateFallback.value || alert == kInternalError.value) return finding.title;
  constexpr std::string_view kChose = "the backend chose ";
  const std::string backend = finding.expected.starts_with(kChose)
                                  ? finding.expected.substr(0, finding.expected.find(','))
                                  : "the backend refuses all of that";
  return finding.title + ": " + finding.presented + ", " + backend;
}

std::string headline(const SessionReport& session, const VerdictReport& verdict,
                     const std::string& why) {
  std::string text = is_direct(session) ? sentence(direct_headline(session, verdict, why))
                                        : terminated_headline(session, verdict);
  if (verdict.verdict_class == "unknown") text += how_to_know(session);
  return text;
}

}  // namespace visavis::inspect
