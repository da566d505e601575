#pragma once
#include <string>
#include <vector>

#include "inspect/report/columns.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// Sides are the legs of a table, one a column; of a table with one column only `left`.
struct Sides {
  const LegReport* left = nullptr;
  const LegReport* right = nullptr;
  const LegReport* third = nullptr;  ///< the direct leg beside the two others
};

/// LegRows is a table of legs, whatever it will look like: a head a column, and rows with as many
/// cells, none of them empty.
struct LegRows {
  std::vector<std::string> heads;
  std::vector<ColumnRow> rows;
};

/// rows_face_to_face lays client leg and backend leg side by side, and `direct` (null: none) beside
/// them.
[[nodiscard]] LegRows rows_face_to_face(const SessionReport& session, const LegReport* direct);
/// rows_of_direct has the session's direct leg, which must be there, in one column: alone, or as
/// the twin below the other two.
[[nodiscard]] LegRows rows_of_direct(const SessionReport& session, bool alone);

}  // namespace visavis::inspect
