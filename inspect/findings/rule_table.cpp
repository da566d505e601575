#include "inspect/findings/rule_table.h"

namespace visavis::inspect {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table{
      {"plaintext-on-tls-port", diagnose_plaintext_on_tls_port},
      {"no-common-version", diagnose_no_common_version},
      {"no-server-hello", diagnose_no_server_hello},
      {"incomplete-chain", diagnose_incomplete_chain},
  };
  return table;
}

std::vector<FindingReport> diagnose_session(const SessionReport& session) {
  std::vector<FindingReport> findings;
  for (const Rule& rule : rules()) {
    if (auto finding = rule.diagnose(session)) {
      finding->id = rule.id;
      findings.push_back(std::move(*finding));
    }
  }
  return findings;
}

}  // namespace visavis::inspect
