#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

/// The small registries whose numbers stand inside extension bodies.
namespace visavis::inspect {

/// CertificateType: X.509 or a bare key, IANA TLS Certificate Types.
struct CertificateType {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const CertificateType&, const CertificateType&) = default;
};
inline constexpr CertificateType kX509{0};
inline constexpr CertificateType kRawPublicKey{2};
std::string_view known_name(CertificateType point);

/// EcPointFormat: IANA TLS EC Point Formats.
struct EcPointFormat {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const EcPointFormat&, const EcPointFormat&) = default;
};
std::string_view known_name(EcPointFormat point);

/// HeartbeatMode: IANA Heartbeat Modes, RFC 6520.
struct HeartbeatMode {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const HeartbeatMode&, const HeartbeatMode&) = default;
};
std::string_view known_name(HeartbeatMode point);

/// HpkeAead: IANA HPKE AEAD Identifiers, RFC 9180 7.3.
struct HpkeAead {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const HpkeAead&, const HpkeAead&) = default;
};
std::string_view known_name(HpkeAead point);

/// HpkeKdf: IANA HPKE KDF Identifiers, RFC 9180 7.2.
struct HpkeKdf {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const HpkeKdf&, const HpkeKdf&) = default;
};
std::string_view known_name(HpkeKdf point);

/// PskKeyExchangeMode: IANA TLS PskKeyExchangeMode, RFC 8446 4.2.9.
struct PskKeyExchangeMode {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const PskKeyExchangeMode&, const PskKeyExchangeMode&) = default;
};
std::string_view known_name(PskKeyExchangeMode point);

/// SrtpProfile: IANA DTLS-SRTP Protection Profiles, RFC 5764.
struct SrtpProfile {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const SrtpProfile&, const SrtpProfile&) = default;
};
std::string_view known_name(SrtpProfile point);

/// TokenBindingParameter: IANA Token Binding Key Parameters, RFC 8471.
struct TokenBindingParameter {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const TokenBindingParameter&,
                                    const TokenBindingParameter&) = default;
};
std::string_view known_name(TokenBindingParameter point);

}  // namespace visavis::inspect
