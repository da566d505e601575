#include "inspect/findings/windows_words.h"

#include <algorithm>
#include <iterator>

// Source: the manifest of the provider Schannel (Windows 7 to 10), the list of COM error codes, and
// "Schannel error codes for TLS and SSL alerts" (Microsoft). The words are ours.
namespace visavis::inspect {
namespace {

struct Event {
  int id;
  EventParty party;
  std::string_view words;
};

constexpr Event kEvents[] = {
    {36869, EventParty::server, "the server's certificate has no private key"},
    {36870, EventParty::server, "the private key of the server's credential can't be used"},
    {36871, EventParty::either, "a TLS credential could not be made (protocols, suites, FIPS)"},
    {36872, EventParty::either, "there is no suitable credential"},
    {36873, EventParty::client, "no cipher suite is left to offer"},
    {36874, EventParty::server, "a connection came with no cipher suite that is supported here"},
    {36875, EventParty::client, "a client certificate was asked for, and none is suitable"},
    {36876, EventParty::client, "the server's certificate failed validation"},
    {36877, EventParty::server, "the client's certificate failed validation"},
    {36878, EventParty::server, "the client's certificate can't be mapped to an account"},
    {36879, EventParty::server, "the client's certificate is mapped to no account"},
    {36881, EventParty::client, "the server's certificate has expired or is not yet valid"},
    {36882, EventParty::client, "the server's certificate is of an issuer that is not trusted"},
    {36883, EventParty::client, "the server's certificate has been revoked"},
    {36884, EventParty::client, "the server's certificate does not have the expected name"},
    {36885, EventParty::server, "the list of trusted issuers was too long and was cut (16 KiB)"},
    {36886, EventParty::server, "there is no default server credential"},
    {36887, EventParty::either, "a fatal alert was received"},
    {36888, EventParty::either, "a fatal alert was generated"},
    {36889, EventParty::server, "the chain of the server's own certificate is incomplete"},
    {36912, EventParty::server, "the session ticket key was not found"},
    {36928, EventParty::server, "OCSP stapling failed"},
};

struct Status {
  std::string_view code;
  std::string_view name;
};

constexpr Status kStatuses[] = {
    {"0x80090016", "NTE_BAD_KEYSET"},
    {"0x8009001a", "NTE_KEYSET_ENTRY_BAD"},
    {"0x80090006", "NTE_BAD_SIGNATURE"},
    {"0x80090008", "NTE_BAD_ALGID"},
    {"0x80090302", "SEC_E_UNSUPPORTED_FUNCTION"},
    {"0x80090304", "SEC_E_INTERNAL_ERROR"},
    {"0x80090308", "SEC_E_INVALID_TOKEN"},
    {"0x8009030c", "SEC_E_LOGON_DENIED"},
    {"0x8009030d", "SEC_E_UNKNOWN_CREDENTIALS"},
    {"0x8009030e", "SEC_E_NO_CREDENTIALS"},
    {"0x8009030f", "SEC_E_MESSAGE_ALTERED"},
    {"0x80090310", "SEC_E_OUT_OF_SEQUENCE"},
    {"0x80090320", "SEC_I_INCOMPLETE_CREDENTIALS"},
    {"0x80090322", "SEC_E_WRONG_PRINCIPAL"},
    {"0x80090325", "SEC_E_UNTRUSTED_ROOT"},
    {"0x80090326", "SEC_E_ILLEGAL_MESSAGE"},
    {"0x80090327", "SEC_E_CERT_UNKNOWN"},
    {"0x80090328", "SEC_E_CERT_EXPIRED"},
    {"0x80090329", "SEC_E_ENCRYPT_FAILURE"},
    {"0x80090330", "SEC_E_DECRYPT_FAILURE"},
    {"0x80090331", "SEC_E_ALGORITHM_MISMATCH"},
    {"0x80090333", "SEC_E_UNFINISHED_CONTEXT_DELETED"},
    {"0x80090349", "SEC_E_CERT_WRONG_USAGE"},
    {"0x80090350", "SEC_E_DOWNGRADE_DETECTED"},
    {"0x80090352", "SEC_E_ISSUING_CA_UNTRUSTED"},
    {"0x80090367", "SEC_E_APPLICATION_PROTOCOL_MISMATCH"},
    {"0x80092010", "CRYPT_E_REVOKED"},
    {"0x80092012", "CRYPT_E_NO_REVOCATION_CHECK"},
    {"0x80092013", "CRYPT_E_REVOCATION_OFFLINE"},
    {"0x80096004", "TRUST_E_CERT_SIGNATURE"},
    {"0x80096019", "TRUST_E_BASIC_CONSTRAINTS"},
    {"0x800b0101", "CERT_E_EXPIRED"},
    {"0x800b0103", "CERT_E_ROLE"},
    {"0x800b0104", "CERT_E_PATHLENCONST"},
    {"0x800b0105", "CERT_E_CRITICAL"},
    {"0x800b0106", "CERT_E_PURPOSE"},
    {"0x800b0107", "CERT_E_ISSUERCHAINING"},
    {"0x800b0108", "CERT_E_MALFORMED"},
    {"0x800b0109", "CERT_E_UNTRUSTEDROOT"},
    {"0x800b010a", "CERT_E_CHAINING"},
    {"0x800b010c", "CERT_E_REVOKED"},
    {"0x800b010f", "CERT_E_CN_NO_MATCH"},
    {"0x800b0110", "CERT_E_WRONG_USAGE"},
    {"0x800b0111", "TRUST_E_EXPLICIT_DISTRUST"},
    {"0x800b0112", "CERT_E_UNTRUSTEDCA"},
    {"0x800b0113", "CERT_E_INVALID_POLICY"},
    {"0x800b0114", "CERT_E_INVALID_NAME"},
};

const Event* find_event(int id) {
  const auto* const found = std::find_if(std::begin(kEvents), std::end(kEvents),
                                         [id](const Event& e) { return e.id == id; });
  return found == std::end(kEvents) ? nullptr : found;
}

}  // namespace

std::string_view event_words(int event) {
  const Event* found = find_event(event);
  return found == nullptr ? std::string_view() : found->words;
}

EventParty event_party(int event) {
  const Event* found = find_event(event);
  return found == nullptr ? EventParty::either : found->party;
}

std::string_view status_name(std::string_view hresult) {
  const auto* const found = std::find_if(std::begin(kStatuses), std::end(kStatuses),
                                         [hresult](const Status& s) { return s.code == hresult; });
  return found == std::end(kStatuses) ? std::string_view() : found->name;
}

}  // namespace visavis::inspect
