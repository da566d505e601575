#include "certs/revocation_lists.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
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

struct PkeyContextFree {
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};

// SignedPart is what a CRL's signature is over, hashed once: 50 MB take 0.1 s, which a session has
// no time for when an issuer is held against the list.
class SignedPart {
  // What ASN1_get_object says of a broken element (0x80) and of one without a length (0x01).
  static constexpr int kNotDer = 0x81;

 public:
  explicit SignedPart(X509_CRL& crl) : crl_(crl) {
    X509_CRL_get0_signature(&crl, &signature_, &algorithm_);
    int digest_nid = NID_undef;
    if (OBJ_find_sigid_algs(X509_CRL_get_signature_nid(&crl), &digest_nid, &key_kind_) == 1 &&
        (key_kind_ == EVP_PKEY_RSA || key_kind_ == EVP_PKEY_EC))
      digest_ = EVP_get_digestbynid(digest_nid);
    if (digest_ != nullptr) hash();
  }

  [[nodiscard]] bool is_by(EVP_PKEY* key) const {
    // RSA-PSS, Ed25519 and the like, which no large list has.
    if (hash_.empty()) return X509_CRL_verify(&crl_, key) == 1;
    if (EVP_PKEY_get_base_id(key) != key_kind_) return false;
    const std::unique_ptr<EVP_PKEY_CTX, PkeyContextFree> context(EVP_PKEY_CTX_new(key, nullptr));
    return context && EVP_PKEY_verify_init(context.get()) == 1 &&
           (key_kind_ != EVP_PKEY_RSA ||
            EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
           EVP_PKEY_CTX_set_signature_md(context.get(), digest_) == 1 &&
           EVP_PKEY_verify(context.get(), signature_->data,
                           static_cast<std::size_t>(signature_->length), hash_.data(),
                           hash_.size()) == 1;
  }

 private:
  // The first element of the outer SEQUENCE, as it was signed: OpenSSL keeps its bytes.
  void hash() {
    unsigned char* bytes = nullptr;
    const int length = i2d_X509_CRL(&crl_, &bytes);
    if (length <= 0) return;
    const std::unique_ptr<unsigned char, decltype(&free_bytes)> owner(bytes, free_bytes);
    const unsigned char* at = bytes;
    const long contents = enter(at, length);
    const unsigned char* const begin = at;
    const long size = enter(at, contents);
    if (size < 0 || !names_algorithm_again(at, size)) return;
    hash_.resize(static_cast<std::size_t>(EVP_MD_get_size(digest_)));
    if (EVP_Digest(begin, static_cast<std::size_t>(at + size - begin), hash_.data(), nullptr,
                   digest_, nullptr) != 1)
      hash_.clear();
  }
  // Goes to the contents of the element at `at`, and returns their length; -1: it is no DER.
  static long enter(const unsigned char*& at, long left) {
    long contents = 0;
    int tag = 0;
    int kind = 0;
    if (left <= 0 || (ASN1_get_object(&at, &contents, &tag, &kind, left) & kNotDer) != 0) return -1;
    return contents;
  }
  // The algorithm stands behind the version, too, and has to be the same. RFC 5280 5.1.1.2.
  [[nodiscard]] bool names_algorithm_again(const unsigned char* at, long size) const {
    const unsigned char* const end = at + size;
    if (at < end && *at == V_ASN1_INTEGER) {
      const long version = enter(at, size);
      if (version < 0) return false;
      at += version;
    }
    const std::unique_ptr<X509_ALGOR, decltype(&X509_ALGOR_free)> again(
        d2i_X509_ALGOR(nullptr, &at, end - at), X509_ALGOR_free);
    return again && X509_ALGOR_cmp(algorithm_, again.get()) == 0;
  }
  static void free_bytes(unsigned char* bytes) { OPENSSL_free(bytes); }

  X509_CRL& crl_;
  const ASN1_BIT_STRING* signature_ = nullptr;
  const X509_ALGOR* algorithm_ = nullptr;
  int key_kind_ = NID_undef;
  const EVP_MD* digest_ = nullptr;
  std::vector<unsigned char> hash_;
};

}  // namespace

struct RevocationLists::List {
  explicit List(CrlPtr decoded) : crl(std::move(decoded)), signed_part(*crl) {}

  CrlPtr crl;
  SignedPart signed_part;
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
    const bool result = key != nullptr && signed_part.is_by(key);
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
    lists_.push_back(std::make_unique<List>(std::move(crl)));
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
