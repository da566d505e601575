#include "certs/chain_walk.h"

#include <openssl/safestack.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

#include "certs/name_text.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

// Signatures verified in one walk. A chain of n honest certificates needs n or little more; one
// made of look- alikes could ask for n squared. Beyond the limit, name and key identifier must do.
constexpr int kMaxSignatureChecks = 128;

class Walker {
 public:
  Walker(x509_store_st& store, const std::vector<X509Ptr>& sent) : sent_(sent) {
    lookup_.reset(X509_STORE_CTX_new());
    if (!lookup_ || X509_STORE_CTX_init(lookup_.get(), &store, nullptr, nullptr) != 1)
      throw std::runtime_error("cannot search a trust store: " + describe_openssl_errors());
    walk_.roles.resize(sent.size());
  }

  ChainWalk run() {
    for (std::size_t i = 0; i < sent_.size(); ++i) look_at(i);
    reach_all();
    const std::vector<std::size_t> path = straight_path();
    mark_order(path);
    if (!anchored_) {
      walk_.incomplete = true;
      walk_.missing_issuer = name_text(X509_get_issuer_name(sent_[path.back()].get()));
    }
    return std::move(walk_);
  }

 private:
  void look_at(std::size_t at) {
    SentRole& role = walk_.roles[at];
    role.self_signed = X509_self_signed(sent_[at].get(), 1) == 1;
    role.in_store = role.self_signed && in_store(sent_[at].get());
  }

  // RFC 5280 4.2.1.1 and 6.1.3: by name and, where both have one, by key identifier.
  static bool named_issuer(X509* issuer, X509* subject) {
    const int result = X509_check_issued(issuer, subject);
    // An issuer that must not sign is still the issuer: path validation objects to it.
    return result == X509_V_OK || result == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
  }

  bool signed_by(X509* subject, const X509* issuer) {
    if (++signature_checks_ > kMaxSignatureChecks) return true;
    EVP_PKEY* key = X509_get0_pubkey(issuer);
    return key != nullptr && X509_verify(subject, key) == 1;
  }

  X509StackPtr stored_by_name(const X509_NAME* name) {
    return X509StackPtr(X509_STORE_CTX_get1_certs(lookup_.get(), name));
  }

  bool in_store(const X509* certificate) {
    const X509StackPtr stored = stored_by_name(X509_get_subject_name(certificate));
    for (int i = 0; i < sk_X509_num(stored.get()); ++i)
      if (X509_cmp(sk_X509_value(stored.get(), i), certificate) == 0) return true;
    return false;
  }

  // Issuers of one certificate: those that signed it, and otherwise those that only look like it.
  struct Issuers {
    std::vector<std::size_t> sent;
    bool stored = false;
    bool verified = false;
  };

  Issuers issuers_of(std::size_t at) {
    X509* subject = sent_[at].get();
    Issuers signers{{}, false, true};
    Issuers namesakes;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
      X509* issuer = sent_[i].get();
      if (i == at || X509_cmp(issuer, subject) == 0 || !named_issuer(issuer, subject)) continue;
      (signed_by(subject, issuer) ? signers : namesakes).sent.push_back(i);
    }
    const X509StackPtr stored = stored_by_name(X509_get_issuer_name(subject));
    for (int i = 0; i < sk_X509_num(stored.get()); ++i) {
      X509* issuer = sk_X509_value(stored.get(), i);
      if (!named_issuer(issuer, subject)) continue;
      (signed_by(subject, issuer) ? signers : namesakes).stored = true;
    }
    return signers.sent.empty() && !signers.stored ? namesakes : signers;
  }

  // Every certificate to which some chain of issuers leads. Several may: a cross-signed CA has two.
  void reach_all() {
    issuers_.resize(sent_.size());
    std::vector<std::size_t> pending{0};
    walk_.roles[0].reached = true;
    while (!pending.empty()) {
      const std::size_t at = pending.back();
      pending.pop_back();
      X509* certificate = sent_[at].get();
      if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0)
        anchored_ = true;
      if (walk_.roles[at].self_signed) continue;
      issuers_[at] = issuers_of(at);
      anchored_ = anchored_ || issuers_[at].stored;
      walk_.roles[at].bad_signature =
          !issuers_[at].verified && (issuers_[at].stored || !issuers_[at].sent.empty());
      for (const std::size_t issuer : issuers_[at].sent) {
        if (walk_.roles[issuer].reached) continue;
        walk_.roles[issuer].reached = true;
        pending.push_back(issuer);
      }
    }
  }

  // One path, as a simple client walks: the issuer that comes next, else the first one sent.
  std::vector<std::size_t> straight_path() const {
    std::vector<std::size_t> path{0};
    for (;;) {
      const auto& candidates = issuers_[path.back()].sent;
      const auto fresh = [&](std::size_t at) {
        return std::find(path.begin(), path.end(), at) == path.end();
      };
      auto next = std::find(candidates.begin(), candidates.end(), path.back() + 1);
      if (next == candidates.end() || !fresh(*next))
        next = std::find_if(candidates.begin(), candidates.end(), fresh);
      if (next == candidates.end()) return path;
      path.push_back(*next);
    }
  }

  // RFC 5246 7.4.2: each certificate certifies the one before it. Foreign ones between are not
  // counted here.
  void mark_order(const std::vector<std::size_t>& path) {
    std::vector<std::size_t> as_sent = path;
    std::sort(as_sent.begin(), as_sent.end());
    for (std::size_t rank = 0; rank < path.size(); ++rank)
      if (path[rank] != as_sent[rank]) walk_.roles[path[rank]].out_of_order = true;
  }

  const std::vector<X509Ptr>& sent_;
  X509StoreContextPtr lookup_;
  std::vector<Issuers> issuers_;
  ChainWalk walk_;
  int signature_checks_ = 0;
  bool anchored_ = false;
};

}  // namespace

ChainWalk walk_chain(x509_store_st& store, const std::vector<X509Ptr>& sent) {
  const ErrorMark mark;
  return Walker(store, sent).run();
}

}  // namespace visavis::certs
