#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// The IIS article's scenario 4: TCP is accepted, the ClientHello goes out, and no ServerHello and
/// no alert ever comes: FIN, RST or silence. Nothing is said when the client or we gave up first.
std::optional<FindingReport> diagnose_no_server_hello(const SessionReport& session) {
  const LegSide side = backend_side(session);
  const LegReport* leg = side.leg;
  if (!side || leg->reached != "client_hello" || leg->outcome != "failed" || !leg->close)
    return std::nullopt;
  if (has_fatal_alert(*leg) || !leg->malformed.empty() || !leg->raw_s2c.empty())
    return std::nullopt;
  const bool silence = leg->close->how == "timeout";
  if (leg->close->by != "backend" && !silence) return std::nullopt;
  if (dial_failure(*leg) != nullptr) return std::nullopt;  // no hello ever reached it

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = silence
                      ? "The backend stays silent after the ClientHello: no ServerHello, no alert"
                      : "The backend closes after the ClientHello: no ServerHello, no alert";
  finding.cause =
      "The backend accepted the TCP connection and " +
      std::string(silence                    ? "never answered"
                  : leg->close->how == "rst" ? "reset it (RST)"
                                             : "closed it (FIN)") +
      " once it had the ClientHello. On Windows this is the sign of a missing or broken HTTP.sys "
      "binding "
      "(no certificate for IP:port, certificate without usable private key); elsewhere of a "
      "listener with no "
      "certificate for this name, a plain service that waits, or a device that drops this hello.";
  finding.expected = "a ServerHello or an alert";
  finding.presented = silence ? "nothing" : leg->close->how == "rst" ? "RST" : "FIN";
  finding.remedy =
      "On Windows: `netsh http show sslcert` must list IP:port with a certificate hash and the "
      "right store, and "
      "`certutil -store my` must show that certificate with its private key; look for Schannel "
      "events 36869, 36870 "
      "and 36871. Elsewhere: check that the listener has a certificate for this name, and the "
      "backend's own log.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello sent by the " + std::string(side.client));
  add_close_evidence(finding, side);
  finding.codes.schannel_event = 36870;
  finding.codes.chrome = silence ? "ERR_TIMED_OUT" : "ERR_CONNECTION_CLOSED";
  finding.codes.firefox = silence ? "NS_ERROR_NET_TIMEOUT" : "PR_END_OF_FILE_ERROR";
  finding.codes.java = "SSLHandshakeException: Remote host terminated the handshake";
  finding.source = "RFC 8446 4.1.3";
  return finding;
}

}  // namespace visavis::inspect
