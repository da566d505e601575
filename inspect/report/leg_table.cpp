#include "inspect/report/leg_table.h"

#include <utility>

namespace visavis::inspect {

void LegTable::head(std::string left, std::string right, std::string third) {
  add({"", "", false, {std::move(left)}, {std::move(right)}, {std::move(third)}});
  page_.line(rule(layout_));
}

void LegTable::add(ColumnRow row) {
  if (row.left.empty() && row.right.empty() && row.third.empty()) return;
  for (Cell* cell : {&row.left, &row.right, &row.third})
    if (cell->empty()) cell->push_back("-");
  const bool marked =
      (layout_.columns > 1 && row.differs) || (layout_.columns > 2 && row.third_differs);
  for (const std::string& line : lay_out(row, layout_))
    page_.line(line, marked ? Tone::bold : Tone::plain);
}

}  // namespace visavis::inspect
