#include "proxy/leaf_choice.h"

#include <algorithm>

namespace visavis::proxy {
namespace {

using certs::LeafKey;

bool offers(const inspect::ClientHello& hello, std::uint16_t scheme) {
  if (!hello.sig_algs)
    return true;  // RFC 5246 7.4.1.4.1: without the extension, SHA-1 with any key
  return std::find(hello.sig_algs->begin(), hello.sig_algs->end(),
                   inspect::SignatureScheme{scheme}) != hello.sig_algs->end();
}

/// TLS 1.3 suites name no key type: the backend's CertificateVerify does.
bool signed_with_ecdsa(const inspect::Transcript& backend_leg) {
  return backend_leg.signature && known_name(*backend_leg.signature).starts_with("ecdsa_");
}

}  // namespace

std::vector<LeafKey> choose_leaf_keys(const inspect::ClientHello& hello,
                                      const inspect::Transcript& backend_leg, AnswerPolicy policy) {
  if (policy == AnswerPolicy::own) return {LeafKey::ecdsa_p256, LeafKey::rsa_2048};
  if (!backend_leg.server_hello) return {LeafKey::rsa_2048};
  constexpr std::uint16_t kEcdsaP256Sha256 = 0x0403;
  if (backend_leg.server_hello->version() >= inspect::kTls13) {
    const bool ecdsa = signed_with_ecdsa(backend_leg) && offers(hello, kEcdsaP256Sha256);
    return {ecdsa ? LeafKey::ecdsa_p256 : LeafKey::rsa_2048};
  }
  const std::string_view suite = known_name(backend_leg.server_hello->cipher);
  const bool ecdsa = suite.find("_ECDSA_") != std::string_view::npos;
  return {ecdsa ? LeafKey::ecdsa_p256 : LeafKey::rsa_2048};
}

}  // namespace visavis::proxy
