#include <algorithm>

#include "inspect/findings/alert_codes.h"
#include "inspect/findings/end_findings.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

constexpr std::uint8_t kAlertRecord = 21;
constexpr std::uint16_t kAlertInClearBytes = 2;

/// The record of the receiver's end that begins at this byte or goes over it.
const RecordRow* record_at(const Way& way, std::uint64_t byte) {
  std::uint64_t end = 0;
  for (const RecordRow& row : way.got->records) {
    if (row.c2s != way.c2s) continue;
    end += kRecordHeaderBytes + row.length;
    if (byte < end) return &row;
  }
  return nullptr;
}

const AlertReport* alert_of(const Way& way, const RecordRow& row) {
  if (row.content_type != kAlertRecord || row.length != kAlertInClearBytes) return nullptr;
  const auto found =
      std::find_if(way.got->alerts.begin(), way.got->alerts.end(), [&](const AlertReport& alert) {
        const auto& events = way.got->events;
        const auto event = std::find_if(events.begin(), events.end(), [&](const EventReport& each) {
          return each.i == alert.event;
        });
        return alert.sent_by == way.sender && event != events.end() && event->t_us == row.t_us;
      });
  return found == way.got->alerts.end() ? nullptr : &*found;
}

/// What the receiver has beyond all that the sender sent.
std::optional<std::uint64_t> beyond(const TwoEnds& ends, const Way& way) {
  const std::uint64_t sent = way.bytes_sent();
  if (way.gap() || !is_comparable(way) || way.bytes_got() <= sent) return std::nullopt;
  const RecordRow* row = record_at(way, sent);
  const std::int64_t at = row != nullptr ? row->t_us : seen_until_us(*way.got_session, *way.got);
  if (!shows_sender_until(ends, way, at)) return std::nullopt;
  return sent;
}

}  // namespace

std::optional<PutIn> find_put_in(const TwoEnds& ends, const Way& way) {
  std::optional<std::uint64_t> first;
  if (const auto altered = find_alteration(way)) {
    if (altered->in_raw) first = altered->first;
  } else {
    first = beyond(ends, way);
  }
  if (!first) return std::nullopt;
  PutIn put_in{*first, nullptr};
  if (const RecordRow* row = record_at(way, *first)) put_in.alert = alert_of(way, *row);
  // In place of something else: what was sent there must not be an alert that was changed.
  if (put_in.alert != nullptr && fatal_alert(*way.sent, way.sender) != nullptr)
    put_in.alert = nullptr;
  return put_in;
}

std::optional<FindingReport> diagnose_made_up_alert(const TwoEnds& ends) {
  for (const Way& way : ways(ends)) {
    const auto put_in = find_put_in(ends, way);
    if (!put_in || put_in->alert == nullptr) continue;
    const AlertReport& alert = *put_in->alert;
    const std::string sender(way.sender);
    const std::string receiver(way.receiver);
    FindingReport finding = network_finding(ends, "made-up-alert");
    finding.title = "The " + sender + "'s alert " + alert_words(alert) + " is not the " + sender +
                    "'s: it was made up on the way";
    finding.cause =
        "The " + receiver + " got a " + alert.level + " alert " + alert_words(alert) + " in the " +
        sender + "'s name, which the " + sender +
        "'s end of the connection did not send. An alert in clear proves nothing of who "
        "sent it: something on the way did, and ended the handshake with it.";
    finding.expected = "no alert: the " + sender + " sent none";
    finding.presented = alert.level + " " + alert_words(alert) + " at the " + receiver + "'s end";
    finding.remedy =
        "Look for a device on the way that filters by TLS (firewall, intrusion prevention, web "
        "filter), and in its log for this connection: the alert is its word for a policy.";
    finding.evidence.push_back({std::string(way.receiver_end), alert.event,
                                alert.level + " " + alert_words(alert) + " received"});
    add_end_evidence(finding, way.sender_end, nullptr,
                     "no alert sent; " + std::to_string(way.bytes_sent()) + " bytes in all");
    add_alert_codes(finding.codes, alert.description.id);
    finding.source = "RFC 8446 6; RFC 5246 7.2";
    return finding;
  }
  return std::nullopt;
}

}  // namespace visavis::inspect
