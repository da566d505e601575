#pragma once
#include <string>

#include "inspect/report/columns.h"
#include "inspect/report/leg_report.h"
#include "inspect/report/text_page.h"

namespace visavis::inspect {

/// Sides are the legs of a table, one a column; of a table with one column only `left`.
struct Sides {
  const LegReport* left = nullptr;
  const LegReport* right = nullptr;
  const LegReport* third = nullptr;  ///< the direct leg beside the two others
};

/// LegTable writes the rows of one table to the page.
class LegTable {
 public:
  LegTable(TextPage& page, const ColumnLayout& layout) : page_(page), layout_(layout) {}

  void head(std::string left, std::string right, std::string third);
  /// add leaves out a row without any value, and puts a dash where only one side has one.
  void add(ColumnRow row);

 private:
  TextPage& page_;
  ColumnLayout layout_;
};

}  // namespace visavis::inspect
