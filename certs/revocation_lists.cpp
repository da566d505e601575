#include "certs/revocation_lists.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>
#include <fstream>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <string>

#include "certs/openssl_error.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {
namespace {

struct CrlFree {
  void operator()(X509_CRL* crl) const noexcept { X509_CRL_free(crl); }
};
using CrlPtr = std::unique_ptr<X509_CRL, CrlFree>;

// Keys that one CRL's signature is tried with. More than one CA of a name means that somebody plays
// with names, and each try hashes the whole list.
constexpr std::size_t kMaxTriedIssuers = 8;

std::string read_bounded(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file))
    throw std::runtime_error("cannot read " + file.string());
  std::string text;
  std::string block(1U << 20, '\0');
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
         stream.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMaxCrlFileBytes)
      throw std::runtime_error(file.string() + " is larger than " +
                               std::to_string(kMaxCrlFileBytes >> 20) + " MiB");
  }
  return text;
}

std::vector<CrlPtr> decode(const std::string& text) {
  std::vector<CrlPtr> crls;
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  if (CrlPtr crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(text.size()))}) {
    crls.push_back(std::move(crl));
    return crls;
  }
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  while (bio) {
    CrlPtr crl(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
    if (!crl) break;
    crls.push_back(std::move(crl));
  }
  return crls;
}

}  // namespace

struct RevocationLists::List {
  CrlPtr crl;
  mutable std::mutex mutex;
  struct Tried {
    X509Ptr issuer;
    bool signed_by = false;
  };
  mutable std::vector<Tried> tried;

  bool is_by(X509* issuer) const {
    const std::lock_guard lock(mutex);
    for (const Tried& known : tried)
      if (X509_cmp(known.issuer.get(), issuer) == 0) return known.signed_by;
    if (tried.size() >= kMaxTriedIssuers) return false;
    EVP_PKEY* key = X509_get0_pubkey(issuer);
    const bool result = key != nullptr && X509_CRL_verify(crl.get(), key) == 1;
    tried.push_back({share(issuer), result});
    return result;
  }
};

RevocationLists::RevocationLists() = default;
RevocationLists::~RevocationLists() = default;
RevocationLists::RevocationLists(RevocationLists&&) noexcept = default;
RevocationLists& RevocationLists::operator=(RevocationLists&&) noexcept = default;

void RevocationLists::add_file(const std::filesystem::path& file) {
  const ErrorMark mark;
  std::vector<CrlPtr> crls = decode(read_bounded(file));
  if (crls.empty()) throw std::runtime_error("no CRL (PEM or DER) in " + file.string());
  for (CrlPtr& crl : crls) {
    // The first search sorts the list: better now than in a session.
    X509_REVOKED* found = nullptr;
    std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)> zero(ASN1_INTEGER_new(),
                                                                     ASN1_INTEGER_free);
    if (zero) (void)X509_CRL_get0_by_serial(crl.get(), &found, zero.get());
    auto list = std::make_unique<List>();
    list->crl = std::move(crl);
    lists_.push_back(std::move(list));
  }
}

bool RevocationLists::revokes(x509_st* certificate, x509_st* issuer) const {
  const ErrorMark mark;
  constexpr int kRevoked = 1;  // 2: taken off a hold again (removeFromCRL)
  return std::any_of(lists_.begin(), lists_.end(), [&](const std::unique_ptr<List>& list) {
    X509_REVOKED* entry = nullptr;
    return X509_NAME_cmp(X509_CRL_get_issuer(list->crl.get()), X509_get_subject_name(issuer)) ==
               0 &&
           X509_CRL_get0_by_cert(list->crl.get(), &entry, certificate) == kRevoked &&
           list->is_by(issuer);
  });
}

bool RevocationLists::empty() const { return lists_.empty(); }
std::size_t RevocationLists::size() const { return lists_.size(); }

}  // namespace visavis::certs
