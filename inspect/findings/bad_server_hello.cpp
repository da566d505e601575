#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr ExtensionType kCookie{44};
constexpr AlertDescription kMissingExtension{109};
constexpr AlertDescription kUnsupportedExtension{110};

/// Breach is one rule of the standard that the ServerHello breaks.
struct Breach {
  std::string presented;  ///< what is wrong, as the end of "the backend's ServerHello ..."
  std::string expected;
  AlertDescription alert;  ///< what a client has to answer
  std::string_view firefox;
  std::string_view source;
  bool cut = false;  ///< it may as well have been cut on the way
};

constexpr std::string_view kMalformed = "SSL_ERROR_RX_MALFORMED_SERVER_HELLO";

/// A version below all that are offered is no-common-version's.
std::optional<Breach> wrong_version(const ClientHelloReport& offer,
                                    const ServerHelloReport& answer) {
  if (version_offered(offer, answer.version)) return std::nullopt;
  if (offer.supported_versions) {
    const auto& offered = *offer.supported_versions;
    const auto above = [&](const CodePoint& version) {
      return version.id > kTls13.value || version.id > answer.version.id;
    };
    if (std::all_of(offered.begin(), offered.end(), above)) return std::nullopt;
  }
  const bool by_extension = listed_contains(answer.extensions, code_point(kSupportedVersions));
  return Breach{"chooses " + answer.version.name + ", which is not offered",
                "one of the offered versions", by_extension ? kIllegalParameter : kProtocolVersion,
                "SSL_ERROR_UNSUPPORTED_VERSION", "RFC 8446 4.2.1"};
}

/// "A server which negotiates TLS 1.3 MUST respond by sending a ServerHello containing the
/// supported_versions extension": RFC 8446 4.2.1. In legacy_version it has no place: 4.1.3.
std::optional<Breach> wrong_legacy_version(const ServerHelloReport& answer) {
  if (answer.legacy_version.id != kTls13.value ||
      listed_contains(answer.extensions, code_point(kSupportedVersions)))
    return std::nullopt;
  return Breach{"names TLS 1.3 in legacy_version and has no supported_versions",
                "legacy_version 0x0303, and TLS 1.3 in supported_versions", kIllegalParameter,
                "SSL_ERROR_UNSUPPORTED_VERSION", "RFC 8446 4.1.3 and 4.2.1"};
}

/// The suites of TLS 1.3 (0x13..) go with no other version, and no other suites with it. RFC 8446
/// B.4. One that was not offered is no-common-cipher's.
std::optional<Breach> wrong_suite(const ClientHelloReport& offer, const ServerHelloReport& answer) {
  if (!listed_contains(offer.ciphers, answer.cipher) || !version_offered(offer, answer.version))
    return std::nullopt;
  const bool of_tls13 = answer.cipher.id >> 8 == 0x13;
  const bool tls13 = answer.version.id >= kTls13.value;
  if (of_tls13 == tls13) return std::nullopt;
  return Breach{"chooses " + answer.cipher.name + ", which is no suite of " + answer.version.name,
                "a suite of the chosen version", kIllegalParameter,
                "SSL_ERROR_CIPHER_DISALLOWED_FOR_VERSION", "RFC 8446 B.4"};
}

/// "A server which receives a ClientHello MUST ... select one of the compression methods": RFC 5246
/// 7.4.1.3; TLS 1.3 has none.
std::optional<Breach> wrong_compression(const ClientHelloReport& offer,
                                        const ServerHelloReport& answer) {
  const auto& offered = offer.compression;
  if (std::find(offered.begin(), offered.end(), answer.compression) != offered.end())
    return std::nullopt;
  if (offered.empty()) return std::nullopt;  // an SSL 2.0 hello has no list
  return Breach{
      "chooses compression method " + std::to_string(answer.compression) + ", which is not offered",
      "no compression (0)", kIllegalParameter, kMalformed, "RFC 5246 7.4.1.3"};
}

/// The echo of TLS 1.3. None at all is middlebox-compat's.
std::optional<Breach> wrong_session_id(const ClientHelloReport& offer,
                                       const ServerHelloReport& answer) {
  if (answer.version.id != kTls13.value || answer.session_id == offer.session_id)
    return std::nullopt;
  if (answer.session_id.empty()) return std::nullopt;
  return Breach{"does not repeat the session id of the hello, as TLS 1.3 demands",
                "the same legacy_session_id", kIllegalParameter, kMalformed, "RFC 8446 4.1.3"};
}

