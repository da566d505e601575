#include "inspect/report/leg_rows.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

#include "inspect/report/text_lists.h"
#include "inspect/report/text_values.h"
#include "inspect/report/visible_text.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMaxShownCertificates = 5;
constexpr std::size_t kMaxComparisonRows = 40;

/// AspectRow is one row of the table: what it is called, which aspects of the comparison it shows,
/// and how a leg's value is put into words.
struct AspectRow {
  std::string_view label;
  std::array<std::string_view, 3> aspects;
  Cell (*cell)(const LegReport&);
  Cell (*compared_by)(const LegReport&);  ///< marks what differs where the comparison has no row
  bool of_twin;                           ///< worth showing of a direct leg beside the two others
  std::string_view note = {};
};

constexpr std::string_view kSplitC2s = "record split, sent by the TLS client";
constexpr std::string_view kSplitS2c = "record split, sent by the TLS server";

/// The table, top to bottom. Other differences of the hellos stand before `version`, the
/// certificates before `chain`.
constexpr AspectRow kRows[] = {
    {"endpoints", {}, endpoints_cell, nullptr, true},
    {"outcome", {"outcome", "resumed", "hello retry"}, outcome_cell, outcome_cell, true},
    {"reason", {}, reason_cell, nullptr, true},
    {"hello", {"offered versions"}, offered_cell, offered_cell, true},
    {"size", {}, hello_size_cell, nullptr, true},
    {"JA4", {}, fingerprint_cell, fingerprint_cell, false},
    {"version", {"version"}, version_cell, version_cell, true},
    {"suite", {"suite"}, suite_cell, suite_cell, true},
    {"group", {"group", "DH prime"}, group_cell, group_cell, true},
    {"signature", {"signature"}, signature_cell, signature_cell, false},
    {"ALPN", {"ALPN", "offered ALPN"}, alpn_cell, alpn_cell, true},
    {"EMS, EtM", {"extended master secret", "encrypt-then-MAC"}, options_cell, options_cell, false},
    {"chain", {}, chain_cell, nullptr, true},
    {"stapled", {}, stapled_cell, is_stapled_cell, true},
    {"client cert",
     {"client certificate asked for", "client certificate sent"},
     client_certificate_cell,
     nullptr,
     true},
    {"malformed", {}, malformed_cell, nullptr, true},
    {"alerts", {}, alerts_cell, nullptr, true},
    {"history", {}, history_cell, nullptr, true},
    {"records", {kSplitC2s, kSplitS2c}, records_cell, nullptr, false},
    {"app data", {}, data_cell, nullptr, false, "(plain)"},
    {"habits", {}, habits_cell, nullptr, false},
    {"close", {}, close_cell, close_how_cell, true},
    {"timing", {}, timing_cell, nullptr, false},
};
constexpr std::string_view kOutcomeRow = "outcome";
constexpr std::string_view kLedgerRow = "records";
constexpr std::string_view kDifferencesBefore = "version";
constexpr std::string_view kCertificatesBefore = "chain";
constexpr std::string_view kCertificateAspects[] = {"certificate", "certificate key"};

/// Aspects that stand elsewhere: SNI in the headline, and of the close only how it was done can
/// differ.
constexpr std::string_view kShownElsewhere[] = {"SNI", "close"};

bool shows(const AspectRow& row, std::string_view aspect) {
  return std::find(row.aspects.begin(), row.aspects.end(), aspect) != row.aspects.end();
}

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view aspect) {
  return std::find(std::begin(list), std::end(list), aspect) != std::end(list);
}

template <class Write>
Cell cell_of(const LegReport* leg, const Write& write) {
  return leg == nullptr ? Cell{} : write(*leg);
}

/// apply notes what the comparison says of a row: whether it differs, and whose the value is.
void apply(const ComparisonRow& compared, ColumnRow& row) {
  row.differs = row.differs || compared.relation != "same";
  if (compared.origin != "peer") row.note = compared.origin;
}

bool same_cell(const Cell& a, const Cell& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_text);
}

/// A leg that failed has no value where it never got to: that is no difference of what was said.
bool comparable(const Cell& a, const Cell& b, const LegReport* leg_a, const LegReport* leg_b) {
  const auto established = [](const LegReport* leg) {
    return leg && leg->outcome == "established";
  };
  return (!a.empty() && !b.empty()) || (established(leg_a) && established(leg_b));
}

/// What a twin has no value of is left blank: a dash would read as if the backend had sent nothing.
const Cell kNotOfTwin{""};

/// add_direct fills the third column of a row: the twin's value where it has one to show, and
/// whether the backend answered it otherwise than the proxy's hello.
void add_direct(const AspectRow& aspect, const Sides& sides, ColumnRow& row) {
  if (sides.third == nullptr) return;
  if (!aspect.of_twin) {
    if (!row.left.empty() || !row.right.empty()) row.third = kNotOfTwin;
    return;
  }
  row.third = aspect.cell(*sides.third);
  // A trial ends after the first flight: that it goes no further is no difference.
  const bool answered = aspect.label == kOutcomeRow && sides.third->server_hello;
  if (answered || aspect.compared_by == nullptr ||
      !comparable(row.right, row.third, sides.right, sides.third))
    return;
  row.third_differs =
      !same_cell(cell_of(sides.right, aspect.compared_by), aspect.compared_by(*sides.third));
}

