#include "inspect/report/text_legs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "inspect/report/text_lists.h"
#include "inspect/report/text_values.h"

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

/// Sides are the two legs of a table; of a table with one column only `left`.
struct Sides {
  const LegReport* left = nullptr;
  const LegReport* right = nullptr;
};

template <class Write>
Cell cell_of(const LegReport* leg, const Write& write) {
  return leg == nullptr ? Cell{} : write(*leg);
}

/// apply notes what the comparison says of a row: whether it differs, and whose the value is.
void apply(const ComparisonRow& compared, ColumnRow& row) {
  row.differs = row.differs || compared.relation != "same";
  if (compared.origin != "peer") row.note = compared.origin;
}

/// LegTable writes the rows of one table to the page.
class LegTable {
 public:
  LegTable(TextPage& page, const ColumnLayout& layout) : page_(page), layout_(layout) {}

  void head(std::string left, std::string right) {
    add({"", "", false, {std::move(left)}, {std::move(right)}});
    page_.line(rule(layout_));
  }
  /// add leaves out a row without any value, and puts a dash where only one side has one.
  void add(ColumnRow row) {
    if (row.left.empty() && row.right.empty()) return;
    if (row.left.empty()) row.left.push_back("-");
    if (row.right.empty()) row.right.push_back("-");
    for (const std::string& line : lay_out(row, layout_))
      page_.line(line, row.differs && layout_.two ? Tone::bold : Tone::plain);
  }

 private:
  TextPage& page_;
  ColumnLayout layout_;
};

bool same_cell(const Cell& a, const Cell& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_text);
}

/// A leg that failed has no value where it never got to: that is no difference of what was said.
bool comparable(const ColumnRow& row, const Sides& sides) {
  const auto established = [](const LegReport* leg) {
    return leg && leg->outcome == "established";
  };
  return (!row.left.empty() && !row.right.empty()) ||
         (established(sides.left) && established(sides.right));
}