/// "Servers MUST NOT send extensions that the client did not request": RFC 5246 7.4.1.4, RFC 8446
/// 4.2. The suite 0x00ff asks for renegotiation_info (RFC 5746 3.3), and a cookie comes unasked.
std::optional<Breach> wrong_extension(const ClientHelloReport& offer,
                                      const ServerHelloReport& answer) {
  for (const CodePoint& extension : answer.extensions) {
    const bool renegotiation =
        extension.id == kRenegotiationInfo.value &&
        listed_contains(offer.ciphers, code_point(kEmptyRenegotiationInfoScsv));
    const bool cookie = extension.id == kCookie.value && is_retry_request(answer);
    if (renegotiation || cookie || listed_contains(offer.extensions, extension)) continue;
    return Breach{"brings the extension " + extension.name + ", which the hello did not ask for",
                  "extensions of the hello only", kUnsupportedExtension,
                  "SSL_ERROR_RX_UNEXPECTED_EXTENSION", "RFC 8446 4.2"};
  }
  return std::nullopt;
}

/// The key share of TLS 1.3: of a group for which the client sent one. A HelloRetryRequest's is
/// hello-retry-loop's.
std::optional<Breach> wrong_key_share(const LegReport& leg, const ClientHelloReport& offer) {
  const ServerHelloReport& answer = *leg.server_hello;
  if (answer.version.id != kTls13.value || is_retry_request(answer)) return std::nullopt;
  if (!answer.key_share_group) {
    if (listed_contains(answer.extensions, code_point(kPreSharedKey)) ||
        listed_contains(answer.extensions, code_point(kKeyShare)))
      return std::nullopt;
    return Breach{"has no key share", "a key share of an offered group", kMissingExtension,
                  "SSL_ERROR_MISSING_KEY_SHARE", "RFC 8446 9.2"};
  }
  const auto& shares = leg.hello_retry ? offer.groups : offer.key_share_groups;
  if (!shares || listed_contains(shares, *answer.key_share_group)) return std::nullopt;
  return Breach{
      "has a key share of " + answer.key_share_group->name + ", for which the client sent none",
      "a key share of an offered group", kIllegalParameter, "SSL_ERROR_RX_MALFORMED_KEY_SHARE",
      "RFC 8446 4.2.8"};
}

/// Extensions of TLS 1.3's ServerHello; all others, asked for or not, are encrypted, or of another
/// version. "If an implementation receives an extension which it recognizes and which is not
/// specified for the message in which it appears, it MUST abort" (RFC 8446 4.2).
std::optional<Breach> wrong_place(const ServerHelloReport& answer) {
  if (answer.version.id != kTls13.value) return std::nullopt;
  for (const CodePoint& extension : answer.extensions) {
    const bool has_place = extension.id == kSupportedVersions.value ||
                           extension.id == kKeyShare.value || extension.id == kPreSharedKey.value ||
                           extension.id == kCookie.value;
    if (has_place) continue;
    return Breach{"brings the extension " + extension.name +
                      " in clear, which TLS 1.3 has no place for there",
                  "key_share, supported_versions and pre_shared_key only", kIllegalParameter,
                  "SSL_ERROR_EXTENSION_DISALLOWED_FOR_VERSION", "RFC 8446 4.2"};
  }
  return std::nullopt;
}

std::optional<Breach> wrong_alpn(const ClientHelloReport& offer, const ServerHelloReport& answer) {
  if (!answer.alpn || !offer.alpn) return std::nullopt;
  if (std::find(offer.alpn->begin(), offer.alpn->end(), *answer.alpn) != offer.alpn->end())
    return std::nullopt;
  return Breach{"chooses the protocol '" + *answer.alpn + "' (ALPN), which is not offered",
                "one of the offered protocols", kIllegalParameter,
                "SSL_ERROR_NEXT_PROTOCOL_DATA_INVALID", "RFC 7301 3.1"};
}

std::optional<Breach> unreadable(const LegSide& side) {
  const std::string start = "ServerHello sent by " + std::string(side.server) + ": ";
  for (const std::string& line : side.leg->malformed)
    if (line.starts_with(start))
      return Breach{"can't be read: " + line.substr(start.size()), "a well-formed ServerHello",
                    kDecodeError, kMalformed, "RFC 8446 4.1.3"};
  return std::nullopt;
}