ColumnRow aspect_row(const AspectRow& aspect, const Sides& sides,
                     const std::vector<ComparisonRow>& comparison) {
  ColumnRow row{std::string(aspect.label), std::string(aspect.note), false,
                cell_of(sides.left, aspect.cell), cell_of(sides.right, aspect.cell)};
  add_direct(aspect, sides, row);
  if (!comparable(row.left, row.right, sides.left, sides.right)) return row;
  if (aspect.compared_by != nullptr)
    row.differs = !same_cell(cell_of(sides.left, aspect.compared_by),
                             cell_of(sides.right, aspect.compared_by));
  bool told =
      false;  // several rows of the comparison may speak of this one: the first tells whose it is
  for (const ComparisonRow& compared : comparison) {
    if (!shows(aspect, compared.aspect)) continue;
    if (!told) apply(compared, row);
    row.differs = row.differs || compared.relation != "same";
    told = true;
  }
  return row;
}

/// Adds a row, unless it has no value at all; a dash stands where another leg has one.
void add(LegRows& table, ColumnRow row) {
  if (row.left.empty() && row.right.empty() && row.third.empty()) return;
  const std::array<Cell*, 3> cells{&row.left, &row.right, &row.third};
  for (std::size_t i = 0; i < table.heads.size(); ++i)
    if (cells[i]->empty()) cells[i]->push_back("-");
  table.rows.push_back(std::move(row));
}

void add_certificates(LegRows& table, const Sides& sides,
                      const std::vector<ComparisonRow>& comparison) {
  const auto count = [](const LegReport* leg) { return leg ? leg->certificates.size() : 0; };
  const std::size_t most = std::max({count(sides.left), count(sides.right), count(sides.third)});
  for (std::size_t i = 0; i < std::min(most, kMaxShownCertificates); ++i) {
    const auto cell = [i](const LegReport& leg) { return certificate_cell(leg, i); };
    ColumnRow row{"cert " + std::to_string(i),
                  "",
                  false,
                  cell_of(sides.left, cell),
                  cell_of(sides.right, cell),
                  cell_of(sides.third, cell)};
    for (const ComparisonRow& compared : comparison) {
      if (i == 0 && contains(kCertificateAspects, compared.aspect)) apply(compared, row);
    }
    add(table, std::move(row));
  }
  if (most <= kMaxShownCertificates) return;
  const auto more = [](const LegReport& leg) {
    const std::size_t sent = leg.certificates.size();
    return sent > kMaxShownCertificates ? Cell{more_line(sent - kMaxShownCertificates)} : Cell{};
  };
  add(table, {"certs", "", false, cell_of(sides.left, more), cell_of(sides.right, more),
              cell_of(sides.third, more)});
}

bool shown_above(const ComparisonRow& compared) {
  return contains(kCertificateAspects, compared.aspect) ||
         contains(kShownElsewhere, compared.aspect) ||
         std::any_of(std::begin(kRows), std::end(kRows),
                     [&](const AspectRow& row) { return shows(row, compared.aspect); });
}

/// add_other_differences adds the comparison's rows that differ and that no row above speaks of. Of
/// long lists, the offered suites above all, only what the other leg does not have is worth
/// reading.
void add_other_differences(LegRows& table, const Sides& sides,
                           const std::vector<ComparisonRow>& comparison) {
  const auto said = [](const LegReport* leg) { return leg && leg->client_hello; };
  const bool hello_missing = !said(sides.left) || !said(sides.right);
  std::size_t added = 0;
  for (const ComparisonRow& compared : comparison) {
    if (compared.relation == "same" || shown_above(compared)) continue;
    if (hello_missing && compared.aspect.starts_with("offered ")) continue;
    if (++added > kMaxComparisonRows) return;
    ColumnRow row{compared.aspect,
                  "",
                  false,
                  only_here(compared.client, compared.backend),
                  only_here(compared.backend, compared.client),
                  kNotOfTwin};
    apply(compared, row);
    add(table, std::move(row));
  }
}

/// Of a connection that was only passed through, the ledger is all that the proxy did with it, and
/// no record's plaintext is known.
ColumnRow direct_row(const AspectRow& aspect, const Sides& sides, const SessionReport& session) {
  ColumnRow row = aspect_row(aspect, sides, {});
  if (session.mode == "terminate") return row;
  row.note.clear();
  if (session.mode == "passthrough" && aspect.label == kLedgerRow && !row.left.empty())
    row.left.push_back("passed through untouched");
  return row;
}

}  // namespace

LegRows rows_face_to_face(const SessionReport& session, const LegReport* direct) {
  const Sides sides{session.client_leg ? &*session.client_leg : nullptr,
                    session.backend_leg ? &*session.backend_leg : nullptr, direct};
  LegRows table;
  table.heads = {sides.left ? "CLIENT LEG, client <-> proxy" : "CLIENT LEG: none",
                 sides.right ? "BACKEND LEG, proxy <-> backend" : "BACKEND LEG: none"};
  if (direct != nullptr) table.heads.emplace_back("DIRECT LEG, the client's own hello");
  table.rows.reserve(std::size(kRows));
  for (const AspectRow& row : kRows) {
    if (row.label == kDifferencesBefore) add_other_differences(table, sides, session.comparison);
    if (row.label == kCertificatesBefore) add_certificates(table, sides, session.comparison);
    add(table, aspect_row(row, sides, session.comparison));
  }
  return table;
}

LegRows rows_of_direct(const SessionReport& session, bool alone) {
  const Sides sides{&*session.direct_leg, nullptr, nullptr};
  LegRows table;
  table.heads = {alone ? "DIRECT LEG, client <-> backend"
                       : "DIRECT LEG, the client's own hello, sent to the backend"};
  table.rows.reserve(std::size(kRows));
  for (const AspectRow& row : kRows) {
    if (row.label == kCertificatesBefore && alone) add_certificates(table, sides, {});
    if (alone || row.of_twin) add(table, direct_row(row, sides, session));
  }
  return table;
}

}  // namespace visavis::inspect
