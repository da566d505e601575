#include "certs/known_issuers.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "certs/certificate_bundle.h"
#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/key_pair.h"
#include "certs/name_text.h"
#include "certs/openssl_error.h"
#include "certs/whole_file.h"

namespace visavis::certs {
namespace {

// Certificates of one name that are tried on a chain: a CA has a few of a name, a forger any
// number.
constexpr std::size_t kMaxNamesakes = 8;

std::vector<std::uint8_t> der_of(const X509* certificate) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate, &bytes);
  if (length <= 0) return {};
  std::vector<std::uint8_t> der(bytes, bytes + length);
  OPENSSL_free(bytes);
  return der;
}

// PEM or DER; a file of something else has none.
std::vector<std::vector<std::uint8_t>> certificates_in(const std::filesystem::path& file) {
  std::vector<std::vector<std::uint8_t>> all;
  try {
    const std::string text = read_whole_file(file);
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    if (decode_certificate(bytes)) return {bytes};
    for (const X509Ptr& certificate : load_certificates(file))
      all.push_back(der_of(certificate.get()));
  } catch (const std::runtime_error&) {
    all.clear();
  }
  return all;
}

bool issued(X509* issuer, X509* subject) {
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  return X509_check_issued(issuer, subject) == X509_V_OK && key != nullptr &&
         X509_verify(subject, key) == 1;
}

}  // namespace

std::shared_ptr<KnownIssuers::Issuer> KnownIssuers::authority_of(
    const std::vector<std::uint8_t>& der) {
  X509Ptr certificate = decode_certificate(der);
  if (!certificate || X509_check_ca(certificate.get()) == 0) return nullptr;
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  auto issuer = std::make_shared<Issuer>();
  issuer->subject = name_text(subject);
  issuer->digest = sha256(der);
  issuer->self_issued = X509_NAME_cmp(subject, X509_get_issuer_name(certificate.get())) == 0;
  issuer->certificate = std::move(certificate);
  return issuer;
}

// A root is not what a backend has to send.
std::shared_ptr<const KnownIssuers::Issuer> KnownIssuers::intermediate_of(
    const std::vector<std::uint8_t>& der) {
  auto issuer = authority_of(der);
  return issuer && !issuer->self_issued ? issuer : nullptr;
}

void KnownIssuers::add_directory(const std::filesystem::path& directory) {
  const ErrorMark mark;
  std::error_code error;
  std::size_t files = 0;
  bool any = false;
  std::filesystem::directory_iterator entry(directory, error);
  if (error) throw std::runtime_error("cannot read " + directory.string() + ": " + error.message());
  const std::lock_guard lock(mutex_);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    if (++files > kMaxFiles)
      throw std::runtime_error("more than " + std::to_string(kMaxFiles) + " files in " +
                               directory.string());
    for (const auto& der : certificates_in(entry->path())) {
      any = true;
      if (auto issuer = intermediate_of(der)) filed_.push_back(std::move(issuer));
    }
  }
  if (!any) throw std::runtime_error("no certificate in the files of " + directory.string());
}

void KnownIssuers::note(const std::vector<std::vector<std::uint8_t>>& chain) {
  const ErrorMark mark;
  const std::size_t count = std::min(chain.size(), kMaxCheckedCertificates);
  for (std::size_t at = 1; at < count; ++at) {
    auto issuer = intermediate_of(chain[at]);
    if (!issuer) continue;
    const std::lock_guard lock(mutex_);
    const Sha256 digest = issuer->digest;
    seen_.put(digest, std::move(issuer));
  }
}

std::string KnownIssuers::note_fetched(const std::vector<std::uint8_t>& subject_der,
                                       std::span<const std::uint8_t> body, std::string_view url) {
  const ErrorMark mark;
  const X509Ptr subject = decode_certificate(subject_der);
  const auto came = certificates_in_bundle(body, kMaxFetchedCertificates);
  if (came.empty()) return "what came is neither a certificate nor a PKCS #7 bundle of them";
  for (const auto& der : came) {
    auto issuer = authority_of(der);
    if (!issuer || !subject || !issued(issuer->certificate.get(), subject.get())) continue;
    issuer->url = url;
    const std::lock_guard lock(mutex_);
    const Sha256 digest = issuer->digest;
    if (seen_.find(digest) == nullptr) seen_.put(digest, std::move(issuer));
    return {};
  }
  const X509Ptr first = decode_certificate(came.front());
  return "the certificate that came" +
         (first ? ", '" + name_text(X509_get_subject_name(first.get())) + "'," : std::string()) +
         " did not issue this one";
}

std::optional<FoundIssuer> KnownIssuers::find(const std::vector<std::vector<std::uint8_t>>& chain,
                                              std::string_view missing_issuer) {
  const ErrorMark mark;
  std::vector<std::pair<std::shared_ptr<const Issuer>, std::string_view>> namesakes;
  const auto consider = [&](const std::shared_ptr<const Issuer>& issuer, std::string_view where) {
    if (namesakes.size() < kMaxNamesakes && issuer->subject == missing_issuer)
      namesakes.emplace_back(issuer, where);
  };
  {
    const std::lock_guard lock(mutex_);
    for (const auto& issuer : filed_) consider(issuer, "file");
    seen_.for_each(
        [&](const auto& issuer) { consider(issuer, issuer->url.empty() ? "seen" : "aia"); });
  }
  if (namesakes.empty()) return std::nullopt;
  const std::size_t count = std::min(chain.size(), kMaxCheckedCertificates);
  for (std::size_t at = 0; at < count; ++at) {
    const X509Ptr subject = decode_certificate(chain[at]);
    if (!subject || name_text(X509_get_issuer_name(subject.get())) != missing_issuer) continue;
    for (const auto& [issuer, where] : namesakes)
      if (issued(issuer->certificate.get(), subject.get()))
        return FoundIssuer{issuer->subject, hex(issuer->digest), std::string(where),
                           issuer->url,     issuer->self_issued, der_of(issuer->certificate.get())};
  }
  return std::nullopt;
}

}  // namespace visavis::certs
