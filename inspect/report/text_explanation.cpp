#include "inspect/report/text_explanation.h"

#include <algorithm>

#include "inspect/report/text_page.h"

namespace visavis::inspect {
namespace {

/// A text's paragraphs are parted by empty lines; its line ends within one are the file's own. The
/// page cuts a long text, which here is ours.
void add_paragraphs(std::string_view text, TextPage& page) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    std::string paragraph(text.substr(0, end));
    std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
    page.own_paragraph(2, paragraph);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
}

void add_part(std::string_view heading, std::string_view text, TextPage& page) {
  if (text.empty()) return;
  page.gap();
  page.line(heading, Tone::bold);
  add_paragraphs(text, page);
}

}  // namespace

std::string render_explanation(const FindingExplanation& finding, const TextStyle& style) {
  TextPage page(style);
  page.paragraph(0, std::string(finding.id) + ": " + std::string(finding.title), Tone::bold);
  page.paragraph(2, "severity: " + std::string(finding.severity) + "; who must change: " +
                        std::string(finding.side) + "; found by: " + std::string(finding.found_by));
  add_part("CAUSE", finding.cause, page);
  add_part("EVIDENCE", finding.evidence, page);
  add_part("REMEDY ON THE CLIENT", finding.on_client, page);
  add_part("REMEDY ON THE BACKEND", finding.on_backend, page);
  add_part("SOURCES", finding.sources, page);
  return page.take();
}

}  // namespace visavis::inspect
