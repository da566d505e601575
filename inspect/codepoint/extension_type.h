#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ExtensionType: a hello extension's type, IANA TLS ExtensionType Values.
struct ExtensionType {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const ExtensionType&, const ExtensionType&) = default;
};

inline constexpr ExtensionType kServerName{0};
inline constexpr ExtensionType kMaxFragmentLength{1};
inline constexpr ExtensionType kStatusRequest{5};
inline constexpr ExtensionType kSupportedGroups{10};
inline constexpr ExtensionType kEcPointFormats{11};
inline constexpr ExtensionType kSignatureAlgorithms{13};
inline constexpr ExtensionType kAlpn{16};
inline constexpr ExtensionType kClientCertificateType{19};
inline constexpr ExtensionType kServerCertificateType{20};
inline constexpr ExtensionType kEncryptThenMac{22};
inline constexpr ExtensionType kExtendedMasterSecret{23};
inline constexpr ExtensionType kSessionTicket{35};
inline constexpr ExtensionType kDraftKeyShare{40};  ///< TLS 1.3 drafts up to 22
inline constexpr ExtensionType kPreSharedKey{41};
inline constexpr ExtensionType kEarlyData{42};
inline constexpr ExtensionType kSupportedVersions{43};
inline constexpr ExtensionType kPskKeyExchangeModes{45};
inline constexpr ExtensionType kCertificateAuthorities{47};
inline constexpr ExtensionType kPostHandshakeAuth{49};
inline constexpr ExtensionType kSignatureAlgorithmsCert{50};
inline constexpr ExtensionType kKeyShare{51};
inline constexpr ExtensionType kRenegotiationInfo{0xff01};

std::string_view known_name(ExtensionType point);

}  // namespace visavis::inspect
