#include <algorithm>
#include <cctype>

#include "inspect/codepoint/alert.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

/// Whether a name of the certificate ("DNS:*.example.com", "IP:192.0.2.1") is for this host. The
/// wildcard stands for one label. RFC 6125 6.4.
bool is_for(std::string_view name, std::string_view host) {
  if (name.starts_with("IP:")) return same_letters(name.substr(3), host);
  if (!name.starts_with("DNS:")) return false;
  name.remove_prefix(4);
  if (!name.starts_with("*.")) return same_letters(name, host);
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && same_letters(name.substr(1), host.substr(dot));
}

bool covers(const CertificateReport& leaf, std::string_view host) {
  return std::any_of(leaf.san.begin(), leaf.san.end(),
                     [host](const std::string& name) { return is_for(name, host); });
}

/// A numeric address, as far as it matters for words.
bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// How the host came to be the one that was checked.
enum class Asked {
  by_client,     ///< the client's SNI
  of_the_proxy,  ///< the client's SNI, but the certificate is right for the backend's own name
  by_nobody,     ///< no SNI: the backend as it was given to us
};

Asked who_asked(const SessionReport& session, const CertificateReport& leaf, bool named) {
  if (!named) return Asked::by_nobody;
  return covers(leaf, host_part(session.backend)) ? Asked::of_the_proxy : Asked::by_client;
}

std::string names_of(const CertificateReport& leaf) {
  constexpr std::size_t kMost = 10;
  if (leaf.san.empty()) return "no alternative names; its subject is '" + leaf.subject + "'";
  return "the names " + listed(leaf.san, kMost);
}

std::string cause(const std::string& host, const CertificateReport& leaf, Asked asked) {
  const std::string is_not =
      "The backend's certificate has " + names_of(leaf) + "; none of them is for '" + host + "'.";
  switch (asked) {
    case Asked::by_client:
      return "The client asks for '" + host + "' (SNI). " + is_not +
             " The backend has no certificate for this name, or another site of it answered.";
    case Asked::of_the_proxy:
      return "The client asks for '" + host + "' (SNI). " + is_not +
             " It is for the backend's own name, though: the client was probably pointed at the "
             "proxy by a name that it does not use directly.";
    case Asked::by_nobody:
      break;
  }
  return "The client names no host (SNI), so the backend is held against the one that visavis was "
         "given. " +
         is_not + " Which name the client checks is not known.";
}

std::string remedy(const std::string& host, Asked asked) {
  if (asked == Asked::of_the_proxy)
    return "Point the client at the proxy by the backend's name: curl --connect-to or --resolve, a "
           "line in the hosts file (Windows: system32\\drivers\\etc\\hosts), or DNS.";
  const std::string issue =
      "Have a certificate issued with '" + host + "' among its subject alternative names" +
      (is_address(host) ? " (as iPAddress, not dNSName)" : "") + " and bind it";
  return issue +
         " (IIS: the site's https binding for this host name, with Require Server Name Indication; "
         "nginx: the server block with this server_name), or let the client use a name that the "
         "certificate has.";
}

void add_codes(FindingReport& finding, const std::string& host, const CertificateReport& leaf) {
  finding.codes.alert = kBadCertificate.value;
  finding.codes.x509 =
      is_address(host) ? "X509_V_ERR_IP_ADDRESS_MISMATCH" : "X509_V_ERR_HOSTNAME_MISMATCH";
  finding.codes.hresult = "0x800b010f";
  finding.codes.schannel_event = 36884;
  finding.codes.chrome = "ERR_CERT_COMMON_NAME_INVALID";
  finding.codes.firefox = "SSL_ERROR_BAD_CERT_DOMAIN";
  const std::string start = "CertificateException: No ";
  finding.codes.java =
      start + (is_address(host) ? "subject alternative names matching IP address " + host + " found"
               : leaf.san.empty() ? "name matching " + host + " found"
                                  : "subject alternative DNS name matching " + host + " found");
  finding.source = "RFC 9525 6";
}

/// The certificate is for this host by its CN: OpenSSL, curl and Java take that, others do not.
FindingReport by_common_name_only(const LegSide& side, const std::string& host) {
  const CertificateReport& leaf = side.leg->certificates.front();
  FindingReport finding = chain_finding(side);
  if (!client_objected(side)) finding.severity = severity::kWarning;
  finding.title = "The backend's certificate names its host in the common name only";
  finding.cause =
      "The certificate '" + leaf.subject + "' has no alternative name for '" + host +
      "'; only its common name (CN) fits. Chrome, Firefox, Safari and Go do not read the common "
      "name and refuse it; OpenSSL, curl, Java and Node still do.";
  finding.expected = "a subject alternative name for '" + host + "'";
  finding.presented = names_of(leaf);
  finding.remedy = remedy(host, Asked::by_client);
  add_codes(finding, host, leaf);
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_name_mismatch(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const CertificateReport& leaf = side.leg->certificates.front();
  const bool mismatch = !side.leg->chain->trusted &&
                        (has_word(leaf, "name-mismatch") ||
                         chain_problem(*side.leg, "X509_V_ERR_HOSTNAME_MISMATCH") != nullptr ||
                         chain_problem(*side.leg, "X509_V_ERR_IP_ADDRESS_MISMATCH") != nullptr);
  if (!mismatch && !has_word(leaf, "common-name-only")) return std::nullopt;
  const std::string host = checked_host(session);
  if (!mismatch) return by_common_name_only(side, host);

  const LegSide client = client_side(session);
  const bool named =
      session.sni || (client && client.leg->client_hello && client.leg->client_hello->sni);
  const Asked asked = who_asked(session, leaf, named);
  FindingReport finding = chain_finding(side);
  if (asked != Asked::by_client) {
    finding.confidence = confidence::kLikely;
    // Where somebody did refuse it, it is no guess that this matters.
    const bool refused = client_objected(side) || refused_by_us(*side.leg);
    if (!refused) finding.severity = severity::kWarning;
  }
  if (asked == Asked::of_the_proxy) finding.side = side::kProxy;
  finding.title = asked == Asked::of_the_proxy
                      ? "The client asks by a name that the backend's certificate does not have"
                      : "The backend's certificate is not for '" + host + "'";
  finding.cause = cause(host, leaf, asked);
  finding.expected = "a certificate for '" + host + "'";
  finding.presented = names_of(leaf);
  finding.remedy = remedy(host, asked);
  add_codes(finding, host, leaf);
  return finding;
}

}  // namespace visavis::inspect
