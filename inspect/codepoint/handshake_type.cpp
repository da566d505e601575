// https://www.iana.org/assignments/tls-parameters/ : TLS HandshakeType. Written as the RFCs call
// the messages in their text.
//
// As of 2026-09-29: Wireshark 4.0.17 up to CompressedCertificate, plus the connection IDs
// (RFC 9147), ClientCertificateRequest (RFC 9261) and EktKey (RFC 8870). A line with a comment is
// not a message of the registry; the comment says where it is from.
#include "inspect/codepoint/handshake_type.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {0, "HelloRequest"},
    {1, "ClientHello"},
    {2, "ServerHello"},
    {3, "HelloVerifyRequest"},
    {4, "NewSessionTicket"},
    {5, "EndOfEarlyData"},
    {6, "HelloRetryRequest"},  // drafts of TLS 1.3 up to 21
    {8, "EncryptedExtensions"},
    {9, "RequestConnectionId"},
    {10, "NewConnectionId"},
    {11, "Certificate"},
    {12, "ServerKeyExchange"},
    {13, "CertificateRequest"},
    {14, "ServerHelloDone"},
    {15, "CertificateVerify"},
    {16, "ClientKeyExchange"},
    {17, "ClientCertificateRequest"},
    {20, "Finished"},
    {21, "CertificateUrl"},
    {22, "CertificateStatus"},
    {23, "SupplementalData"},
    {24, "KeyUpdate"},
    {25, "CompressedCertificate"},
    {26, "EktKey"},
    {67, "NextProtocol"},  // draft-agl-tls-nextprotoneg
    {203, "ChannelId"},    // draft-balfanz-tls-channelid
    {254, "MessageHash"},
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(HandshakeType point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect
