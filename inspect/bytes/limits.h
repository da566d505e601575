#pragma once
#include <cstddef>

/// Every buffer that a peer can fill has its limit here, with what it protects.
namespace visavis::inspect::limits {

/// A TLS record's length field, at most: 2^14 plaintext + 2048 (RFC 5246 6.2.3; TLS 1.3 allows
/// less). Larger values still fit the header's 16 bits; they are reported, and nothing is buffered
/// for them.
inline constexpr std::size_t kMaxRecordLength = (1U << 14) + 2048;

/// A ClientHello, at most. The largest seen in the wild (several hybrid key shares, ECH, long
/// tickets) stay below 8 KiB; OpenSSL itself takes 131,396 bytes. Protects the memory held before a
/// client is known.
inline constexpr std::size_t kMaxClientHelloBytes = 64U * 1024;

/// A handshake message, at most; the backend leg's TLS takes a Certificate of as much. One of
/// 180 kB exists in test suites, 10,000 names make 210 kB; OpenSSL's clients stop at 100 KiB.
inline constexpr std::size_t kMaxHandshakeMessageBytes = 256U * 1024;

/// Raw bytes kept per direction of a leg until its handshake ends. Protects against a handshake
/// that never ends.
inline constexpr std::size_t kMaxRawBytes = 256U * 1024;
/// The same where a side has begun with something else than TLS: enough to see what it is. There is
/// no handshake to end it, and the rest is somebody's data in clear, which no log is asked to keep.
inline constexpr std::size_t kMaxRawPlainBytes = 4096;

/// Records and events listed in a report (`records_total` counts on): a day-long connection stays
/// small.
inline constexpr std::size_t kMaxListedRecords = 400;
inline constexpr std::size_t kMaxListedEvents = 400;
/// Alerts and closes are listed after kMaxListedEvents too, but warning alerts can be sent without
/// end. Fatal ones and closes have as much room again.
inline constexpr std::size_t kMaxLateEvents = 64;

/// What a direct twin reads of a backend's answer, at most: as much as is kept of it. A ServerHello
/// and a Certificate message of 180 kB fit.
inline constexpr std::size_t kMaxTwinAnswerBytes = kMaxRawBytes;

/// Early data of a client that is held until the server says whether it takes it, in a connection
/// that is decrypted. Servers allow 14 to 16 KiB.
inline constexpr std::size_t kMaxHeldEarlyData = 64U * 1024;

/// TCP segment sizes kept for one hello: a trickled hello comes in as many segments as it has
/// bytes.
inline constexpr std::size_t kMaxHelloSegments = 512;

/// Certificates of one Certificate message that are kept. OpenSSL's own verify depth is 100: a
/// leaf, 100 issuers, a root. With fewer a chain that clients take would look like one cut short.
inline constexpr std::size_t kMaxCertificates = 102;

/// What a server signs in its ServerKeyExchange, and the signature: kept so that a failed handshake
/// can be held against the certificate. A DHE group of 8192 bits is 3 KiB; no scheme of TLS 1.2
/// signs with more than an RSA key of 16,384 bits.
inline constexpr std::size_t kMaxSignedParameters = 4096;
inline constexpr std::size_t kMaxSignature = 2048;

/// Bytes of one stapled OCSP response that are kept. With a responder's certificate inside they are
/// 2 KiB; a message may have 16 MiB.
inline constexpr std::size_t kMaxStapledOcsp = 32U * 1024;

/// Issuer names of one CertificateRequest that are kept. Windows stops sending at 16 KiB of them
/// (some 200); a report lists them all up to here.
inline constexpr std::size_t kMaxAuthorities = 256;

/// Entries of one SupplementalData message that are kept; the registry knows two kinds.
inline constexpr std::size_t kMaxSupplementalData = 16;

/// Problems of the extensions of one hello that are listed: a hello of 64 KiB has room for 16,384
/// broken ones.
inline constexpr std::size_t kMaxExtensionProblems = 32;

/// Extensions of one hello that a report puts into words. Browsers send some 20.
inline constexpr std::size_t kMaxDescribedExtensions = 64;

/// Bytes of an HTTP message's header section that are observed; servers stop at 8 to 64 KiB.
inline constexpr std::size_t kMaxHttpHeaderBytes = 64U * 1024;
/// What HTTP CONNECT may name: a host's name of 253 characters (RFC 1035 2.3.4), or an IPv6 address
/// in brackets, and a port. Longer ones can't be resolved, and are not repeated in a report.
inline constexpr std::size_t kMaxConnectAuthorityBytes = 253 + 1 + 5;
/// What is kept of an exchange's Host or :authority: a name and a port, as above. A header section
/// has room for more, and a session for a hundred of them.
inline constexpr std::size_t kMaxListedHostBytes = kMaxConnectAuthorityBytes;
/// HTTP exchanges listed for a session.
inline constexpr std::size_t kMaxHttpExchanges = 100;
/// Bytes of an HTTP/2 header block, compressed, over all its frames. Servers stop at 8 to 64 KiB.
inline constexpr std::size_t kMaxHttp2HeaderBlockBytes = 64U * 1024;
/// The HPACK table that a direction of HTTP/2 may fill while we read along, two a connection.
/// Browsers allow 64 KiB, most programs the initial 4 KiB; a peer may announce 4 GiB. Who uses more
/// is relayed and no longer observed. (HTTP/2 streams have no limit of their own: those of the
/// exchanges that are listed are followed, no others.)
inline constexpr std::size_t kMaxHpackTableBytes = 64U * 1024;
/// HTTP/1.1 requests waiting for their response (pipelining) on one connection.
inline constexpr std::size_t kMaxPipelinedRequests = 64;

}  // namespace visavis::inspect::limits
