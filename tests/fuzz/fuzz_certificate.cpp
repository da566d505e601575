#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string>
#include <vector>

#include "certs/certificate_outline.h"
#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/der.h"
#include "certs/leaf_names.h"
#include "certs/verify_signature.h"
#include "tests/fuzz/property.h"

/// Certificates as a peer sends them, one after another: their facts, the outline that says where
/// they break, the names of a leaf minted from them, and the verdict on the chain that they make.
namespace visavis::certs {
namespace {

using fuzz::property;

using Bytes = std::span<const std::uint8_t>;
using Chain = std::vector<std::vector<std::uint8_t>>;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::size_t kEnough = kMaxCheckedCertificates + 2;

/// Each element at the front is one certificate; what is none stays one.
Chain chain_of(Bytes bytes) {
  Chain chain;
  for (std::size_t at = 0; at < bytes.size() && chain.size() < kEnough;) {
    DerElement element;
    const bool broken = read_der(bytes, at, bytes.size(), element) || element.indefinite;
    const std::size_t end = broken ? bytes.size() : element.end;
    chain.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                       bytes.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return chain;
}

bool is_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

void check_outline(Bytes der) {
  const CertificateOutline outline = read_outline(der);
  if (outline.problem) {
    property(outline.problem->offset <= der.size(), "a problem lies within");
    property(!outline.problem->field.empty() && !outline.problem->what.empty(), "and has words");
  }
  for (const ExtensionPlace& extension : outline.extensions)
    property(extension.offset + extension.value.size() <= der.size(), "extensions lie within");
}

void check_certificate(Bytes der) {
  check_outline(der);
  const CertificateFacts facts = read_certificate(der);
  const X509Ptr certificate = decode_certificate(der);
  property(facts.sha256.size() == 64, "every certificate has a digest");
  property(certificate || !facts.parse_problem.empty(), "what can't be read has a problem");
  for (const std::string& text : {facts.subject, facts.issuer, facts.common_name, facts.key,
                                  facts.signature, facts.parse_problem})
    property(is_line(text), "texts have no control characters");
  for (const std::string& name : facts.san) property(is_line(name), "names have none either");
  if (certificate)
    (void)leaf_names(certificate.get(), *X509_get_subject_name(certificate.get()),
                     facts.common_name, "192.0.2.1");
  for (const std::uint16_t scheme : {std::uint16_t{0x0403}, std::uint16_t{0x0804}})
    (void)verify_signature(der, scheme, der, der.first(std::min<std::size_t>(der.size(), 70)));
  (void)verify_signature_before_tls12(der, der, der);
}

void check_verdict(const Chain& chain, const std::string& host, bool trust_last) {
  TrustStores stores(SystemStore::skip);
  if (const X509Ptr last = chain.empty() ? nullptr : decode_certificate(chain.back());
      last && trust_last)
    stores.add_certificate(last.get());
  const auto verdict = ChainCheck(stores).check(chain, host, kNow);
  property(verdict->certificate_problems.size() == chain.size(), "each certificate has its words");
  property(verdict->valid_from_s <= kNow && kNow < verdict->valid_until_s, "it holds now");
  property(verdict->missing_issuer.empty() || verdict->incomplete, "a missing issuer has a gap");
  property(!verdict->trusted || verdict->problems.empty(), "what is trusted has no problems");
  property(!verdict->trusted || trust_last, "nothing is trusted by itself");
  property(verdict->stores.size() == 1 && verdict->stores[0].trusted == verdict->trusted, "store");
  for (const ChainProblem& problem : verdict->problems)
    property(problem.code.starts_with("X509_V_") && is_line(problem.subject),
             "problems have names");
}

}  // namespace
}  // namespace visavis::certs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::certs;
  const Chain chain = chain_of({data, size});
  for (const auto& der : chain) check_certificate(der);
  const std::string host = chain.empty() ? "" : read_certificate(chain.front()).common_name;
  for (const bool trust_last : {false, true}) check_verdict(chain, host, trust_last);
  check_verdict(chain, "192.0.2.1", true);
  visavis::fuzz::property(ERR_peek_error() == 0, "nothing stays in OpenSSL's queue");
  return 0;
}
