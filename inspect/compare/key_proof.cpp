#include "inspect/compare/key_proof.h"

#include <algorithm>

#include "certs/verify_signature.h"

namespace visavis::inspect {
namespace {

using certs::SignatureVerdict;

std::string word(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::valid:
      return "valid";
    case SignatureVerdict::invalid:
      return "invalid";
    case SignatureVerdict::wrong_key:
      return "wrong-key";
    case SignatureVerdict::unknown_scheme:
    case SignatureVerdict::no_key:
      break;
  }
  return "not-checked";
}

/// RFC 5246 7.4.3: client_random, server_random, params.
std::vector<std::uint8_t> signed_data(const Transcript& transcript) {
  std::vector<std::uint8_t> data;
  const auto append = [&data](const auto& bytes) {
    data.insert(data.end(), bytes.begin(), bytes.end());
  };
  append(transcript.client_hello->random);
  append(transcript.server_hello->random);
  append(transcript.key_exchange_signature->parameters);
  return data;
}

/// OpenSSL's SSL_R_BAD_SIGNATURE, as the failure of a leg prints it.
bool is_refused_by_us(const Transcript& transcript) {
  constexpr std::string_view kBadSignature = "(0x0a00007b)";
  return transcript.failure && transcript.failure->find(kBadSignature) != std::string::npos;
}

}  // namespace

std::optional<std::string> key_proof(const Transcript& transcript) {
  if (transcript.established || !transcript.client_hello || !transcript.server_hello ||
      transcript.certificates.empty())
    return std::nullopt;
  const ProtocolVersion version = transcript.server_hello->version();
  if (version >= kTls13)
    return is_refused_by_us(transcript) ? std::optional<std::string>("invalid") : std::nullopt;
  if (!transcript.key_exchange_signature) return std::nullopt;
  const auto data = signed_data(transcript);
  const auto& signature = transcript.key_exchange_signature->signature;
  const auto& certificate = transcript.certificates.front();
  if (version < kTls12)
    return word(certs::verify_signature_before_tls12(certificate, data, signature));
  if (!transcript.signature) return "not-checked";
  return word(certs::verify_signature(certificate, transcript.signature->value, data, signature));
}

}  // namespace visavis::inspect
