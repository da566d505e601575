#include <algorithm>
#include <array>

#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/encrypt_then_mac.h"
#include "inspect/findings/key_exchange.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kBadRecordMac = 20;
constexpr std::uint32_t kDecryptionFailed = 21;  // its name before TLS 1.2: RFC 5246 7.2.2

const AlertReport* mac_alert(const LegReport& leg) {
  const auto found =
      std::find_if(leg.alerts.begin(), leg.alerts.end(), [&leg](const AlertReport& alert) {
        const std::uint32_t id = alert.description.id;
        return (id == kBadRecordMac || id == kDecryptionFailed) && is_fatal(leg, alert);
      });
  return found == leg.alerts.end() ? nullptr : &*found;
}

/// When the record came that could not be verified: what the keys had proven before.
enum class When { first_record, after_handshake };

When when_sent(const LegReport& leg, const AlertReport& alert) {
  const auto finished =
      std::count_if(leg.events.begin(), leg.events.end(), [&alert](const EventReport& event) {
        return event.i < alert.event && event.kind == "message" && event.what == "Finished";
      });
  return finished > 1 ? When::after_handshake : When::first_record;
}

/// The order of encryption and MAC is the likelier reason there: etm-mismatch's.
bool is_of_encrypt_then_mac(const LegSide& side, const AlertReport& alert) {
  const std::string_view sender = alert.sent_by == side.server ? side.client : side.server;
  return side.leg->outcome != "established" && suspects_encrypt_then_mac(*side.leg) &&
         begins_protected(*side.leg, sender);
}

std::string cause(const std::string& judge, std::string_view sender, When when,
                  const EstablishedReport* agreed) {
  std::string text = capitalized(judge) + " could not verify a record of the " +
                     std::string(sender) + ": its authentication code was wrong. ";
  if (when == When::after_handshake) {
    text +=
        "Both Finished had been verified, so both sides had the same keys: the record was changed, "
        "lost or doubled on its way (a device that rewrites the payload, broken memory or "
        "offloading in a network card or switch, which TCP's checksum does not catch), or one "
        "side's TLS library miscounts its records.";
    if (agreed != nullptr && agreed->encrypt_then_mac)
      text += " Encrypt-then-MAC is in use here, which old mbed TLS and GnuTLS get wrong.";
    return text;
  }
  return text +
         "It was the first one under the new keys, so the two sides do not have the same keys: one "
         "of them got the key exchange wrong, something between changed a hello (an extension "
         "such as extended_master_secret or encrypt_then_mac taken out or put in), or a session "
         "was resumed with keys of another.";
}

/// The proxy's own opinion of a record stands behind no other witness's.
FindingReport finding_for(const LegSide& side, const AlertReport& alert) {
  const LegReport& leg = *side.leg;
  const When when = when_sent(leg, alert);
  const bool by_server = alert.sent_by == side.server;
  const std::string sender(by_server ? side.client : side.server);
  const std::string judge = "the " + alert.sent_by;
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = when == When::after_handshake ? side::kNetwork : side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = alert.sent_by == "client"    ? judged_by::kClientAlert
                      : alert.sent_by == "backend" ? judged_by::kBackendAlert
                                                   : judged_by::kProxyCheck;
  finding.title =
      capitalized(judge) + " can't verify a record of the " + sender + ": " + alert_words(alert) +
      (when == When::after_handshake ? " after the handshake" : " in place of the handshake's end");
  finding.cause = cause(judge, sender, when, leg.established ? &*leg.established : nullptr);
  const bool by_psk =
      leg.server_hello && key_exchange(leg.server_hello->cipher) == KeyExchange::pre_shared;
  if (by_psk && when == When::first_record)
    finding.cause += " The suite goes by a pre-shared key (PSK): the two most likely differ in it.";
  finding.expected = "records whose authentication code is right";
  finding.presented = "a fatal " + alert_words(alert) + " from " + judge;
  finding.remedy =
      when == When::after_handshake
          ? "Capture at both ends and compare the bytes of the records: where they differ, what is "
            "between changes them (switch off TCP offloading, try another path). Where they are "
            "the same, try another suite (AES-GCM in place of CBC) and update the TLS library of "
            "the " +
                sender + "."
          : "Capture both hellos at both ends and compare them: a difference names what is between "
            "them. Where they are the same, try another key exchange (ECDHE, a smaller list of "
            "groups), and a new session without resumption.";
  add_message_evidence(finding, side, "ServerHello",
                       "ServerHello of the " + std::string(side.server));
  add_alert_evidence(finding, side, alert);
  add_alert_codes(finding.codes, alert.description.id);
  finding.source = "RFC 8446 5.2 and 6.2; RFC 5246 7.2.2";
  return finding;
}

}  // namespace

/// Whose record it was is certain, why it was wrong is not.
std::optional<FindingReport> diagnose_record_mac_failure(const SessionReport& session) {
  for (const LegSide& side : {backend_side(session), client_side(session)}) {
    if (!side) continue;
    const AlertReport* alert = mac_alert(*side.leg);
    if (alert == nullptr || is_passed_on(side, *alert)) continue;
    if (resumption_accepted(*side.leg) && side.leg->outcome != "established") continue;
    if (is_of_encrypt_then_mac(side, *alert)) continue;
    return finding_for(side, *alert);
  }
  return std::nullopt;
}

}  // namespace visavis::inspect
