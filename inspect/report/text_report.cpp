#include "inspect/report/text_report.h"

#include "inspect/report/text_findings.h"
#include "inspect/report/text_legs.h"
#include "inspect/report/text_page.h"
#include "inspect/report/text_sections.h"

namespace visavis::inspect {
namespace {

Tone tone_of(const VerdictReport& verdict) {
  if (verdict.verdict_class == "healthy") return Tone::bold;
  return verdict.verdict_class == "unknown" ? Tone::warning : Tone::error;
}

void render_headline(const SessionReport& session, TextPage& page) {
  page.paragraph(0, identity(session, true), tone_of(session.verdict));
  page.paragraph(2, session.verdict.headline, Tone::bold);
  if (session.verdict.from_live) page.paragraph(2, std::string(kFromLiveWords));
  page.paragraph(2, outcomes(session));
  render_summary(session.findings, page);
  page.paragraph(2, session_facts(session));
}

}  // namespace

std::string render_text(const SessionReport& session, const TextStyle& style) {
  TextPage page(style);
  if (style.quiet) {
    page.one_line(identity(session, false) + ": " + session.verdict.headline,
                  tone_of(session.verdict));
    return page.take();
  }
  render_headline(session, page);
  render_legs(session, page);
  render_proxy(session, page);
  render_http(session, page);
  render_findings(session.findings, page);
  render_windows(session, page);
  return page.take();
}

}  // namespace visavis::inspect
