#include "inspect/report/complete_report.h"

#include <iterator>

#include "inspect/compare/comparison.h"
#include "inspect/compare/hello_difference.h"
#include "inspect/compare/twin_outcome.h"
#include "inspect/compare/verdict.h"
#include "inspect/findings/rank.h"
#include "inspect/findings/rule_table.h"
#include "inspect/findings/windows_reading.h"

namespace visavis::inspect {

void complete_report(SessionReport& session) {
  auto& unmirrored = session.mirror.unmirrored;
  const auto add = [&unmirrored](std::vector<UnmirroredFeature> features) {
    unmirrored.insert(unmirrored.end(), std::make_move_iterator(features.begin()),
                      std::make_move_iterator(features.end()));
  };
  if (session.client_leg && session.backend_leg) {
    const auto& client = session.client_leg->client_hello;
    const auto& proxy = session.backend_leg->client_hello;
    if (client && proxy && session.mirror.hello == "mirror") add(diff_hellos(*client, *proxy));
    if (session.mirror.answer == "mirror")
      add(diff_answers(*session.client_leg, *session.backend_leg));
    if (session.split_policy == "keep") add(diff_split(*session.client_leg, *session.backend_leg));
  }
  session.comparison = compare_legs(session);
  session.findings = diagnose_session(session);
  rank_findings(session);
  if (session.twin) session.twin = qualify_twin(*session.twin, session);
  session.verdict = judge_session(session);
  session.windows = read_as_windows(session);
}

}  // namespace visavis::inspect
