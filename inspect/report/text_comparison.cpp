#include "inspect/report/text_comparison.h"

#include <algorithm>
#include <cmath>

#include "inspect/report/columns.h"
#include "inspect/report/json_writer.h"
#include "inspect/report/text_findings.h"
#include "inspect/report/text_lists.h"
#include "inspect/report/text_page.h"
#include "inspect/report/visible_text.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kLabelWidth = 16;
/// Runs side by side in one table; what comes after gets a table of its own.
constexpr std::size_t kMaxColumns = 4;
constexpr std::size_t kGapWidth = 2;
constexpr std::size_t kMaxOutputLines = 4;

std::string identity(const ComparisonReport& comparison) {
  return comparison.verdict.verdict_class + ": " + comparison.target;
}

Tone tone_of_class(std::string_view verdict_class) {
  if (verdict_class == "healthy") return Tone::bold;
  return verdict_class == "unknown" ? Tone::warning : Tone::error;
}

void render_verdict(const ComparisonReport& comparison, TextPage& page) {
  const VerdictReport& verdict = comparison.verdict;
  page.paragraph(0, identity(comparison), tone_of_class(verdict.verdict_class));
  page.paragraph(2, verdict.headline, Tone::bold);
  if (verdict.direct_known_by == "passthrough" && comparison.connections.empty())
    page.paragraph(2, "directly: " + verdict.direct +
                          " (seen in passthrough); through the proxy: " + verdict.proxied);
  render_summary(comparison.findings, page);
  if (!comparison.command.empty()) page.paragraph(2, "command: " + comparison.command);
}

std::string run_line(const RunReport& run) {
  std::string text = run.name;
  if (run.exit_code) text += ": exit code " + std::to_string(*run.exit_code);
  text += (run.exit_code ? ", " : ": ") + run.result;
  if (run.sessions > 1) text += " (of " + counted(run.sessions, "connection") + ")";
  return text;
}

void render_runs(const ComparisonReport& comparison, TextPage& page) {
  if (comparison.runs.empty()) return;
  page.gap();
  page.line("RUNS");
  for (const RunReport& run : comparison.runs) {
    page.paragraph(2, run_line(run), run.ok ? Tone::plain : Tone::error);
    if (run.problem && run.problem != run.result) page.paragraph(4, *run.problem, Tone::warning);
    const std::size_t shown = std::min(run.output.size(), kMaxOutputLines);
    for (std::size_t i = 0; i < shown; ++i) page.paragraph(4, "| " + run.output[i]);
    if (shown < run.output.size())
      page.paragraph(4, "| " + more_line(run.output.size() - shown) + " lines");
  }
}

/// One row: a label, and a cell a run, each wrapped in its own column.
void add_row(TextPage& page, std::string_view label, const Cell& cells, Tone tone) {
  const std::size_t width =
      (page.width() - kLabelWidth) / std::max<std::size_t>(cells.size(), 1) - kGapWidth;
  std::vector<std::vector<std::string>> columns{
      wrap(visible(label, kMaxCellText), kLabelWidth - kGapWidth)};
  for (const std::string& cell : cells) columns.push_back(wrap(visible(cell, kMaxCellText), width));
  std::size_t height = 0;
  for (const auto& column : columns) height = std::max(height, column.size());
  for (std::size_t i = 0; i < height; ++i) {
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string part = i < columns[c].size() ? columns[c][i] : "";
      line += part;
      const std::size_t wide = c == 0 ? kLabelWidth : width + kGapWidth;
      line.append(wide - std::min(wide, display_width(part)), ' ');
    }
    page.line(line, tone);
  }
}

void render_table(const ComparisonReport& comparison, std::size_t first, std::size_t count,
                  TextPage& page) {
  page.gap();
  Cell names;
  for (std::size_t i = first; i < first + count; ++i) names.push_back(comparison.runs[i].name);
  add_row(page, first == 0 ? "WHAT DIFFERS" : "", names, Tone::bold);
  page.line(std::string(page.width(), '-'));
  for (const DifferenceReport& difference : comparison.differences) {
    Cell cells;
    for (std::size_t i = first; i < first + count; ++i) {
      const auto& values = difference.values;
      const auto found = std::find_if(values.begin(), values.end(), [&](const auto& each) {
        return each.run == comparison.runs[i].name;
      });
      cells.push_back(found == values.end() ? "not seen" : found->value.value_or("-"));
    }
    add_row(page, difference.aspect, cells, Tone::plain);
  }
}

void render_differences(const ComparisonReport& comparison, TextPage& page) {
  if (comparison.runs.size() < 2) return;
  if (comparison.differences.empty()) {
    page.gap();
    return page.line("WHAT DIFFERS: nothing that was looked at");
  }
  for (std::size_t first = 0; first < comparison.runs.size(); first += kMaxColumns)
    render_table(comparison, first, std::min(kMaxColumns, comparison.runs.size() - first), page);
}

/// What is said of connections one by one is enough to see which; the JSON has them all.
constexpr std::size_t kShownConnections = 40;

std::string connection_line(const ConnectionReport& connection) {
  std::string text =
      connection.client_end + " = " + connection.server_end + " (by " + connection.matched_by;
  // The beginnings of sessions have milliseconds: less says nothing.
  constexpr double kToldMs = 5;
  const double ahead = connection.clock_offset_ms.value_or(0);
  if (std::abs(ahead) >= kToldMs) {
    text += "; the server end's clock is " + decimal(std::abs(ahead)) + " ms " +
            (ahead < 0 ? "behind" : "ahead");
  }
  text += "): " + connection.verdict.verdict_class;
  for (const FindingReport& finding : connection.findings) text += ", " + finding.id;
  return text;
}

void render_connections(const ComparisonReport& comparison, TextPage& page) {
  if (!comparison.connections.empty()) {
    page.gap();
    page.line("CONNECTIONS: client end = server end");
  }
  const std::size_t shown = std::min(comparison.connections.size(), kShownConnections);
  for (std::size_t i = 0; i < shown; ++i)
    page.paragraph(2, connection_line(comparison.connections[i]));
  if (shown < comparison.connections.size())
    page.paragraph(2, more_line(comparison.connections.size() - shown));
}

void render_unmatched(const ComparisonReport& comparison, TextPage& page) {
  if (comparison.unmatched.empty()) return;
  page.gap();
  page.line("NOT IN THE OTHER END'S CAPTURE");
  const std::size_t shown = std::min(comparison.unmatched.size(), kShownConnections);
  for (std::size_t i = 0; i < shown; ++i) {
    const UnmatchedReport& session = comparison.unmatched[i];
    page.paragraph(2, session.end + ": " + session.id + ", " + session.client + " to " +
                          session.backend + (session.sni ? ", for " + *session.sni : ""));
  }
  if (shown < comparison.unmatched.size())
    page.paragraph(2, more_line(comparison.unmatched.size() - shown));
}

}  // namespace

std::string render_comparison(const ComparisonReport& comparison, const TextStyle& style) {
  TextPage page(style);
  if (style.quiet) {
    page.one_line(identity(comparison) + ": " + comparison.verdict.headline,
                  tone_of_class(comparison.verdict.verdict_class));
    return page.take();
  }
  render_verdict(comparison, page);
  render_runs(comparison, page);
  render_connections(comparison, page);
  render_differences(comparison, page);
  render_unmatched(comparison, page);
  render_findings(comparison.findings, page);
  return page.take();
}

}  // namespace visavis::inspect
