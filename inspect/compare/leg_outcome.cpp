#include "inspect/compare/leg_outcome.h"

#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/transcript/tls13_lengths.h"

namespace visavis::inspect {
namespace {

/// Tickets seen in the wild take 150 to 300 bytes, more with a client certificate in them.
constexpr std::uint16_t kLongestTicket = 600;

bool is_tls13(const LegReport& leg) {
  if (leg.established) return leg.established->version.id >= kTls13.value;
  return leg.server_hello && leg.server_hello->version.id >= kTls13.value;
}

bool is_protected(const RecordRow& record) { return record.content_type == kApplicationData.value; }

/// What may be tickets and nothing else: one or two, of the same length.
class Answer {
 public:
  void add(std::uint16_t length) {
    ++count_;
    if (count_ == 1) first_ = length;
    ticket_like_ = ticket_like_ && count_ <= 2 && length == first_ && length <= kLongestTicket;
  }
  [[nodiscard]] bool any() const { return count_ > 0; }
  [[nodiscard]] bool ticket_like() const { return any() && ticket_like_; }

 private:
  std::size_t count_ = 0;
  std::uint16_t first_ = 0;
  bool ticket_like_ = true;
};

Tls13Lengths tls13_lengths(const LegReport& leg) {
  const CodePoint& suite = leg.established ? leg.established->cipher : leg.server_hello->cipher;
  return Tls13Lengths(CipherSuite{static_cast<std::uint16_t>(suite.id)});
}

DataSeen see_tls13_data(const LegReport& leg) {
  const Tls13Lengths lengths = tls13_lengths(leg);
  const auto& records = leg.records;
  const auto from_client = [](const RecordRow& record) {
    return record.c2s && is_protected(record);
  };
  auto finished = std::find_if(records.begin(), records.end(), [&](const RecordRow& record) {
    return from_client(record) && record.length == lengths.finished();
  });
  // A stack that puts its certificate and its Finished into one record.
  if (finished == records.end())
    finished = std::find_if(records.begin(), records.end(), from_client);
  DataSeen seen;
  if (finished == records.end()) return seen;
  Answer answer;
  for (auto record = finished + 1; record != records.end(); ++record) {
    const bool other = record->length == lengths.alert() || record->length == lengths.key_update();
    if (!is_protected(*record) || other) continue;
    if (record->c2s)
      seen.asked = true;
    else
      answer.add(record->length);
  }
  seen.answered = answer.any() && !answer.ticket_like();
  seen.doubtful = answer.ticket_like();
  return seen;
}

/// True when the other side had closed before this alert was sent. A server may still answer the
/// hello of a client that has closed its sending half.
bool answers_a_close(const LegReport& leg, const AlertReport& alert) {
  if (leg.outcome != "established" && alert.sent_by != "client") return false;
  return std::any_of(leg.events.begin(), leg.events.end(), [&alert](const EventReport& event) {
    return event.kind == "close" && event.i < alert.event && event.sender != alert.sent_by;
  });
}

}  // namespace

bool is_fatal(const LegReport& leg, const AlertReport& alert) {
  if (answers_a_close(leg, alert)) return false;
  if (alert.level != "warning") return true;
  const bool closure =
      alert.description.id == kCloseNotify.value || alert.description.id == kUserCanceled.value;
  return !closure && is_tls13(leg);
}

bool has_fatal_alert(const LegReport& leg) {
  return std::any_of(leg.alerts.begin(), leg.alerts.end(),
                     [&leg](const AlertReport& alert) { return is_fatal(leg, alert); });
}

bool is_of_certificate(std::uint32_t alert) {
  return (alert >= kBadCertificate.value && alert <= kCertificateUnknown.value) ||
         alert == kUnknownCa.value;
}

bool refused_by_us(const LegReport& leg) {
  return leg.failure && leg.failure->starts_with(kRefusedByVerify);
}

std::string describe_leg_failure(const LegReport& leg, std::string_view leg_word) {
  if (leg.failure) return *leg.failure;
  if (leg.outcome == "not-tls")
    return "it did not begin with TLS, but with " + leg.first_bytes.value_or("unknown bytes");
  if (!leg.malformed.empty()) return leg.malformed.front();
  const auto fatal =
      std::find_if(leg.alerts.begin(), leg.alerts.end(),
                   [&leg](const AlertReport& alert) { return is_fatal(leg, alert); });
  const bool only_alerts = !leg.close && !leg.alerts.empty();
  if (fatal != leg.alerts.end() || only_alerts) {
    const AlertReport& alert = fatal != leg.alerts.end() ? *fatal : leg.alerts.back();
    return "the " + alert.sent_by + " sent a " + alert.level + ' ' + alert.description.name + " (" +
           std::to_string(alert.description.id) + ") alert";
  }
  if (leg.close)
    return leg.close->how == "timeout"
               ? "nothing came on the " + std::string(leg_word) + " leg until the time-out"
               : "the " + leg.close->by + " closed the connection (" + leg.close->how + ')';
  return "the handshake on the " + std::string(leg_word) + " leg did not end";
}

std::string_view encrypted_alert_by(const LegReport& leg) {
  if (is_tls13(leg)) {
    const std::size_t length = tls13_lengths(leg).alert();
    // What could be decrypted says itself what it is.
    const auto is_read = [&leg](const RecordRow& record) {
      return record.plaintext_length ||
             std::any_of(leg.events.begin(), leg.events.end(), [&record](const EventReport& event) {
               return event.kind == "alert" && event.t_us == record.t_us &&
                      (event.sender == "client") == record.c2s;
             });
    };
    const auto found =
        std::find_if(leg.records.begin(), leg.records.end(), [&](const RecordRow& record) {
          return is_protected(record) && record.length == length && !is_read(record);
        });
    if (found == leg.records.end()) return {};
    return found->c2s ? "client" : "backend";
  }
  for (const EventReport& event : leg.events) {
    if (event.kind == "close") return {};
    if (event.kind != "alert" || event.what != "alert (encrypted)") continue;
    return event.sender == "client" ? "client" : "backend";
  }
  return {};
}

DataSeen see_data(const LegReport& leg) {
  if (!leg.established) return {};
  if (is_tls13(leg)) return see_tls13_data(leg);
  DataSeen seen;
  for (const RecordRow& record : leg.records) {
    if (!is_protected(record)) continue;
    (record.c2s ? seen.asked : seen.answered) = true;
  }
  return seen;
}

}  // namespace visavis::inspect
