#include "certs/ocsp_response.h"

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>
#include <mutex>

#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/digest.h"
#include "certs/lru_map.h"
#include "certs/openssl_error.h"
#include "certs/openssl_handles.h"
#include "certs/unix_time.h"

namespace visavis::certs {
namespace {

struct OcspFree {
  void operator()(OCSP_RESPONSE* object) const noexcept { OCSP_RESPONSE_free(object); }
  void operator()(OCSP_BASICRESP* object) const noexcept { OCSP_BASICRESP_free(object); }
};
using OcspResponsePtr = std::unique_ptr<OCSP_RESPONSE, OcspFree>;
using OcspBasicPtr = std::unique_ptr<OCSP_BASICRESP, OcspFree>;

// Responders answer for one certificate; precomputed responses for a few. RFC 5019 2.2.1 wants one.
constexpr int kMaxAnswers = 64;

std::string time_text(const ASN1_GENERALIZEDTIME* time) {
  const auto seconds = time == nullptr ? std::nullopt : unix_seconds(time);
  return seconds ? rfc3339(*seconds) : std::string();
}

std::optional<std::string> optional_time(const ASN1_GENERALIZEDTIME* time) {
  std::string text = time_text(time);
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// The certificate among those sent that signed the leaf. A leaf that signed itself is its own.
X509Ptr issuer_of(X509* leaf, const std::vector<std::vector<std::uint8_t>>& chain) {
  const std::size_t count = std::min(chain.size(), kMaxCheckedCertificates);
  for (std::size_t at = 0; at < count; ++at) {
    X509Ptr candidate = decode_certificate(chain[at]);
    if (!candidate || X509_check_issued(candidate.get(), leaf) != X509_V_OK) continue;
    EVP_PKEY* key = X509_get0_pubkey(candidate.get());
    if (key != nullptr && X509_verify(leaf, key) == 1) return candidate;
  }
  return nullptr;
}

bool same_bytes(const ASN1_OCTET_STRING* hash, const unsigned char* digest, unsigned length) {
  return ASN1_STRING_length(hash) == static_cast<int>(length) &&
         std::equal(digest, digest + length, ASN1_STRING_get0_data(hash));
}

// RFC 6960 4.1.1: CertID has hashes of the issuer's name and key, and the serial number.
bool is_about(const OCSP_SINGLERESP* answer, const X509* leaf, const X509* issuer) {
  ASN1_OCTET_STRING* name_hash = nullptr;
  ASN1_OBJECT* algorithm = nullptr;
  ASN1_OCTET_STRING* key_hash = nullptr;
  ASN1_INTEGER* serial = nullptr;
  auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(answer));
  if (OCSP_id_get0_info(&name_hash, &algorithm, &key_hash, &serial, id) != 1) return false;
  if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(leaf)) != 0) return false;
  const EVP_MD* md = EVP_get_digestbyobj(algorithm);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (md == nullptr ||
      X509_NAME_digest(X509_get_issuer_name(leaf), md, digest.data(), &length) != 1 ||
      !same_bytes(name_hash, digest.data(), length))
    return false;
  if (issuer == nullptr) return true;
  return X509_pubkey_digest(issuer, md, digest.data(), &length) == 1 &&
         same_bytes(key_hash, digest.data(), length);
}

// RFC 6960 4.2.2.2: the issuer itself, or one that it certified for signing OCSP responses.
bool may_sign(X509* signer, X509* issuer) {
  if (X509_cmp(signer, issuer) == 0) return true;
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  return X509_check_issued(issuer, signer) == X509_V_OK && key != nullptr &&
         X509_verify(signer, key) == 1 &&
         (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0 &&
         (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0;
}

bool is_signed(OCSP_BASICRESP* basic, X509* issuer) {
  const X509StackPtr known(sk_X509_new_null());
  if (!known || X509_add_cert(known.get(), issuer, X509_ADD_FLAG_UP_REF) != 1) return false;
  X509* signer = nullptr;
  if (OCSP_resp_get0_signer(basic, &signer, known.get()) != 1 || signer == nullptr ||
      !may_sign(signer, issuer))
    return false;
  // The signer's own chain was judged above: only the signature is left.
  return OCSP_basic_verify(basic, known.get(), nullptr, OCSP_NOVERIFY) == 1;
}

void read_answer(OCSP_SINGLERESP* answer, OcspFacts& facts) {
  int reason = 0;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* begin = nullptr;
  ASN1_GENERALIZEDTIME* end = nullptr;
  const int status = OCSP_single_get0_status(answer, &reason, &revoked, &begin, &end);
  facts.status = status == V_OCSP_CERTSTATUS_GOOD      ? "good"
                 : status == V_OCSP_CERTSTATUS_REVOKED ? "revoked"
                                                       : "unknown";
  facts.this_update = time_text(begin);
  facts.next_update = optional_time(end);
  facts.revoked_at = optional_time(revoked);
}

OcspFacts read_anew(std::span<const std::uint8_t> response,
                    const std::vector<std::vector<std::uint8_t>>& chain) {
  const ErrorMark mark;
  OcspFacts facts;
  facts.status = "unreadable";
  if (response.empty() || response.size() > LONG_MAX) return facts;
  const unsigned char* at = response.data();
  const OcspResponsePtr whole(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
  if (!whole) return facts;
  const int result = OCSP_response_status(whole.get());
  if (result != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    facts.status = OCSP_response_status_str(result);
    return facts;
  }
  const OcspBasicPtr basic(OCSP_response_get1_basic(whole.get()));
  const X509Ptr leaf = chain.empty() ? nullptr : decode_certificate(chain.front());
  const int answers = basic ? std::min(OCSP_resp_count(basic.get()), kMaxAnswers) : 0;
  if (answers <= 0) return facts;
  const X509Ptr issuer = leaf ? issuer_of(leaf.get(), chain) : nullptr;
  OCSP_SINGLERESP* chosen = OCSP_resp_get0(basic.get(), 0);
  for (int i = 0; leaf && i < answers && !facts.for_this_certificate; ++i) {
    OCSP_SINGLERESP* answer = OCSP_resp_get0(basic.get(), i);
    if (!is_about(answer, leaf.get(), issuer.get())) continue;
    chosen = answer;
    facts.for_this_certificate = true;
  }
  read_answer(chosen, facts);
  if (issuer) facts.signature_ok = is_signed(basic.get(), issuer.get());
  return facts;
}

}  // namespace

/// A server staples the same response for hours, and reading it takes two signatures.
OcspFacts read_ocsp_response(std::span<const std::uint8_t> response,
                             const std::vector<std::vector<std::uint8_t>>& chain) {
  constexpr std::size_t kMostRead = 128;
  static std::mutex mutex;
  static LruMap<Sha256, OcspFacts, Sha256Hash> read_before(kMostRead);
  const Sha256 chain_digest = chain_sha256(chain);
  const std::array<std::span<const std::uint8_t>, 2> parts{chain_digest, response};
  const Sha256 key = sha256_of_parts(parts);
  {
    const std::lock_guard lock(mutex);
    if (const OcspFacts* known = read_before.find(key)) return *known;
  }
  OcspFacts facts = read_anew(response, chain);
  const std::lock_guard lock(mutex);
  read_before.put(key, facts);
  return facts;
}

}  // namespace visavis::certs
