#include "inspect/compare/twin_outcome.h"

#include <algorithm>

#include "inspect/codepoint/cipher_suite.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kOk = "ok";
constexpr std::string_view kFailed = "failed";
constexpr std::string_view kUnknown = "unknown";
constexpr ExtensionType kCookie{44};
constexpr std::uint8_t kWarningLevel = 1;

TwinOutcome outcome(std::string_view result, std::string why, bool holds_for_others = true) {
  TwinOutcome twin;
  twin.report.result = result;
  twin.report.why = std::move(why);
  twin.holds_for_others = holds_for_others;
  return twin;
}

template <class T>
bool contains(const std::optional<std::vector<T>>& list, const T& value) {
  return list && std::find(list->begin(), list->end(), value) != list->end();
}
template <class T>
bool contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool version_offered(const ClientHello& offer, ProtocolVersion version) {
  if (offer.supported_versions) return contains(offer.supported_versions, version);
  return version <= offer.legacy_version;
}

/// The group of the ServerHello's key share, or of the ServerKeyExchange; a HelloRetryRequest must
/// ask for one that is offered without a key share. RFC 8446 4.1.4.
bool group_offered(const ClientHello& offer, const Transcript& twin) {
  const ServerHello& answer = *twin.server_hello;
  if (answer.hello_retry && answer.key_share_group &&
      contains(offer.key_share_groups, *answer.key_share_group))
    return false;
  if (!answer.hello_retry && answer.key_share_group)
    return contains(offer.key_share_groups, *answer.key_share_group);
  // Without the extension any group may be chosen: RFC 8422 4.
  return !twin.group || !offer.groups || contains(offer.groups, *twin.group);
}

/// A server answers only what it was asked. RFC 8446 4.2.
std::optional<ExtensionType> extension_not_offered(const ClientHello& offer,
                                                   const ServerHello& answer) {
  for (const Extension& extension : answer.extensions) {
    const bool renegotiation = extension.type == kRenegotiationInfo &&
                               contains(offer.ciphers, kEmptyRenegotiationInfoScsv);
    const bool cookie = answer.hello_retry && extension.type == kCookie;
    if (!renegotiation && !cookie && !offer.has(extension.type)) return extension.type;
  }
  return std::nullopt;
}

/// What of the answer the client did not offer, in words; empty: nothing.
std::string not_offered(const ClientHello& offer, const Transcript& twin) {
  const ServerHello& answer = *twin.server_hello;
  if (!version_offered(offer, answer.version())) return name(answer.version());
  if (!contains(offer.ciphers, answer.cipher)) return name(answer.cipher);
  if (!group_offered(offer, twin)) return twin.group ? name(*twin.group) : "another group";
  if (!contains(offer.compression, answer.compression)) return "another compression method";
  if (answer.alpn && !contains(offer.alpn, *answer.alpn)) return "ALPN " + *answer.alpn;
  if (const auto extension = extension_not_offered(offer, answer))
    return "extension " + name(*extension);
  return {};
}

/// The backend chose, and broke off before its first flight was whole: no client gets further.
TwinOutcome judge_answer(const Transcript& twin) {
  const ServerHello& answer = *twin.server_hello;
  const ClientHello& offer = *twin.client_hello;
  const std::string chosen = name(answer.version()) + ", " + name(answer.cipher);
  if (!answer.extension_problems.empty())
    return outcome(kUnknown,
                   "The backend answers the client's own hello with a ServerHello that "
                   "breaks a rule");
  const std::string other = not_offered(offer, twin);
  if (!other.empty())
    return outcome(kUnknown, "The backend answers the client's own hello with " + other +
                                 ", which the client does not offer");
  if (!offer.supported_versions && answer.version() < offer.legacy_version)
    return outcome(kUnknown, "The backend answers the client's own hello with " +
                                 name(answer.version()) +
                                 "; whether the client takes that, its hello does not say");
  return outcome(kOk, "The backend answers the client's own hello: " + chosen);
}

/// A backend that speaks or closes before it has the whole hello has read once and looked.
std::string_view early(const Transcript& twin) {
  return twin.client_hello ? "" : ", of which it has a part only: it does not wait for the rest";
}

bool is_beside_session(const Transcript& twin) {
  return std::any_of(twin.events.begin(), twin.events.end(), [](const Event& event) {
    return event.kind == EventKind::tcp && event.note == tcp_note::kBesideSession;
  });
}

/// What the backend did instead of going on.
TwinOutcome judge_end(const Transcript& twin) {
  const std::string where = twin.server_hello ? "in the middle of its answer to" : "in answer to";
  const std::string to = ' ' + where + " the client's own hello" + std::string(early(twin));
  const bool timeout = twin.close->how == CloseHow::timeout;
  if (is_beside_session(twin))
    return outcome(kUnknown,
                   std::string("The backend ") + (timeout ? "does not answer" : "closes") +
                       " a second connection beside the session's own: it may take one at a time",
                   false);
  if (!timeout)
    return outcome(kFailed,
                   (twin.close->how == CloseHow::rst ? "The backend resets the connection (RST)"
                                                     : "The backend closes the connection (FIN)") +
                       to);
  if (!twin.client_hello)
    return outcome(kUnknown, "The client's own hello did not reach the backend in time", false);
  return outcome(kFailed, "The backend goes silent" + to);
}

const AlertSeen* fatal_alert(const Transcript& twin) {
  const auto found =
      std::find_if(twin.alerts.begin(), twin.alerts.end(), [](const AlertSeen& alert) {
        return alert.sent_by == Party::backend && alert.level != kWarningLevel;
      });
  return found == twin.alerts.end() ? nullptr : &*found;
}

}  // namespace

TwinOutcome judge_twin(const Transcript& twin) {
  if (twin.reached == Reached::none)
    return outcome(kUnknown,
                   "No connection for the client's own hello came about: " +
                       twin.failure.value_or("the backend was not reached"),
                   false);
  if (const AlertSeen* alert = fatal_alert(twin))
    return outcome(kFailed, "The backend sends a fatal " + name(alert->description) + " (" +
                                std::to_string(alert->description.value) +
                                ") alert in answer to the client's own hello" +
                                std::string(early(twin)));
  if (twin.not_tls)
    return outcome(kFailed, "The backend sends " + std::string(name(*twin.not_tls)) +
                                ", which is not TLS, in answer to the client's own hello");
  if (twin.failure)
    return outcome(kUnknown, "The client's own hello has no answer: " + *twin.failure, false);
  if (!twin.malformed.empty() || twin.sslv2_server_hello)
    return outcome(kUnknown, "The backend's answer to the client's own hello can't be judged");
  const bool left_by_us =
      twin.close && twin.close->by == Party::proxy && twin.close->how == CloseHow::fin;
  if (twin.server_hello && twin.client_hello && left_by_us) return judge_answer(twin);
  if (twin.close && !left_by_us) return judge_end(twin);
  return outcome(kUnknown, "The client's own hello was not answered", false);
}

}  // namespace visavis::inspect
