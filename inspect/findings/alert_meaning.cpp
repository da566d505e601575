#include <algorithm>
#include <iterator>

#include "inspect/findings/alert_codes.h"

// What the standards say of each alert, in our words, and what it usually comes from.
namespace visavis::inspect {
namespace {

constexpr std::string_view kTls13Alerts = "RFC 8446 6.2";
constexpr std::string_view kTls12Alerts = "RFC 5246 7.2.2";

constexpr std::string_view kKeysDiffer =
    "the two sides have different keys or count records differently: something between them "
    "altered the handshake (extended master secret, encrypt-then-MAC), a ticket or session of "
    "another server behind the same load balancer, or a leading zero of the shared secret that one "
    "side drops (then about one handshake in 256 fails)";
constexpr std::string_view kNotTrusted =
    "the issuer is not trusted, the name or the dates do not fit, or the certificate is pinned";

constexpr AlertMeaning kMeanings[] = {
    {10, "a message came that is not expected at this point", kTls13Alerts,
     "the first record is none of a ClientHello for this server: an SSL 2.0 form, plaintext, or a "
     "hello spread over several records",
     "a ChangeCipherSpec, a HelloRetryRequest or a session ticket that one side handles wrongly"},
    {20, "a record could not be authenticated", kTls13Alerts, {}, kKeysDiffer},
    {21, "a record could not be decrypted", kTls12Alerts, {}, kKeysDiffer},
    {22, "a record was longer than allowed", kTls13Alerts,
     "plaintext that was taken for a record's header", "a peer that ignores record_size_limit"},
    {30, "compressed data could not be expanded", kTls12Alerts, {}, "TLS compression"},
    {40, "no acceptable set of security parameters could be found", kTls13Alerts,
     "no suite, group, signature scheme or certificate type in common; or no site for the name in "
     "the hello",
     "secure renegotiation that the other side lacks (RFC 5746: OpenSSL 3 insists on it), a "
     "Diffie-Hellman group that is too small, or a certificate that the backend wants from its "
     "client"},
    {41,
     "no certificate is at hand (SSL 3.0)",
     "RFC 6101 5.4.2",
     {},
     "the client has no certificate to show"},
    {42, "a certificate was corrupt or could not be verified", kTls13Alerts, {}, kNotTrusted},
    {43,
     "a certificate was of a type that is not supported",
     kTls13Alerts,
     {},
     "a key type, key usage or signature algorithm that is not accepted"},
    {44,
     "a certificate was revoked by its issuer",
     kTls13Alerts,
     {},
     "the certificate is on its CA's revocation list, or OCSP says so"},
    {45,
     "a certificate has expired or is not valid at this time",
     kTls13Alerts,
     {},
     "the certificate's dates, or the clock of the side that refuses it"},
    {46,
     "a certificate could not be accepted for some other reason",
     kTls13Alerts,
     {},
     kNotTrusted},
    {47, "a field was out of range or inconsistent with others", kTls13Alerts,
     "a key share, extension or version that the two read differently; a list of CA names that was "
     "cut off (Windows, above 16 KiB)",
     "an answer that contradicts the offer, or the downgrade mark in the ServerHello's random: "
     "something between them lowered the version (RFC 8446 4.1.3)"},
    {48, "the CA of a certificate is not known or not trusted", kTls13Alerts, {}, kNotTrusted},
    {49,
     "a valid certificate was shown, but access is denied",
     kTls13Alerts,
     {},
     "the account or group that the client's certificate belongs to has no access"},
    {50, "a message could not be decoded", kTls13Alerts,
     "a length that the two read differently: often a large hello (post-quantum key share) that "
     "the server reads in one piece, or padding",
     "a message larger than the reader's limit, or one that something between them damaged"},
    {51,
     "a signature or a Finished could not be verified",
     kTls13Alerts,
     {},
     "the certificate does not belong to the key that signs, something altered the handshake, or "
     "one side lacks RSA-PSS"},
    {60, "export rules forbid what was negotiated", "RFC 2246 7.2.2", {}, "export suites"},
    {70, "the protocol version is known but not supported", kTls13Alerts,
     "every version that is offered is switched off there", "the answer's version is too low"},
    {71, "the negotiation failed because stronger parameters are required", kTls13Alerts,
     "all offered suites or groups are too weak for the server",
     "a Diffie-Hellman group or an RSA key that is too small for the client"},
    {80, "an error that has nothing to do with the peer", kTls13Alerts,
     "a hello of TLS 1.0 or 1.1 only, meeting OpenSSL 3 at security level 1 or above, which has no "
     "signature left for it; or a private key that can't be used (file rights, HSM; Windows: event "
     "36870)",
     "a fault of the sender: its own log says which"},
    {86,
     "the client retries with a lower version than it has",
     "RFC 7507 3",
     "an earlier attempt of this client failed, and it fell back: look for that one",
     {}},
    {90,
     "the handshake was given up for a reason other than the protocol",
     kTls13Alerts,
     {},
     "a user or the application closed it"},
    {100,
     "a renegotiation was refused",
     kTls12Alerts,
     {},
     "IIS asks for a client certificate by renegotiation, and the other side has it switched off"},
    {109,
     "a mandatory extension is missing",
     kTls13Alerts,
     "the server insists on a server name (SNI), or the hello lacks key_share or "
     "signature_algorithms",
     {}},
    {110,
     "an extension came that may not stand there",
     kTls13Alerts,
     {},
     "an answer to an extension that was not offered"},
    {111,
     "the client's certificate could not be fetched",
     "RFC 6066 9",
     {},
     "client_certificate_url"},
    {112, "no server has the name that the client asks for", "RFC 6066 3",
     "the backend has no site for the name in the hello (SNI)", "the same, noticed late"},
    {113,
     "the OCSP response that was stapled is not acceptable",
     "RFC 6066 9",
     {},
     "a stapled OCSP response that is out of date or for another certificate"},
    {114, "a certificate's hash does not fit", "RFC 6066 9", {}, "client_certificate_url"},
    {115, "the pre-shared key's identity is not known", "RFC 4279 2",
     "the two were given different identities", "the two were given different identities"},
    {116,
     "a client certificate is required and none came",
     kTls13Alerts,
     {},
     "the client has no certificate to show"},
    {117, "some other error", "RFC 9846 6.2", {}, {}},
    {120,
     "no application protocol (ALPN) in common",
     "RFC 7301 3.2",
     "the client's ALPN list has none of the server's protocols",
     {}},
    {121, "Encrypted ClientHello is required", "RFC 9849 5", {}, "ECH keys that are out of date"},
};

constexpr AlertMeaning kUnknown{0, "nothing: it is not a registered alert", "RFC 8446 6", {}, {}};

}  // namespace

const AlertMeaning& alert_meaning(std::uint32_t alert) {
  const auto* const found =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [alert](const AlertMeaning& meaning) { return meaning.alert == alert; });
  return found == std::end(kMeanings) ? kUnknown : *found;
}

}  // namespace visavis::inspect
