#include "inspect/transcript/message_facts.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/handshake/certificate_message.h"
#include "inspect/handshake/certificate_status.h"
#include "inspect/handshake/certificate_url.h"
#include "inspect/handshake/certificate_verify.h"
#include "inspect/handshake/compressed_certificate.h"
#include "inspect/handshake/encrypted_extensions.h"
#include "inspect/handshake/key_exchange.h"
#include "inspect/handshake/key_update.h"
#include "inspect/handshake/new_session_ticket.h"
#include "inspect/handshake/next_protocol.h"
#include "inspect/handshake/short_message.h"
#include "inspect/handshake/supplemental_data.h"

namespace visavis::inspect {
namespace {

using Problem = std::optional<ParseError>;

/// The shape of most messages follows the version; before a ServerHello, the most likely one.
ProtocolVersion version_of(const Transcript& transcript) {
  return transcript.server_hello ? transcript.server_hello->version() : kTls12;
}

template <class T>
Problem problem_of(const Result<T>& result) {
  return result.ok() ? std::nullopt : Problem(result.error());
}

/// Up to TLS 1.2 a message that holds one raw key has a shape of its own (RFC 7250 3).
bool is_raw_key(const std::optional<CertificateType>& type, const Transcript& transcript) {
  return type == kRawPublicKey && version_of(transcript) < kTls13;
}

void keep_stapled(Bytes response, Transcript& transcript) {
  if (response.size() <= limits::kMaxStapledOcsp)
    transcript.stapled_ocsp.assign(response.begin(), response.end());
}

Problem keep_server_certificate(Bytes message, Transcript& transcript) {
  if (transcript.server_hello &&
      is_raw_key(transcript.server_hello->server_certificate_type, transcript)) {
    transcript.reached = std::max(transcript.reached, Reached::certificate);
    return problem_of(parse_raw_public_key(message));
  }
  auto parsed = parse_certificate_message(message, version_of(transcript));
  if (!parsed.ok()) return parsed.error();
  transcript.certificates = std::move(parsed->certificates);
  if (parsed->ocsp_bytes) transcript.stapled_ocsp_bytes = parsed->ocsp_bytes;
  keep_stapled(parsed->ocsp_response, transcript);
  transcript.reached = std::max(transcript.reached, Reached::certificate);
  return parsed->ocsp_problem;
}

/// A certificate that comes late, after none was sent at first, is the one that counts.
Problem keep_client_certificate(Bytes message, Transcript& transcript) {
  auto& kept = transcript.client_certificates;
  if (transcript.server_hello &&
      is_raw_key(transcript.server_hello->client_certificate_type, transcript))
    return problem_of(parse_raw_public_key(message));
  auto parsed = parse_certificate_message(message, version_of(transcript));
  if (!parsed.ok()) return parsed.error();
  if (!kept || kept->empty()) kept = std::move(parsed->certificates);
  return std::nullopt;
}

Problem keep_key_exchange(Bytes message, Transcript& transcript) {
  if (!transcript.server_hello) return std::nullopt;
  const auto exchange =
      parse_server_key_exchange(message, transcript.server_hello->cipher, version_of(transcript));
  if (!exchange.ok()) return exchange.error();
  transcript.group = exchange->group;
  transcript.dh_bits = exchange->dh_bits;
  transcript.signature = exchange->signature;
  const Bytes parameters = exchange->parameters;
  const Bytes signature = exchange->signature_value;
  if (!signature.empty() && parameters.size() <= limits::kMaxSignedParameters &&
      signature.size() <= limits::kMaxSignature)
    transcript.key_exchange_signature = {{parameters.begin(), parameters.end()},
                                         {signature.begin(), signature.end()}};
  return std::nullopt;
}

Problem keep_encrypted_extensions(Bytes message, Transcript& transcript) {
  auto parsed = parse_encrypted_extensions(message);
  if (!parsed.ok()) return parsed.error();
  transcript.alpn = std::move(parsed->alpn);
  transcript.encrypted_extensions = std::move(parsed->extensions);
  for (Extension& extension : transcript.encrypted_extensions) extension.offset = 0;
  if (parsed->extension_problems.empty()) return std::nullopt;
  return parsed->extension_problems.front();
}

Problem keep_certificate_request(Bytes message, Transcript& transcript) {
  auto parsed = parse_certificate_request(message, version_of(transcript));
  if (!parsed.ok()) return parsed.error();
  if (!transcript.certificate_request) transcript.certificate_request = std::move(parsed).value();
  return std::nullopt;
}

/// Each side proves its own key.
Problem keep_certificate_verify(Direction direction, Bytes message, Transcript& transcript) {
  const auto verify = parse_certificate_verify(message, version_of(transcript));
  if (!verify.ok()) return verify.error();
  (direction == Direction::c2s ? transcript.client_signature : transcript.signature) =
      verify->scheme;
  return std::nullopt;
}

Problem keep_certificate_status(Bytes message, Transcript& transcript) {
  const auto status = parse_certificate_status(message);
  if (!status.ok()) return status.error();
  transcript.stapled_ocsp_bytes = status->response_bytes;
  keep_stapled(status->response, transcript);
  return std::nullopt;
}

/// What comes at any time.
Problem keep_common(HandshakeType type, Bytes message, Transcript& transcript) {
  if (type == kKeyUpdate) {
    ++transcript.key_updates;
    return problem_of(parse_key_update(message));
  }
  if (type == kSupplementalData) return problem_of(parse_supplemental_data(message));
  return std::nullopt;
}

Problem keep_server_message(HandshakeType type, Bytes message, Transcript& transcript) {
  if (type == kNewSessionTicket) {
    ++transcript.session_tickets;
    return problem_of(parse_new_session_ticket(message, version_of(transcript)));
  }
  if (type == kCertificateRequest) return keep_certificate_request(message, transcript);
  if (type == kHelloRequest) return problem_of(parse_empty_message(message, type));
  if (transcript.established) return keep_common(type, message, transcript);
  if (type == kEncryptedExtensions) return keep_encrypted_extensions(message, transcript);
  if (type == kCertificate) return keep_server_certificate(message, transcript);
  if (type == kServerKeyExchange) return keep_key_exchange(message, transcript);
  if (type == kCertificateVerify)
    return keep_certificate_verify(Direction::s2c, message, transcript);
  if (type == kCertificateStatus) return keep_certificate_status(message, transcript);
  if (type == kServerHelloDone) return problem_of(parse_empty_message(message, type));
  if (type == kCompressedCertificate) {
    transcript.reached = std::max(transcript.reached, Reached::certificate);
    return problem_of(parse_compressed_certificate(message));
  }
  return keep_common(type, message, transcript);
}

Problem keep_client_message(HandshakeType type, Bytes message, Transcript& transcript) {
  if (type == kCertificate) return keep_client_certificate(message, transcript);
  if (type == kCertificateVerify)
    return keep_certificate_verify(Direction::c2s, message, transcript);
  if (type == kCertificateUrl) return problem_of(parse_certificate_url(message));
  if (type == kCompressedCertificate) return problem_of(parse_compressed_certificate(message));
  if (type == kNextProtocol) return problem_of(parse_next_protocol(message));
  if (type == kEndOfEarlyData) return problem_of(parse_empty_message(message, type));
  return keep_common(type, message, transcript);
}

}  // namespace

std::optional<ParseError> keep_message_facts(Direction direction, HandshakeType type, Bytes message,
                                             Transcript& transcript) {
  return direction == Direction::c2s ? keep_client_message(type, message, transcript)
                                     : keep_server_message(type, message, transcript);
}

}  // namespace visavis::inspect
