// https://www.iana.org/assignments/tls-extensiontype-values/ : TLS ExtensionType Values.
//
// As of 2026-09-29: Wireshark 4.0.17 up to dnssec_chain, plus
// sequence_number_encryption_algorithms, rrc, tls_flags, ECH (RFC 9849) and the entries Wireshark
// leaves out, from a public name table generated from the registry of that day.
//
// The registry now spells 23 extended_main_secret (RFC 9846); the name of RFC 7627 is kept, for it
// is what the logs and settings of every TLS stack say. 53 is its "connection_id (deprecated)". A
// line with a comment is reserved or unassigned there; the comment says who uses the number:
// drafts, BoringSSL's tls1.h, Chromium, Wireshark.
#include "inspect/codepoint/extension_type.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {0x0000, "server_name"},
    {0x0001, "max_fragment_length"},
    {0x0002, "client_certificate_url"},
    {0x0003, "trusted_ca_keys"},
    {0x0004, "truncated_hmac"},
    {0x0005, "status_request"},
    {0x0006, "user_mapping"},
    {0x0007, "client_authz"},
    {0x0008, "server_authz"},
    {0x0009, "cert_type"},
    {0x000a, "supported_groups"},
    {0x000b, "ec_point_formats"},
    {0x000c, "srp"},
    {0x000d, "signature_algorithms"},
    {0x000e, "use_srtp"},
    {0x000f, "heartbeat"},
    {0x0010, "application_layer_protocol_negotiation"},
    {0x0011, "status_request_v2"},
    {0x0012, "signed_certificate_timestamp"},
    {0x0013, "client_certificate_type"},
    {0x0014, "server_certificate_type"},
    {0x0015, "padding"},
    {0x0016, "encrypt_then_mac"},
    {0x0017, "extended_master_secret"},
    {0x0018, "token_binding"},
    {0x0019, "cached_info"},
    {0x001a, "tls_lts"},
    {0x001b, "compress_certificate"},
    {0x001c, "record_size_limit"},
    {0x001d, "pwd_protect"},
    {0x001e, "pwd_clear"},
    {0x001f, "password_salt"},
    {0x0020, "ticket_pinning"},
    {0x0021, "tls_cert_with_extern_psk"},
    {0x0022, "delegated_credential"},
    {0x0023, "session_ticket"},
    {0x0024, "TLMSP"},
    {0x0025, "TLMSP_proxying"},
    {0x0026, "TLMSP_delegate"},
    {0x0027, "supported_ekt_ciphers"},
    {0x0028, "reserved_40"},  // drafts' key_share; extended_random of old RSA BSAFE
    {0x0029, "pre_shared_key"},
    {0x002a, "early_data"},
    {0x002b, "supported_versions"},
    {0x002c, "cookie"},
    {0x002d, "psk_key_exchange_modes"},
    {0x002e, "reserved_46"},  // drafts' ticket_early_data_info
    {0x002f, "certificate_authorities"},
    {0x0030, "oid_filters"},
    {0x0031, "post_handshake_auth"},
    {0x0032, "signature_algorithms_cert"},
    {0x0033, "key_share"},
    {0x0034, "transparency_info"},
    {0x0035, "connection_id_deprecated"},
    {0x0036, "connection_id"},
    {0x0037, "external_id_hash"},
    {0x0038, "external_session_id"},
    {0x0039, "quic_transport_parameters"},
    {0x003a, "ticket_request"},
    {0x003b, "dnssec_chain"},
    {0x003c, "sequence_number_encryption_algorithms"},
    {0x003d, "rrc"},
    {0x003e, "tls_flags"},
    {0x12e0, "server_padding"},             // Chromium
    {0x3374, "next_protocol_negotiation"},  // draft-agl-tls-nextprotoneg
    {0x4469, "application_settings_old"},   // draft-vvv-tls-alps
    {0x44cd, "application_settings"},       // draft-vvv-tls-alps, second number
    {0x5500, "token_binding_draft"},        // SChannel of the first Windows 10
    {0x754f, "channel_id_old"},             // draft-balfanz-tls-channelid
    {0x7550, "channel_id"},                 // draft-balfanz-tls-channelid
    {0x8a3b, "pake"},                       // BoringSSL, draft-bmw-tls-pake13
    {0xca34, "trust_anchors"},              // Chromium, draft-ietf-tls-trust-anchor-ids
    {0xfd00, "ech_outer_extensions"},
    {0xfe08, "encrypted_client_hello_draft08"},  // draft-ietf-tls-esni-08
    {0xfe09, "encrypted_client_hello_draft09"},  // draft-ietf-tls-esni-09
    {0xfe0a, "encrypted_client_hello_draft10"},  // draft-ietf-tls-esni-10
    {0xfe0b, "encrypted_client_hello_draft11"},  // draft-ietf-tls-esni-11
    {0xfe0c, "encrypted_client_hello_draft12"},  // draft-ietf-tls-esni-12
    {0xfe0d, "encrypted_client_hello"},
    {0xff01, "renegotiation_info"},
    {0xff03, "short_header"},                     // NSS 3.29 (Firefox 53); 2020: a draft of ECH
    {0xffa5, "quic_transport_parameters_draft"},  // drafts of QUIC before 33
    {0xffce, "encrypted_server_name"},            // ESNI, drafts before ECH
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(ExtensionType point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect
