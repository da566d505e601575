#pragma once
#include <cstdint>

/// Numbers of pcapng files: draft-ietf-opsawg-pcapng 3.5, 4 and 11.1.
namespace visavis::inspect::pcapng {

inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
inline constexpr std::uint32_t kInterfaceDescription = 1;
inline constexpr std::uint32_t kPacket = 2;  ///< obsolete
inline constexpr std::uint32_t kSimplePacket = 3;
inline constexpr std::uint32_t kInterfaceStatistics = 5;
inline constexpr std::uint32_t kEnhancedPacket = 6;
inline constexpr std::uint32_t kDecryptionSecrets = 10;

inline constexpr std::uint16_t kEndOfOptions = 0;
inline constexpr std::uint16_t kComment = 1;
// Of section headers:
inline constexpr std::uint16_t kHardware = 2;
inline constexpr std::uint16_t kSystem = 3;
inline constexpr std::uint16_t kApplication = 4;
// Of interface descriptions:
inline constexpr std::uint16_t kInterfaceName = 2;
inline constexpr std::uint16_t kTimeResolution = 9;
inline constexpr std::uint16_t kTimeOffset = 14;

// Of interface statistics:
inline constexpr std::uint16_t kEndTime = 3;

inline constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;

}  // namespace visavis::inspect::pcapng
