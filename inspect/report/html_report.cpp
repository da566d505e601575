#include "inspect/report/html_report.h"

#include <functional>
#include <string_view>

#include "inspect/report/columns.h"
#include "inspect/report/finding_words.h"
#include "inspect/report/leg_rows.h"
#include "inspect/report/text_findings.h"
#include "inspect/report/text_page.h"
#include "inspect/report/text_sections.h"
#include "inspect/report/text_twin.h"
#include "inspect/report/visible_text.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>visavis: both TLS handshakes, face to face</title>
<style>
body { font: 15px/1.45 sans-serif; color: #1c1c1c; background: #fff; margin: 2em auto;
  max-width: 75em; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.15em; margin: 2.5em 0 .3em; } h3 { font-size: 1em; }
section { border-top: 2px solid #888; }
.headline { font-weight: bold; } .facts { color: #555; font-size: .9em; }
.badge { padding: .1em .5em; border-radius: .3em; border: 1px solid; font-weight: bold; }
.good { color: #14602c; } .bad { color: #a3150f; } .open { color: #7a5200; }
table { border-collapse: collapse; width: 100%; margin: .8em 0; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .25em .5em; border: 1px solid #ccc;
  overflow-wrap: anywhere; }
th[scope=row] { width: 8.5em; font-weight: normal; color: #444; }
th.mark, td.mark { width: 1.6em; text-align: center; color: #a3150f; font-weight: bold; }
tr.differs td { background: #fff3e6; }
td, .mono { font-family: monospace; font-size: .92em; }
.note { display: block; font-size: .8em; color: #777; }
.finding { border-left: .35em solid #888; padding: .1em 0 .1em .9em; margin: 1em 0; }
.finding.error { border-color: #a3150f; } .finding.warning { border-color: #b87800; }
dl { display: grid; grid-template-columns: 7em 1fr; gap: .15em .6em; margin: .4em 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .92em; }
nav li { margin: .2em 0; }
@media print {
  body { font-size: 9pt; max-width: none; margin: 0; padding: 0; }
  nav { display: none; } section { break-before: page; border: 0; }
  tr, .finding { break-inside: avoid; } a { color: inherit; text-decoration: none; }
  tr.differs td { background: none; font-weight: bold; }
}
</style>
</head>
<body>
)";

constexpr std::string_view kEnd = "</body>\n</html>\n";

std::string escaped(std::string_view text, std::size_t most = TextPage::kMaxText) {
  std::string out;
  for (const char letter : visible(text, most)) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

std::string paragraph(std::string_view kind, std::string_view text) {
  return "<p class=\"" + std::string(kind) + "\">" + escaped(text) + "</p>\n";
}

std::string_view tone_of(const VerdictReport& verdict) {
  if (verdict.verdict_class == "healthy") return "good";
  return verdict.verdict_class == "unknown" ? "open" : "bad";
}

/// What the text report has in lines, as it stands there: made visible already.
std::string lines_of(const std::function<void(TextPage&)>& render) {
  TextPage page({100, false, false});
  render(page);
  const std::string text = page.take();
  std::string out;
  for (const char letter : text)
    out += letter == '&' ? "&amp;" : letter == '<' ? "&lt;" : std::string(1, letter);
  return out.empty() ? out : "<pre>" + out + "</pre>\n";
}

std::string cell_html(const Cell& cell) {
  std::string out;
  for (const std::string& line : cell)
    out += (out.empty() ? "" : "<br>") + escaped(line, kMaxCellText);
  return out;
}

std::string mark_html(bool differs) {
  return differs ? "<td class=\"mark\">&ne;</td>" : "<td class=\"mark\"></td>";
}

std::string row_html(const ColumnRow& row, std::size_t columns) {
  const bool marked = (columns > 1 && row.differs) || (columns > 2 && row.third_differs);
  std::string out = marked ? "<tr class=\"differs\">" : "<tr>";
  out += "<th scope=\"row\">" + escaped(row.label);
  if (!row.note.empty()) out += "<span class=\"note\">" + escaped(row.note) + "</span>";
  out += "</th><td>" + cell_html(row.left) + "</td>";
  if (columns > 1) out += mark_html(row.differs) + "<td>" + cell_html(row.right) + "</td>";
  if (columns > 2) out += mark_html(row.third_differs) + "<td>" + cell_html(row.third) + "</td>";
  return out + "</tr>\n";
}

std::string table_html(const LegRows& table) {
  std::string out = "<table>\n<thead><tr><th scope=\"row\"></th>";
  for (std::size_t i = 0; i < table.heads.size(); ++i)
    out += (i > 0 ? "<th class=\"mark\"></th><th scope=\"col\">" : "<th scope=\"col\">") +
           escaped(table.heads[i]) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const ColumnRow& row : table.rows) out += row_html(row, table.heads.size());
  return out + "</tbody>\n</table>\n";
}

std::string legs_html(const SessionReport& session) {
  if (session.client_leg || session.backend_leg)
    return table_html(rows_face_to_face(session, differing_twin(session)));
  return session.direct_leg ? table_html(rows_of_direct(session, true)) : "";
}

std::string entry(std::string_view label, std::string_view text) {
  if (text.empty()) return {};
  return "<dt>" + std::string(label) + "</dt><dd>" + escaped(text) + "</dd>\n";
}

std::string finding_html(const FindingReport& finding) {
  std::string out = "<div class=\"finding " + escaped(finding.severity) + "\">\n<h3>" +
                    escaped(finding.severity) + ": " + escaped(finding.title) +
                    " <span class=\"mono\">[" + escaped(finding.id) + "]</span></h3>\n<dl>\n";
  out += entry("who",
               who_changes(finding) + "; " + finding.confidence + ", " + whose_judgement(finding));
  out += entry("cause", finding.cause);
  out += entry("expected", finding.expected);
  out += entry("presented", finding.presented);
  for (const EvidenceReport& evidence : finding.evidence)
    out += entry("evidence", evidence_line(evidence));
  out += entry("remedy", finding.remedy);
  out += entry("seen as", codes_line(finding.codes));
  out += entry("suspects", suspects_line(finding));
  out += entry("source", finding.source);
  return out + "</dl>\n</div>\n";
}

std::string session_html(const SessionReport& session, std::size_t number) {
  std::string out = "<section id=\"s" + std::to_string(number) + "\">\n<h2><span class=\"badge " +
                    std::string(tone_of(session.verdict)) + "\">" +
                    escaped(session.verdict.verdict_class) + "</span> " + escaped(session.client) +
                    " &rarr; " + escaped(session.backend);
  if (session.sni) out += ", SNI " + escaped(*session.sni);
  out += "</h2>\n" + paragraph("headline", session.verdict.headline) +
         (session.verdict.from_live ? paragraph("facts", std::string(kFromLiveWords)) : "") +
         paragraph("outcomes", outcomes(session)) + paragraph("facts", session_facts(session));
  if (session.findings.empty()) out += "<p>no findings</p>\n";
  for (const FindingReport& finding : session.findings) out += finding_html(finding);
  out += legs_html(session);
  out += lines_of([&](TextPage& page) {
    render_twin(session, page);
    render_proxy(session, page);
    render_http(session, page);
    render_windows(session, page);
  });
  return out + "</section>\n";
}

}  // namespace

std::string render_html(const std::vector<SessionReport>& sessions) {
  std::string out(kHead);
  out += "<h1>Both TLS handshakes, face to face</h1>\n<nav>\n<ol>\n";
  for (std::size_t i = 0; i < sessions.size(); ++i)
    out += "<li><a href=\"#s" + std::to_string(i + 1) + "\">" +
           escaped(identity(sessions[i], true)) + "</a>: " + escaped(sessions[i].verdict.headline) +
           "</li>\n";
  out += "</ol>\n</nav>\n";
  for (std::size_t i = 0; i < sessions.size(); ++i) out += session_html(sessions[i], i + 1);
  return out.append(kEnd);
}

}  // namespace visavis::inspect
