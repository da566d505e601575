#include <algorithm>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kRecordOverflow = 22;
constexpr std::size_t kMaxPlaintext = 1U << 14;

/// What encryption may add: RFC 8446 5.2 and RFC 5246 6.2.3.
std::size_t longest_allowed(const LegReport& leg, const RecordRow& record) {
  const bool sealed = record.content_type == kApplicationData.value || leg.established;
  if (!sealed) return kMaxPlaintext;
  const bool tls13 = leg.server_hello && leg.server_hello->version.id >= kTls13.value;
  return kMaxPlaintext + (tls13 ? 256 : 2048);
}

/// A record of the SSL 2.0 form has limits of its own, and no content type.
const RecordRow* oversized(const LegReport& leg) {
  const auto found =
      std::find_if(leg.records.begin(), leg.records.end(), [&leg](const RecordRow& record) {
        return record.content_type != 0 && record.length > longest_allowed(leg, record);
      });
  return found == leg.records.end() ? nullptr : &*found;
}

const AlertReport* overflow_alert(const LegReport& leg) {
  const auto found =
      std::find_if(leg.alerts.begin(), leg.alerts.end(), [&leg](const AlertReport& alert) {
        return alert.description.id == kRecordOverflow && is_fatal(leg, alert);
      });
  return found == leg.alerts.end() ? nullptr : &*found;
}

std::string_view other_than(const LegSide& side, std::string_view party) {
  return party == side.client ? side.server : side.client;
}

std::string_view blamed(std::string_view sender) {
  if (sender == "client") return side::kClient;
  return sender == "backend" ? side::kBackend : side::kProxy;
}

const EventReport* event_of(const LegReport& leg, const RecordRow& record,
                            std::string_view sender) {
  const auto found =
      std::find_if(leg.events.begin(), leg.events.end(), [&](const EventReport& event) {
        return event.kind == "record" && event.t_us >= record.t_us && event.sender == sender &&
               event.length == record.length;
      });
  return found == leg.events.end() ? nullptr : &*found;
}

FindingReport finding_for(const LegSide& side, const RecordRow* record, const AlertReport* alert) {
  const std::string sender(alert != nullptr ? other_than(side, alert->sent_by)
                           : record->c2s    ? side.client
                                            : side.server);
  FindingReport finding;
  finding.severity = alert != nullptr ? severity::kError : severity::kWarning;
  finding.side = blamed(sender);
  finding.confidence = record != nullptr ? confidence::kProven : confidence::kLikely;
  finding.judged_by = alert == nullptr              ? judged_by::kProxyCheck
                      : alert->sent_by == "client"  ? judged_by::kClientAlert
                      : alert->sent_by == "backend" ? judged_by::kBackendAlert
                                                    : judged_by::kProxyCheck;
  finding.title = "The " + sender + " sends a record that is longer than TLS allows";
  finding.cause =
      "A record may carry 16384 bytes, and up to TLS 1.2 at most 2048 more of "
      "encryption, in TLS 1.3 256. ";
  finding.cause += record != nullptr ? "One of the " + sender + " has " +
                                           std::to_string(record->length) + " bytes. "
                                     : std::string();
  finding.cause +=
      alert != nullptr
          ? "The " + alert->sent_by + " refused it with " + alert_words(*alert) +
                ". A limit that was agreed on in the hellos (max_fragment_length, "
                "record_size_limit) may be smaller."
          : std::string(
                "The other side accepts it; OpenSSL, SChannel, Java and the browsers refuse "
                "such a record with record_overflow (22).");
  finding.expected = "records of at most 16384 bytes of plaintext";
  finding.presented = record != nullptr ? "a record of " + std::to_string(record->length) + " bytes"
                                        : "a fatal " + alert_words(*alert);
  finding.remedy = "Update the TLS library of the " + sender +
                   ", or set its buffers and record size to 16384 bytes at most; leave "
                   "max_fragment_length and record_size_limit out where they are offered.";
  if (record != nullptr)
    if (const EventReport* event = event_of(*side.leg, *record, sender))
      finding.evidence.push_back(evidence_of(
          side.name, *event,
          "a record of " + std::to_string(record->length) + " bytes from the " + sender));
  if (alert != nullptr) add_alert_evidence(finding, side, *alert);
  add_alert_codes(finding.codes, kRecordOverflow);
  finding.source = "RFC 8446 5.1 and 5.2; RFC 5246 6.2.3";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_oversized_record(const SessionReport& session) {
  for (const LegSide& side : {backend_side(session), client_side(session)}) {
    if (!side) continue;
    const AlertReport* alert = overflow_alert(*side.leg);
    if (alert != nullptr && is_passed_on(side, *alert)) alert = nullptr;
    const RecordRow* record = oversized(*side.leg);
    if (alert != nullptr || record != nullptr) return finding_for(side, record, alert);
  }
  return std::nullopt;
}

}  // namespace visavis::inspect