ColumnRow aspect_row(const AspectRow& aspect, const Sides& sides,
                     const std::vector<ComparisonRow>& comparison) {
  ColumnRow row{std::string(aspect.label), std::string(aspect.note), false,
                cell_of(sides.left, aspect.cell), cell_of(sides.right, aspect.cell)};
  if (!comparable(row, sides)) return row;
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

void add_certificates(LegTable& table, const Sides& sides,
                      const std::vector<ComparisonRow>& comparison) {
  const auto count = [](const LegReport* leg) { return leg ? leg->certificates.size() : 0; };
  const std::size_t most = std::max(count(sides.left), count(sides.right));
  for (std::size_t i = 0; i < std::min(most, kMaxShownCertificates); ++i) {
    const auto cell = [i](const LegReport& leg) { return certificate_cell(leg, i); };
    ColumnRow row{"cert " + std::to_string(i), "", false, cell_of(sides.left, cell),
                  cell_of(sides.right, cell)};
    for (const ComparisonRow& compared : comparison) {
      if (i == 0 && contains(kCertificateAspects, compared.aspect)) apply(compared, row);
    }
    table.add(std::move(row));
  }
  if (most <= kMaxShownCertificates) return;
  const auto more = [](const LegReport& leg) {
    const std::size_t sent = leg.certificates.size();
    return sent > kMaxShownCertificates ? Cell{more_line(sent - kMaxShownCertificates)} : Cell{};
  };
  table.add({"certs", "", false, cell_of(sides.left, more), cell_of(sides.right, more)});
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
void add_other_differences(LegTable& table, const Sides& sides,
                           const std::vector<ComparisonRow>& comparison) {
  const auto said = [](const LegReport* leg) { return leg && leg->client_hello; };
  const bool hello_missing = !said(sides.left) || !said(sides.right);
  std::size_t added = 0;
  for (const ComparisonRow& compared : comparison) {
    if (compared.relation == "same" || shown_above(compared)) continue;
    if (hello_missing && compared.aspect.starts_with("offered ")) continue;
    if (++added > kMaxComparisonRows) return;
    ColumnRow row{compared.aspect, "", false, only_here(compared.client, compared.backend),
                  only_here(compared.backend, compared.client)};
    apply(compared, row);
    table.add(std::move(row));
  }
}

void render_both(const SessionReport& session, TextPage& page) {
  const Sides sides{session.client_leg ? &*session.client_leg : nullptr,
                    session.backend_leg ? &*session.backend_leg : nullptr};
  LegTable table(page, ColumnLayout::two_columns(page.width()));
  table.head(sides.left ? "CLIENT LEG, client <-> proxy" : "CLIENT LEG: none",
             sides.right ? "BACKEND LEG, proxy <-> backend" : "BACKEND LEG: none");
  for (const AspectRow& row : kRows) {
    if (row.label == kDifferencesBefore) add_other_differences(table, sides, session.comparison);
    if (row.label == kCertificatesBefore) add_certificates(table, sides, session.comparison);
    table.add(aspect_row(row, sides, session.comparison));
  }
}

/// Of a connection that was only passed through, the ledger is all that the proxy did with it, and
/// no record's plaintext is known.
ColumnRow direct_row(const AspectRow& aspect, const Sides& sides, const SessionReport& session) {
  ColumnRow row = aspect_row(aspect, sides, {});
  if (session.mode != "passthrough") return row;
  row.note.clear();
  if (aspect.label == kLedgerRow && !row.left.empty())
    row.left.push_back("passed through untouched");
  return row;
}

void render_direct(const SessionReport& session, bool alone, TextPage& page) {
  const Sides sides{&*session.direct_leg, nullptr};
  LegTable table(page, ColumnLayout::one_column(page.width()));
  table.head(alone ? "DIRECT LEG, client <-> backend"
                   : "DIRECT LEG, the client's own hello, sent to the backend",
             "");
  for (const AspectRow& row : kRows) {
    if (row.label == kCertificatesBefore && alone) add_certificates(table, sides, {});
    if (alone || row.of_twin) table.add(direct_row(row, sides, session));
  }
}

std::string seconds_text(double seconds) {
  return std::to_string(static_cast<std::uint64_t>(std::max(0.0, seconds))) + " s";
}

/// What a reader would look for in the twin's table: what the backend chose, or how it refused.
bool same_answer(const LegReport& twin, const LegReport& backend) {
  if (twin.server_hello.has_value() != backend.server_hello.has_value()) return false;
  if (twin.first_bytes != backend.first_bytes || twin.reached == "tcp") return false;
  if (twin.server_hello) {
    const ServerHelloReport& own = *twin.server_hello;
    const ServerHelloReport& ours = *backend.server_hello;
    const bool same_certificate = twin.certificates.empty() || backend.certificates.empty() ||
                                  twin.certificates.front() == backend.certificates.front();
    return own.version == ours.version && own.cipher == ours.cipher && same_certificate;
  }
  const auto alert_of = [](const LegReport& leg) {
    return leg.alerts.empty() ? CodePoint{} : leg.alerts.front().description;
  };
  const auto how = [](const LegReport& leg) { return leg.close ? leg.close->how : ""; };
  return alert_of(twin) == alert_of(backend) && (!twin.alerts.empty() || how(twin) == how(backend));
}

/// The direct twin in one line, and its table where its answer is another than the backend leg's.
void render_twin(const SessionReport& session, TextPage& page) {
  const auto& twin = session.direct_leg;
  const bool same = twin && session.backend_leg && same_answer(*twin, *session.backend_leg);
  if (session.twin) {
    std::string line = "DIRECT TWIN: " + session.twin->why;
    if (session.twin->cached)
      line += " (an earlier session's, " + seconds_text(session.twin->age_s) + " before)";
    else if (same)
      line += "; the proxy's hello got the same answer";
    page.gap();
    page.paragraph(0, line);
  }
  if (!twin || same) return;
  page.gap();
  render_direct(session, false, page);
}

}  // namespace

void render_legs(const SessionReport& session, TextPage& page) {
  const bool both = session.client_leg || session.backend_leg;
  if (both) {
    page.gap();
    render_both(session, page);
  }
  if (both) return render_twin(session, page);
  if (!session.direct_leg) return;
  page.gap();
  render_direct(session, true, page);
}

}  // namespace visavis::inspect
