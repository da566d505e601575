#include "inspect/report/text_legs.h"

#include "inspect/report/leg_rows.h"
#include "inspect/report/text_twin.h"

namespace visavis::inspect {
namespace {

void render_table(const LegRows& table, const ColumnLayout& layout, TextPage& page) {
  ColumnRow heads;
  heads.left = {table.heads[0]};
  heads.right = {table.heads.size() > 1 ? table.heads[1] : ""};
  heads.third = {table.heads.size() > 2 ? table.heads[2] : ""};
  lay_out(heads, layout, [&](std::string_view line) { page.line(line); });
  page.line(rule(layout));
  for (const ColumnRow& row : table.rows) {
    const bool marked =
        (layout.columns > 1 && row.differs) || (layout.columns > 2 && row.third_differs);
    const Tone tone = marked ? Tone::bold : Tone::plain;
    lay_out(row, layout, [&](std::string_view line) { page.line(line, tone); });
  }
}

void render_direct(const SessionReport& session, bool alone, TextPage& page) {
  page.gap();
  render_table(rows_of_direct(session, alone), ColumnLayout::one_column(page.width()), page);
}

/// The two legs face to face, and beside them the direct leg where it differs: on a page too narrow
/// for a third column it stands below.
void render_both(const SessionReport& session, TextPage& page) {
  const LegReport* twin = differing_twin(session);
  const bool beside = twin != nullptr && page.width() >= ColumnLayout::kThreeColumns;
  page.gap();
  render_table(
      rows_face_to_face(session, beside ? twin : nullptr),
      beside ? ColumnLayout::three_columns(page.width()) : ColumnLayout::two_columns(page.width()),
      page);
  render_twin(session, page);
  if (twin != nullptr && !beside) render_direct(session, false, page);
}

}  // namespace

void render_legs(const SessionReport& session, TextPage& page) {
  if (session.client_leg || session.backend_leg) return render_both(session, page);
  if (session.direct_leg) render_direct(session, true, page);
}

}  // namespace visavis::inspect
