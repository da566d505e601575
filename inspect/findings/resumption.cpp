#include "inspect/findings/resumption.h"

#include <algorithm>

#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

bool offers_tls13(const ClientHelloReport& hello) {
  const auto& versions = hello.supported_versions;
  return versions && std::any_of(versions->begin(), versions->end(), [](const CodePoint& version) {
           return version.id == kTls13.value;
         });
}

}  // namespace

bool resumption_offered(const LegReport& leg) {
  if (!leg.client_hello) return false;
  const ClientHelloReport& hello = *leg.client_hello;
  return hello.session_ticket_len.value_or(0) > 0 || hello.psk_identities > 0 ||
         (!hello.session_id.empty() && !offers_tls13(hello));
}

bool resumption_accepted(const LegReport& leg) {
  if (!leg.server_hello || !resumption_offered(leg)) return false;
  const ServerHelloReport& answer = *leg.server_hello;
  if (answer.version.id >= kTls13.value)
    return std::any_of(
        answer.extensions.begin(), answer.extensions.end(),
        [](const CodePoint& extension) { return extension.id == kPreSharedKey.value; });
  return !answer.session_id.empty() && answer.session_id == leg.client_hello->session_id;
}

bool drops_master_secret(const LegReport& leg) {
  const auto has = [](const std::vector<CodePoint>& extensions) {
    return std::any_of(extensions.begin(), extensions.end(), [](const CodePoint& each) {
      return each.id == kExtendedMasterSecret.value;
    });
  };
  return resumption_accepted(leg) && leg.server_hello->version.id < kTls13.value &&
         has(leg.client_hello->extensions) && !has(leg.server_hello->extensions);
}

}  // namespace visavis::inspect
