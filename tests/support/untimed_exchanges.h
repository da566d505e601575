#pragma once
#include <utility>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::testing {

/// untimed leaves out when an exchange began and how long its parts took, so that what was said can
/// be compared whole.
inline std::vector<inspect::HttpExchange> untimed(std::vector<inspect::HttpExchange> exchanges) {
  for (inspect::HttpExchange& each : exchanges) {
    each.started_ms.reset();
    each.send_ms.reset();
    each.receive_ms.reset();
  }
  return exchanges;
}

}  // namespace visavis::testing
