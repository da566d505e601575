#include "inspect/handshake/describe_extension.h"

#include <algorithm>

#include "inspect/handshake/extension_bodies.h"

namespace visavis::inspect {
namespace {

namespace body = extension_body;

struct BodyEntry {
  std::uint16_t type;
  body::Read read;
};

/// In the order of their numbers. Whatever is not here is opaque: quic_transport_parameters, TLMSP,
/// password protection, drafts.
constexpr BodyEntry kBodies[] = {
    {0, body::server_name},
    {1, body::max_fragment_length},
    {2, body::empty},  // client_certificate_url
    {3, body::trusted_ca_keys},
    {4, body::empty},  // truncated_hmac
    {5, body::status_request},
    {6, body::user_mapping},
    {7, body::authorization_formats},  // client_authz
    {8, body::authorization_formats},  // server_authz
    {9, body::certificate_type},       // cert_type
    {10, body::supported_groups},
    {11, body::ec_point_formats},
    {12, body::srp},
    {13, body::signature_schemes},
    {14, body::use_srtp},
    {15, body::heartbeat},
    {16, body::alpn},
    {17, body::status_request_v2},
    {18, body::signed_certificate_timestamp},
    {19, body::certificate_type},  // client_certificate_type
    {20, body::certificate_type},  // server_certificate_type
    {21, body::padding},
    {22, body::empty},  // encrypt_then_mac
    {23, body::empty},  // extended_master_secret
    {24, body::token_binding},
    {25, body::cached_info},
    {27, body::compress_certificate},
    {28, body::record_size_limit},
    {32, body::ticket_pinning},
    {33, body::empty},  // tls_cert_with_extern_psk
    {34, body::delegated_credential},
    {35, body::opaque},  // session_ticket
    {41, body::pre_shared_key},
    {42, body::early_data},
    {43, body::supported_versions},
    {44, body::cookie},
    {45, body::psk_key_exchange_modes},
    {47, body::certificate_authorities},
    {48, body::oid_filters},
    {49, body::empty},              // post_handshake_auth
    {50, body::signature_schemes},  // signature_algorithms_cert
    {51, body::key_share},
    {54, body::connection_id},
    {55, body::connection_id},  // external_id_hash
    {56, body::connection_id},  // external_session_id
    {58, body::ticket_request},
    {62, body::tls_flags},
    {0x3374, body::next_protocol_negotiation},
    {0x4469, body::application_settings},  // old number
    {0x44cd, body::application_settings},
    {0x754f, body::empty},  // channel_id_old
    {0x7550, body::empty},  // channel_id
    {0xfd00, body::ech_outer_extensions},
    {0xfe0d, body::encrypted_client_hello},
    {0xff01, body::renegotiation_info},
    {0xffce, body::encrypted_server_name},
};

constexpr bool by_type(const BodyEntry& a, const BodyEntry& b) { return a.type < b.type; }

static_assert(std::is_sorted(std::begin(kBodies), std::end(kBodies), by_type));

body::Read reader_of(ExtensionType type) {
  const auto found = std::lower_bound(std::begin(kBodies), std::end(kBodies),
                                      BodyEntry{type.value, nullptr}, by_type);
  return found != std::end(kBodies) && found->type == type.value ? found->read : nullptr;
}

/// Of an extension that nobody here can read, its first bytes may tell somebody something.
void describe_unknown(ExtensionType type, Bytes bytes, ExtensionWords& words) {
  if (bytes.empty()) return;
  words.add_bytes(bytes.size());
  if (!known_name(type).empty()) return;
  words.join(": ");
  words.join_hex(bytes);
}

}  // namespace

Result<std::string> describe_extension(ExtensionType type, Bytes bytes, HelloKind kind) {
  ExtensionWords words;
  const body::Read read = reader_of(type);
  if (read == nullptr) {
    describe_unknown(type, bytes, words);
    return words.take();
  }
  ByteReader reader(bytes);
  read(reader, kind, words);
  reader.done(field_name(type));
  if (reader.failed()) return *reader.error();
  return words.take();
}

}  // namespace visavis::inspect