/// A handshake record began, no message came of it, and the backend closed. Silence is
/// handshake-timeout's: what was sent may have been lost on the way.
std::optional<Breach> cut_short(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (leg.server_hello || leg.hello_retry || !leg.malformed.empty() || leg.first_bytes)
    return std::nullopt;
  constexpr std::size_t kHeaderDigits = 12;  // a record's header, and the message's type, in hex
  if (leg.raw_s2c.size() < kHeaderDigits || !leg.raw_s2c.starts_with("16") ||
      leg.raw_s2c.compare(10, 2, "02") != 0 || !ended_by(leg, side.server))
    return std::nullopt;
  if (fatal_alert(leg, side.server) != nullptr || leg.outcome == "not-tls") return std::nullopt;
  return Breach{"stops after " + count_of(leg.raw_s2c.size() / 2, "byte"),
                "a whole ServerHello",
                kDecodeError,
                "PR_END_OF_FILE_ERROR",
                "RFC 8446 5.1",
                true};
}

/// What the answer to `offer` breaks first.
std::optional<Breach> first_breach(const LegReport& leg, const ClientHelloReport& offer) {
  const ServerHelloReport& answer = *leg.server_hello;
  if (answer.version.id == kSsl2.value) return std::nullopt;
  if (auto breach = wrong_version(offer, answer)) return breach;
  if (auto breach = wrong_legacy_version(answer)) return breach;
  if (auto breach = wrong_suite(offer, answer)) return breach;
  if (auto breach = wrong_compression(offer, answer)) return breach;
  if (auto breach = wrong_session_id(offer, answer)) return breach;
  if (auto breach = wrong_key_share(leg, offer)) return breach;
  if (auto breach = wrong_alpn(offer, answer)) return breach;
  if (auto breach = wrong_extension(offer, answer)) return breach;
  return wrong_place(answer);
}

std::optional<Breach> first_breach(const LegSide& side) {
  if (auto breach = unreadable(side)) return breach;
  if (!side.leg->server_hello) return cut_short(side);
  return first_breach(*side.leg, *side.leg->client_hello);
}

/// Whatever hello it answers, the answer breaks the rule; but only a hello like the client's says
/// that the client would get it, and only what the client did not ask for either stops it.
bool is_proven(const SessionReport& session, const LegSide& side, const Breach& breach) {
  if (breach.cut || !speaks_for_client(session, side)) return false;
  if (side.direct() || !side.leg->server_hello || !session.client_leg ||
      !session.client_leg->client_hello || !side.leg->malformed.empty())
    return true;
  ClientHelloReport clients = *session.client_leg->client_hello;
  clients.session_id = side.leg->client_hello->session_id;  // it repeats ours, as it has to
  const auto for_client = first_breach(*side.leg, clients);
  return for_client && for_client->presented == breach.presented;
}

}  // namespace

/// The ServerHello breaks a rule that every client holds it to. A suite that was not offered is
/// no-common-cipher's.
std::optional<FindingReport> diagnose_bad_server_hello(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || side.leg->outcome == "established" || !side.leg->client_hello) return std::nullopt;
  if (went_on(side)) return std::nullopt;
  const auto breach = first_breach(side);
  if (!breach) return std::nullopt;

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence =
      is_proven(session, side, *breach) ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend's ServerHello " + breach->presented;
  finding.cause = "The backend's ServerHello " + breach->presented +
                  ". Every client has to break off then. Such answers come from a device in front "
                  "of the backend that rewrites handshakes, from TLS libraries with a fault, and "
                  "from a handshake whose bytes were damaged on the way.";
  finding.expected = breach->expected;
  finding.presented = "a ServerHello that " + breach->presented;
  finding.remedy =
      "Update the backend's TLS library, or the load balancer or filter that answers in its place; "
      "a capture on both sides of that device shows which of the two it is. Until then a lower "
      "maximum version at the client may avoid the fault.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client));
  for (const std::string_view message : {"ServerHello", "HelloRetryRequest"})
    if (side.leg->server_hello || !side.leg->malformed.empty())
      add_message_evidence(finding, side, message, "ServerHello that " + breach->presented);
  // The client's own alert, or our library's; where a version that was not offered is passed on,
  // the client's follows on its own leg.
  const AlertReport* own = fatal_alert(*side.leg, side.client);
  const LegSide client = client_side(session);
  if (const AlertReport* alert = client ? fatal_alert(*client.leg, "client") : nullptr) {
    finding.judged_by = judged_by::kClientAlert;
    add_alert_evidence(finding, client, *alert);
    own = alert;
  } else {
    add_close_evidence(finding, side);
  }
  finding.codes.alert = own != nullptr ? static_cast<int>(own->description.id)
                                       : static_cast<int>(breach->alert.value);
  finding.codes.hresult = "0x80090326";
  finding.codes.schannel_event = 36888;
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox = breach->firefox;
  finding.source = breach->source;
  return finding;
}

}  // namespace visavis::inspect
