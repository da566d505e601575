#include "inspect/findings/client_refusal.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// With --mirror-faults our certificate has the backend's faults. Whether the client would have
/// taken it without them can't be seen here, so this is never more than likely.
std::optional<FindingReport> diagnose_repeated_fault_refused(const SessionReport& session) {
  if (session.mirror.faults.empty()) return std::nullopt;
  std::optional<FindingReport> finding = client_refusal(session);
  if (!finding) return std::nullopt;
  const std::string faults = listed(session.mirror.faults, session.mirror.faults.size());
  finding->severity = severity::kError;
  finding->side = side::kBackend;
  finding->confidence = confidence::kLikely;
  finding->title = "The client refuses a certificate with the backend's faults: " + faults;
  finding->cause =
      "The proxy showed the client a certificate that repeats what is wrong with the backend's (" +
      faults +
      "), as --mirror-faults asks for, and the client turned it down. A client that trusts "
      "the proxy's CA refuses the backend's own for the same reason; one that does not trust it "
      "refuses every certificate of the proxy's.";
  finding->expected = "a certificate without these faults";
  finding->remedy =
      "Mend the backend's certificate: see the finding on it. To be sure that the client trusts "
      "the "
      "proxy's CA, run it once without --mirror-faults: it must then work.";
  finding->codes.x509.reset();
  finding->codes.hresult.reset();
  finding->codes.schannel_event.reset();
  finding->codes.chrome.reset();
  finding->codes.firefox.reset();
  finding->codes.java.reset();
  return finding;
}

}  // namespace visavis::inspect
