#include "inspect/report/text_findings.h"

#include <algorithm>

#include "inspect/findings/catalogue.h"
#include "inspect/report/finding_words.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMaxSummary = 3;
constexpr std::size_t kMaxFindings = 20;
constexpr std::size_t kMaxEvidence = 12;

void render_evidence(const FindingReport& finding, TextPage& page) {
  const std::size_t shown = std::min(finding.evidence.size(), kMaxEvidence);
  for (std::size_t i = 0; i < shown; ++i)
    page.labelled(i == 0 ? "evidence" : "", evidence_line(finding.evidence[i]));
  if (shown < finding.evidence.size())
    page.labelled("", "and " + std::to_string(finding.evidence.size() - shown) + " more");
}

void render_finding(const FindingReport& finding, TextPage& page) {
  page.paragraph(0, finding.severity + ": " + finding.title + " [" + finding.id + "]",
                 tone_of(finding.severity));
  page.labelled("who",
                who_changes(finding) + "; " + finding.confidence + ", " + whose_judgement(finding));
  page.labelled("cause", finding.cause);
  page.labelled("expected", finding.expected);
  page.labelled("presented", finding.presented);
  render_evidence(finding, page);
  page.labelled("remedy", finding.remedy);
  page.labelled("seen as", codes_line(finding.codes));
  page.labelled("suspects", suspects_line(finding));
  page.labelled("source", finding.source);
  if (explain_finding(finding.id) != nullptr)
    page.labelled("more", "visavis explain " + finding.id);
}

std::string peer_line(const PeerReading& peer) {
  std::string text = peer.event ? "event " + std::to_string(*peer.event) + ", " : "";
  text += peer.says;
  if (peer.code) text += "; status " + *peer.code;
  if (peer.code && peer.code_name) text += " " + *peer.code_name;
  return text;
}

}  // namespace

void render_summary(const std::vector<FindingReport>& findings, TextPage& page) {
  const std::size_t shown = std::min(findings.size(), kMaxSummary);
  for (std::size_t i = 0; i < shown; ++i) {
    const FindingReport& finding = findings[i];
    page.paragraph(2,
                   finding.severity + ": " + finding.title + "; " + who_changes(finding) + " (" +
                       finding.confidence + ")",
                   tone_of(finding.severity));
  }
  if (shown < findings.size())
    page.paragraph(2, "and " + std::to_string(findings.size() - shown) + " more findings, below");
}

void render_findings(const std::vector<FindingReport>& findings, TextPage& page) {
  page.gap();
  if (findings.empty()) return page.line("no findings");
  const std::size_t shown = std::min(findings.size(), kMaxFindings);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) page.gap();
    render_finding(findings[i], page);
  }
  if (shown == findings.size()) return;
  page.gap();
  page.line("and " + std::to_string(findings.size() - shown) + " more findings, in the JSON");
}

void render_windows(const SessionReport& session, TextPage& page) {
  if (!session.windows) return;
  const WindowsReading& windows = *session.windows;
  page.gap();
  page.paragraph(
      0, "IN OTHER WORDS: what each side would say, were it Windows or a browser (a prediction)");
  for (const PeerReading& peer : windows.peers) page.labelled(peer.party, peer_line(peer));
  if (windows.chrome) page.labelled("Chrome", *windows.chrome);
  if (windows.firefox) page.labelled("Firefox", *windows.firefox);
  if (windows.java) page.labelled("Java", *windows.java);
}

}  // namespace visavis::inspect
