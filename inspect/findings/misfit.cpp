#include "inspect/findings/misfit.h"

#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr CipherSuite kAes128GcmSha256{0x1301};
constexpr NamedGroup kSecp256r1{23};
constexpr SignatureScheme kEcdsaSecp256r1Sha256{0x0403};
constexpr std::uint32_t kRsaPssFirst = 0x0804;  ///< rsa_pss_rsae_sha256
constexpr std::uint32_t kRsaPssLast = 0x0806;   ///< rsa_pss_rsae_sha512
constexpr std::uint32_t kSha224 = 3;            ///< and below it MD5 and SHA-1

bool has_suite(const ClientHelloReport& offer, std::string_view start) {
  return std::any_of(offer.ciphers.begin(), offer.ciphers.end(), [start](const CodePoint& suite) {
    return suite.name.view().starts_with(start);
  });
}

bool only_tls13(const ClientHelloReport& offer) {
  return offer.supported_versions &&
         std::all_of(offer.supported_versions->begin(), offer.supported_versions->end(),
                     [](const CodePoint& version) {
                       return version.id == kTls13.value || version.name == "GREASE";
                     });
}

/// Suites of which any backend of today has one, whichever its certificate's key is.
bool is_ordinary(const ClientHelloReport& offer) {
  if (offers_tls13(offer) && !offers_suite(offer, code_point(kAes128GcmSha256))) return false;
  if (only_tls13(offer)) return true;
  return has_suite(offer, "TLS_ECDHE_RSA_WITH_AES_128_GCM") &&
         has_suite(offer, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM");
}

/// True where every suite takes a group that the client lists: none of DHE, none of static RSA.
bool needs_curve(const ClientHelloReport& offer) {
  return !has_suite(offer, "TLS_RSA_") && !has_suite(offer, "TLS_DHE_");
}

bool has_rsa_pss(const std::vector<CodePoint>& schemes) {
  return std::any_of(schemes.begin(), schemes.end(), [](const CodePoint& scheme) {
    return scheme.id >= kRsaPssFirst && scheme.id <= kRsaPssLast;
  });
}

/// Hash and signature are a byte each up to TLS 1.2: RFC 5246 7.4.1.4.1.
bool only_old_hashes(const std::vector<CodePoint>& schemes) {
  return std::all_of(schemes.begin(), schemes.end(),
                     [](const CodePoint& scheme) { return scheme.id >> 8 <= kSha224; });
}

bool lacks_schemes(const ClientHelloReport& offer) {
  if (!offer.sig_algs)  // stands for SHA-1; TLS 1.1 and older have no choice
    return offer.legacy_version.id >= kTls12.value && needs_curve(offer);
  if (!has_rsa_pss(*offer.sig_algs) && offers_tls13(offer)) return true;
  if (only_tls13(offer) && !listed_contains(*offer.sig_algs, code_point(kEcdsaSecp256r1Sha256)))
    return true;
  return only_old_hashes(*offer.sig_algs) && needs_curve(offer);
}

bool lacks_groups(const ClientHelloReport& offer) {
  return offer.groups && !listed_contains(*offer.groups, code_point(kSecp256r1)) &&
         needs_curve(offer);
}

/// RFC 7627: what has these suites and TLS 1.2 at the most has the extension, too, where it is kept
/// up to date. A list without any extension is a client of its own kind.
bool lacks_master_secret(const ClientHelloReport& offer) {
  return !offers_tls13(offer) && !offer.extensions.empty() &&
         !listed_contains(offer.extensions, code_point(kExtendedMasterSecret));
}

bool repeats(const std::optional<std::vector<CodePoint>>& client,
             const std::optional<std::vector<CodePoint>>& proxy) {
  if (!client) return true;
  return std::all_of(client->begin(), client->end(), [&proxy](const CodePoint& point) {
    return point.name == "GREASE" || listed_contains(proxy, point);
  });
}

}  // namespace

Misfit likeliest_misfit(const ClientHelloReport& offer) {
  if (!is_ordinary(offer)) return Misfit::suites;
  if (lacks_schemes(offer)) return Misfit::signature;
  if (lacks_groups(offer)) return Misfit::group;
  return lacks_master_secret(offer) ? Misfit::master_secret : Misfit::suites;
}

Misfit misfit_of_refusal(const SessionReport& session) {
  const LegSide side = backend_side(session);
  const LegSide client = client_side(session);
  if (!side || !client || side.leg->outcome == "established" || !side.leg->client_hello ||
      !client.leg->client_hello || side.leg->server_hello || side.leg->hello_retry ||
      !speaks_for_client(session, side))
    return Misfit::suites;
  const AlertReport* alert = fatal_alert(*side.leg, "backend");
  if (alert == nullptr || alert->description.id != kHandshakeFailure.value) return Misfit::suites;
  if (resumption_offered(*side.leg)) return Misfit::earlier_session;
  const ClientHelloReport& offer = *client.leg->client_hello;
  const ClientHelloReport& asked = *side.leg->client_hello;
  if (!repeats(offer.groups, asked.groups) || !repeats(offer.sig_algs, asked.sig_algs) ||
      !missing_suites(offer, asked).empty())
    return Misfit::suites;
  return likeliest_misfit(offer);
}

}  // namespace visavis::inspect
