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
  return Breach{"chooses " + answer.version.name + ", which is not offered",
                "one of the offered versions", kProtocolVersion, "SSL_ERROR_UNSUPPORTED_VERSION",
                "RFC 8446 4.2.1"};
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
std::optional<Breach> wrong_key_share(const LegReport& leg) {
  const ClientHelloReport& offer = *leg.client_hello;
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

std::optional<Breach> first_breach(const LegSide& side) {
  if (auto breach = unreadable(side)) return breach;
  const LegReport& leg = *side.leg;
  if (!leg.server_hello) return cut_short(side);
  const ClientHelloReport& offer = *leg.client_hello;
  const ServerHelloReport& answer = *leg.server_hello;
  if (answer.version.id == kSsl2.value) return std::nullopt;
  if (auto breach = wrong_version(offer, answer)) return breach;
  if (auto breach = wrong_compression(offer, answer)) return breach;
  if (auto breach = wrong_session_id(offer, answer)) return breach;
  if (auto breach = wrong_key_share(leg)) return breach;
  if (auto breach = wrong_alpn(offer, answer)) return breach;
  return wrong_extension(offer, answer);
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
  // Whatever hello it answers, the answer breaks the rule; but only a hello like the client's says
  // that the client would get it.
  const bool proven = speaks_for_client(session, side) && !breach->cut;
  finding.confidence = proven ? confidence::kProven : confidence::kLikely;
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
  if (const AlertReport* alert = fatal_alert(*side.leg, "client")) {
    finding.judged_by = judged_by::kClientAlert;
    add_alert_evidence(finding, side, *alert);
  } else {
    add_close_evidence(finding, side);
  }
  finding.codes.alert = breach->alert.value;
  finding.codes.hresult = "0x80090326";
  finding.codes.schannel_event = 36888;
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox = breach->firefox;
  finding.source = breach->source;
  return finding;
}

}  // namespace visavis::inspect
