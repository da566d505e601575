#pragma once
#include "inspect/report/json_field.h"
#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// read_json reads LEG of the JSON contract as json_leg.cpp wrote it.
void read_json(const JsonField& json, LegReport& leg);

}  // namespace visavis::inspect
