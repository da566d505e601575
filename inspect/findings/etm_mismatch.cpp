#include <algorithm>

#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/encrypt_then_mac.h"
#include "inspect/findings/key_exchange.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kBadRecordMac = 20;
constexpr std::uint32_t kDecryptionFailed = 21;  // its name before TLS 1.2: RFC 5246 7.2.2

/// Who could not read the other's first protected record, and how it said so.
struct Mismatch {
  std::string judge;
  std::string sender;
  const AlertReport* alert = nullptr;  ///< none: it closed
};

std::string other(const LegSide& side, const std::string& party) {
  return std::string(party == side.server ? side.client : side.server);
}

std::optional<Mismatch> by_alert(const LegSide& side) {
  const auto& alerts = side.leg->alerts;
  const auto found = std::find_if(alerts.begin(), alerts.end(), [&side](const AlertReport& alert) {
    const std::uint32_t id = alert.description.id;
    return (id == kBadRecordMac || id == kDecryptionFailed) && is_fatal(*side.leg, alert);
  });
  if (found == alerts.end() || is_passed_on(side, *found)) return std::nullopt;
  const std::string sender = other(side, found->sent_by);
  if (!begins_protected(*side.leg, sender)) return std::nullopt;
  return Mismatch{found->sent_by, sender, &*found};
}

/// A server that closes on the client's Finished, without a word. Where a client certificate was
/// asked for, that is the likelier reason.
std::optional<Mismatch> by_close(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (side.server != "backend" || has_fatal_alert(leg) || leg.certificate_request || leg.failure ||
      !ended_by(leg, "backend"))
    return std::nullopt;
  if (!begins_protected(leg, side.client) || begins_protected(leg, side.server))
    return std::nullopt;
  return Mismatch{"backend", std::string(side.client), nullptr};
}

FindingReport finding_for(const LegSide& side, const Mismatch& mismatch) {
  const LegReport& leg = *side.leg;
  const std::string how = mismatch.alert != nullptr
                              ? "a fatal " + alert_words(*mismatch.alert)
                              : "the end of the connection (" + leg.close->how + ')';
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = mismatch.alert == nullptr || mismatch.judge == "proxy"
                          ? judged_by::kProxyCheck
                      : mismatch.judge == "client" ? judged_by::kClientAlert
                                                   : judged_by::kBackendAlert;
  finding.title = "Encrypt-then-MAC is agreed on, and the " + mismatch.judge +
                  " can't read the first record of the " + mismatch.sender;
  finding.cause =
      "Both hellos have encrypt_then_mac and the suite is " + leg.server_hello->cipher.name +
      ", so from here on the MAC is over the encrypted record instead of the plaintext. The first "
      "record sent so by the " +
      mismatch.sender + " was answered by the " + mismatch.judge + " with " + how +
      ": one of the two computes it in the old order, as early versions of mbed TLS and GnuTLS do. "
      "A key exchange that went wrong, or a hello that was changed on its way, looks the same from "
      "here.";
  finding.expected = "records whose MAC is right";
  finding.presented = how + " from the " + mismatch.judge + " in place of the handshake's end";
  finding.remedy =
      "Switch the extension off on one side: where it works then, this is it (openssl s_client "
      "-no_etm, s_server -no_etm; GnuTLS: %NO_ETM; openssl.cnf: Options = -EncryptThenMac), or "
      "take "
      "an AES-GCM suite, which has no separate MAC. Then update the TLS library of the side that "
      "is wrong with others, too.";
  add_message_evidence(
      finding, side, "ServerHello",
      "ServerHello of the " + std::string(side.server) + " with encrypt_then_mac and a CBC suite");
  if (mismatch.alert != nullptr)
    add_alert_evidence(finding, side, *mismatch.alert);
  else
    add_close_evidence(finding, side);
  add_alert_codes(finding.codes, kBadRecordMac);
  finding.source = "RFC 7366 2 and 3";
  return finding;
}

}  // namespace

bool suspects_encrypt_then_mac(const LegReport& leg) {
  if (!leg.client_hello || !leg.server_hello ||
      key_exchange(leg.server_hello->cipher) == KeyExchange::pre_shared)
    return false;
  return leg.server_hello->version.id <= kTls12.value &&
         listed_contains(leg.client_hello->extensions, code_point(kEncryptThenMac)) &&
         listed_contains(leg.server_hello->extensions, code_point(kEncryptThenMac)) &&
         leg.server_hello->cipher.name.view().find("_CBC_") != std::string_view::npos;
}

bool begins_protected(const LegReport& leg, std::string_view party) {
  // Of one that it receives, our TLS library shows the record only.
  return first_event(leg, "record", "change_cipher_spec", party) != nullptr ||
         first_event(leg, "message", "ChangeCipherSpec", party) != nullptr;
}

/// Encrypt-then-MAC (RFC 7366), and the first record under the new keys fails.
std::optional<FindingReport> diagnose_etm_mismatch(const SessionReport& session) {
  for (const LegSide& side : {backend_side(session), client_side(session)}) {
    if (!side || side.leg->outcome == "established" || is_stopped(*side.leg) ||
        !suspects_encrypt_then_mac(*side.leg) || resumption_accepted(*side.leg))
      continue;
    auto mismatch = by_alert(side);
    if (!mismatch) mismatch = by_close(side);
    if (mismatch) return finding_for(side, *mismatch);
  }
  return std::nullopt;
}

}  // namespace visavis::inspect
