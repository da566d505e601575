#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// SessionFilter chooses sessions by what their reports say.
class SessionFilter {
 public:
  /// add takes a condition, KEY=VALUE; all conditions must hold, of one key's any. Keys: name (the
  /// server name that the client asks for; "*.example.com" takes all below it), address (client or
  /// backend), port, verdict, finding (an id), version ("TLSv1.2", "TLS 1.2" or "1.2"), id. Throws
  /// std::invalid_argument, one line, for what is no condition.
  void add(std::string_view condition);
  [[nodiscard]] bool empty() const { return conditions_.empty(); }
  [[nodiscard]] bool takes(const SessionReport& session) const;

 private:
  struct Condition {
    std::string key;
    std::string value;  // in small letters
  };

  std::vector<Condition> conditions_;
};

}  // namespace visavis::inspect
