#include "inspect/bundle/bundle_texts.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "inspect/report/finding_words.h"
#include "inspect/report/text_page.h"

namespace visavis::inspect {
namespace {

/// A README that nobody reads to its end helps nobody: report.txt has all sessions.
constexpr std::size_t kMaxTold = 20;
constexpr std::size_t kMaxFindings = 8;

std::string counted(std::uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// Nobody ended its TLS between the two: it was passed through, or captured.
bool is_direct(const SessionReport& session) { return !session.client_leg && !session.backend_leg; }

std::string verdict_words(const SessionReport& session) {
  const VerdictReport& verdict = session.verdict;
  if (verdict.verdict_class == "healthy") return "It works.";
  if (verdict.verdict_class == "fails-both")
    return "It fails with the proxy and without it: the fault is between client and backend.";
  if (verdict.verdict_class == "proxy-masks")
    return "It works only through the proxy: what the proxy changed is what to suspect.";
  if (verdict.verdict_class == "proxy-introduces")
    return "It fails only through the proxy: the proxy's own doing, not the backend's fault.";
  if (verdict.verdict_class == "fails-direct")
    return "The direct connection fails; the proxy was not in between.";
  if (is_direct(session)) return "Whether it works can't be told from what was seen.";
  return "It is not known whether it fails without the proxy: a passthrough run tells.";
}

void tell_session(const SessionReport& session, TextPage& page) {
  page.gap();
  page.paragraph(0, "Session " + session.id + ": " + session.verdict.verdict_class);
  page.paragraph(2, session.client + " -> " + session.backend +
                        (session.sni ? ", server name " + *session.sni : "") + ", " +
                        session.started);
  page.paragraph(2, session.verdict.headline);
  page.paragraph(2, verdict_words(session));
  if (session.findings.empty()) return page.paragraph(2, "No findings.");
  page.paragraph(2, "Findings:");
  const std::size_t shown = std::min(session.findings.size(), kMaxFindings);
  for (std::size_t i = 0; i < shown; ++i) {
    const FindingReport& finding = session.findings[i];
    page.paragraph(4, finding.severity + ": " + finding.title + "; " + who_changes(finding) + " (" +
                          finding.confidence + ")");
    if (finding.severity == "error") page.paragraph(6, "what to do: " + finding.remedy);
  }
  if (shown < session.findings.size())
    page.paragraph(
        4, "and " + counted(session.findings.size() - shown, "more finding") + ", in report.txt");
}

void tell_happened(const std::vector<SessionReport>& sessions, const BundleFacts& facts,
                   TextPage& page) {
  page.line("WHAT HAPPENED");
  std::map<std::string, std::uint64_t> verdicts;
  for (const SessionReport& session : sessions) ++verdicts[session.verdict.verdict_class];
  std::string counts;
  for (const auto& [verdict, count] : verdicts)
    counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + verdict;
  page.paragraph(0, counted(sessions.size(), "session") + ": " + counts);
  // Those that failed are what the bundle is about.
  std::vector<const SessionReport*> order;
  for (const SessionReport& session : sessions) order.push_back(&session);
  std::stable_partition(order.begin(), order.end(), [](const SessionReport* session) {
    return session->verdict.verdict_class != "healthy";
  });
  for (std::size_t i = 0; i < std::min(order.size(), kMaxTold); ++i) tell_session(*order[i], page);
  if (order.size() > kMaxTold) {
    page.gap();
    page.paragraph(0,
                   "and " + counted(order.size() - kMaxTold, "more session") + ", in report.txt");
  }
  if (facts.sessions_left_out > 0) {
    page.gap();
    page.paragraph(0, counted(facts.sessions_left_out, "session") +
                          " more were given than a bundle holds. Those that did not fail were left "
                          "out first: choose with --session or --filter");
  }
}

void tell_files(const BundleFacts& facts, TextPage& page) {
  page.gap();
  page.line("WHAT IS IN HERE");
  const auto file = [&page](const std::string& name, const std::string& what) {
    page.paragraph(2, name + ": " + what);
  };
  file("report.txt", "every session in full, both handshakes side by side");
  file("report.html", "the same for a browser and for paper; it loads nothing from anywhere");
  file("sessions.jsonl", "the same for programs: one JSON document a line");
  std::string capture = "the packets of these sessions, for Wireshark";
  if (facts.capture_packets == 0)
    capture = facts.captures_given ? "absent: none of these sessions' packets is in the captures"
                                   : "absent: only logs were given, which hold no packets";
  if (facts.packets_left_out > 0)
    capture += "; " + counted(facts.packets_left_out, "packet") +
               " behind the first 128 MiB were left out";
  file("capture.pcapng", capture);
  if (facts.har) file("sessions.har", "the HTTP exchanges, for a browser's network panel");
  file("chains.txt", "the certificates that servers sent, and what was judged of them");
  file("certificates/", "those whose bytes are known, in PEM, a file a leg");
  file("environment.txt", "what this was made with");
  file("SHA256SUMS", "check with: sha256sum -c SHA256SUMS");
}

void tell_masks(const BundleFacts& facts, TextPage& page) {
  page.gap();
  page.line("WHAT WAS MASKED");
  page.paragraph(2,
                 "Within this bundle the same value has the same mask; the key of the masks was "
                 "thrown away. Masked are: authorization and cookies, and all HTTP fields that are "
                 "not about the message itself; values in query strings; session tickets and PSK "
                 "identities; subjects and alternative names of client certificates; what was said "
                 "without TLS, bodies above all; link-layer addresses. In packets letters of the "
                 "same length stand in their place, and the checksums are those of the masked "
                 "bytes: signatures and Finished values over a handshake no longer fit.");
  page.paragraph(2, facts.addresses_masked
                        ? "Addresses of clients and of the proxy are masked, too (198.18.x.x, "
                          "2001:db8:...)."
                        : "Addresses are not masked (--mask-addresses does that).");
  page.paragraph(2, facts.secrets
                        ? "The secrets in capture.pcapng decrypt what was encrypted, with all "
                          "passwords, cookies and contents: nothing of that is masked."
                        : "What was encrypted stays so: no secret is in here.");
}

}  // namespace

std::string bundle_readme(const std::vector<SessionReport>& sessions, const BundleFacts& facts) {
  TextPage page({80, false, false});
  if (facts.secrets)
    page.paragraph(0,
                   "THIS BUNDLE HOLDS SECRETS: whoever has it can decrypt its capture and read "
                   "all that was sent.");
  const bool direct = std::all_of(sessions.begin(), sessions.end(), is_direct);
  page.paragraph(0, (direct ? "The TLS handshakes of " : "Both TLS handshakes of ") +
                        counted(sessions.size(), "session") +
                        ", recorded and explained by visavis.");
  page.gap();
  tell_happened(sessions, facts, page);
  tell_files(facts, page);
  tell_masks(facts, page);
  if (!facts.problems.empty()) {
    page.gap();
    page.line("WHAT COULD NOT BE READ");
    for (const std::string& problem : facts.problems) page.paragraph(2, problem);
  }
  return page.take();
}

std::vector<LegInBundle> legs_in_bundle(const SessionReport& session) {
  std::string id = session.id;
  std::replace_if(
      id.begin(), id.end(),
      [](unsigned char letter) { return std::isalnum(letter) == 0 && letter != '-'; }, '_');
  std::vector<LegInBundle> legs;
  const auto add = [&](const std::optional<LegReport>& leg, const char* name, const char* title) {
    if (leg) legs.push_back({id + "-" + name, "session " + session.id + ", " + title, &*leg});
  };
  add(session.client_leg, "client_leg", "client leg (the proxy's own certificate)");
  add(session.backend_leg, "backend_leg", "backend leg");
  add(session.direct_leg, "direct_leg", "direct leg");
  return legs;
}

std::string library_limits(const std::vector<SessionReport>& sessions) {
  std::map<std::string, std::uint64_t> limits;
  for (const SessionReport& session : sessions)
    for (const UnmirroredFeature& feature : session.mirror.unmirrored)
      ++limits[feature.leg + " " + feature.feature + ": " + feature.reason];
  if (limits.empty()) return "  nothing was left unmirrored\n";
  TextPage page({100, false, false});
  for (const auto& [limit, count] : limits)
    page.paragraph(2, limit + " (" + counted(count, "session") + ")");
  return page.take();
}

}  // namespace visavis::inspect
