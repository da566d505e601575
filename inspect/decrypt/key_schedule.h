#pragma once
#include <optional>

#include "inspect/codepoint/protocol_version.h"
#include "inspect/decrypt/cipher_parameters.h"
#include "inspect/decrypt/key_log.h"

namespace visavis::inspect {

/// DirectionKeys is what one direction's records are protected with.
struct DirectionKeys {
  Secret mac_key;  ///< empty for authenticated encryption
  Secret key;
  Secret iv;  ///< the fixed part of a nonce; with CBC in TLS 1.0 the first record's IV
};

struct KeyBlock {
  DirectionKeys client;
  DirectionKeys server;
};

/// derive_key_block expands a master secret: TLS 1.0 to 1.2. Nothing where this OpenSSL refuses
/// (FIPS and MD5). Source: RFC 2246 6.3, RFC 5246 6.3.
std::optional<KeyBlock> derive_key_block(const Secret& master_secret,
                                         const HelloRandom& client_random,
                                         const HelloRandom& server_random, ProtocolVersion version,
                                         const CipherParameters& cipher);

/// derive_traffic_keys makes a direction's keys from a traffic secret. Source: RFC 8446 7.3.
std::optional<DirectionKeys> derive_traffic_keys(const Secret& traffic_secret,
                                                 const CipherParameters& cipher);

/// next_traffic_secret follows on a KeyUpdate; empty where OpenSSL refuses. Source: RFC 8446 7.2.
Secret next_traffic_secret(const Secret& traffic_secret, const CipherParameters& cipher);

}  // namespace visavis::inspect
