#include "certs/chain_check.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "certs/certificate_check.h"
#include "certs/certificate_reader.h"
#include "certs/chain_walk.h"
#include "certs/host_name.h"
#include "certs/name_text.h"
#include "certs/openssl_error.h"
#include "certs/path_validation.h"
#include "certs/unix_time.h"
#include "certs/verify_code.h"

namespace visavis::certs {
namespace {

using Chain = std::vector<std::vector<std::uint8_t>>;

void add_word(std::vector<std::string>& words, std::string_view word) {
  if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
    words.emplace_back(word);
}

void add_code(std::vector<std::string>& codes, int number) {
  add_word(codes, verify_code(number).name);
}

// The moments at which a verdict may turn: the validity of every certificate that it looked at.
void bound_validity(ChainVerdict& verdict, const X509& certificate, std::int64_t now_s) {
  for (const ASN1_TIME* time :
       {X509_get0_notBefore(&certificate), X509_get0_notAfter(&certificate)}) {
    const auto turn_s = unix_seconds(time);
    if (!turn_s) continue;
    if (*turn_s <= now_s)
      verdict.valid_from_s = std::max(verdict.valid_from_s, *turn_s);
    else
      verdict.valid_until_s = std::min(verdict.valid_until_s, *turn_s);
  }
}

// OpenSSL makes nothing of such a certificate: it finds no issuer for it, and no key usage in it.
// To repeat that would blame the issuer. RFC 5280 4.2.
bool has_invalid_extensions(X509& certificate) {
  const ErrorMark mark;
  return (X509_get_extension_flags(&certificate) & EXFLAG_INVALID) != 0;
}

// Judge makes one verdict.
class Judge {
 public:
  Judge(const TrustStores& stores, std::string_view host, std::int64_t now_s)
      : stores_(stores.stores()),
        revocation_(stores.revocation()),
        host_(normal_host(host)),
        now_s_(now_s) {}

  ChainVerdict verdict_on(const Chain& chain) {
    verdict_.valid_from_s = std::numeric_limits<std::int64_t>::min();
    verdict_.valid_until_s = std::numeric_limits<std::int64_t>::max();
    verdict_.certificate_problems.resize(chain.size());
    decode(chain);
    if (positions_.empty() || positions_.front() != 0) {
      refuse(!chain.empty());
      return std::move(verdict_);
    }
    walk();
    validate();
    look_at_leaf();
    for (const X509Ptr& certificate : sent_) bound_validity(verdict_, *certificate, now_s_);
    return std::move(verdict_);
  }

 private:
  // What can be read, each certificate once; the rest has its word already.
  void decode(const Chain& chain) {
    for (std::size_t at = 0; at < chain.size(); ++at) {
      auto& words = verdict_.certificate_problems[at];
      const auto first = std::find(chain.begin(), chain.end(), chain[at]);
      if (at >= kMaxCheckedCertificates) {
        words.emplace_back("not-checked");
      } else if (first != chain.begin() + static_cast<std::ptrdiff_t>(at)) {
        words.emplace_back("duplicate");
      } else if (X509Ptr certificate = decode_certificate(chain[at]);
                 certificate && !has_invalid_extensions(*certificate)) {
        sent_.push_back(std::move(certificate));
        positions_.push_back(at);
      } else {
        words.emplace_back("unreadable");
      }
    }
  }

  // Without a leaf there is nothing to validate; a leaf that is no certificate is a problem, none
  // sent is not.
  void refuse(bool unreadable) {
    const VerifyCode code = verify_code(X509_V_ERR_UNSPECIFIED);
    if (unreadable)
      verdict_.problems.push_back({0, std::string(code.name), std::string(code.hresult)});
    for (const TrustStore& store : stores_) {
      verdict_.stores.push_back({store.name, false, {}});
      if (unreadable) verdict_.stores.back().problems.emplace_back(code.name);
    }
  }

  std::vector<std::string>& words_of(std::size_t sent) {
    return verdict_.certificate_problems[positions_[sent]];
  }

  void walk() {
    ChainWalk walk = walk_chain(*stores_.front().store, sent_);
    verdict_.incomplete = walk.incomplete;
    verdict_.missing_issuer = std::move(walk.missing_issuer);
    for (std::size_t at = 0; at < sent_.size(); ++at) {
      const SentRole& role = walk.roles[at];
      auto& words = words_of(at);
      words = check_certificate(*sent_[at], role.self_signed, now_s_);
      if (role.self_signed && !role.in_store) add_word(words, "self-signed");
      if (role.self_signed && role.in_store && at > 0) add_word(words, "root-sent");
      if (!role.reached) add_word(words, "not-in-path");
      if (role.out_of_order) add_word(words, "out-of-order");
      if (role.bad_signature) add_word(words, "bad-signature");
    }
  }

  void validate() {
    for (const TrustStore& store : stores_) {
      const PathValidation validation = validate_path(*store.store, sent_, host_, now_s_);
      StoreVerdict& judged = verdict_.stores.emplace_back();
      judged.name = store.name;
      judged.trusted = validation.trusted;
      for (const Objection& objection : validation.objections)
        add_code(judged.problems, objection.code);
      for (const X509Ptr& certificate : validation.path)
        bound_validity(verdict_, *certificate, now_s_);
      if (verdict_.stores.size() == 1) take_main(validation);
    }
  }

  void take_main(const PathValidation& validation) {
    verdict_.trusted = validation.trusted;
    for (const Objection& objection : validation.objections) {
      const VerifyCode code = verify_code(objection.code);
      verdict_.problems.push_back(
          {objection.depth, std::string(code.name), std::string(code.hresult),
           objection.certificate ? name_text(X509_get_subject_name(objection.certificate.get()))
                                 : std::string()});
      for (std::size_t at = 0; objection.certificate && at < sent_.size(); ++at)
        if (X509_cmp(sent_[at].get(), objection.certificate.get()) == 0)
          add_word(words_of(at), objection_word(objection.code));
    }
    look_for_revoked(validation);
  }

  // RFC 5280 6.3: by the issuer that the path has, for its CRL is signed by it.
  void look_for_revoked(const PathValidation& validation) {
    if (revocation_.empty()) return;
    const VerifyCode code = verify_code(X509_V_ERR_CERT_REVOKED);
    for (std::size_t depth = 0; depth + 1 < validation.path.size(); ++depth) {
      X509* certificate = validation.path[depth].get();
      if (!revocation_.revokes(certificate, validation.path[depth + 1].get())) continue;
      verdict_.trusted = false;
      verdict_.stores.front().trusted = false;
      add_word(verdict_.stores.front().problems, code.name);
      verdict_.problems.push_back({static_cast<int>(depth), std::string(code.name),
                                   std::string(code.hresult),
                                   name_text(X509_get_subject_name(certificate))});
      for (std::size_t at = 0; at < sent_.size(); ++at)
        if (X509_cmp(sent_[at].get(), certificate) == 0) add_word(words_of(at), "revoked");
    }
  }

  // What only a server's own certificate has to be.
  void look_at_leaf() {
    if (cannot_sign_handshakes(*sent_.front())) add_word(words_of(0), "no-digital-signature");
    if (is_dns_name(host_) && named_by_common_name_only(*sent_.front(), host_))
      add_word(words_of(0), "common-name-only");
  }

  const std::vector<TrustStore>& stores_;
  const RevocationLists& revocation_;
  std::string host_;
  std::int64_t now_s_;
  std::vector<X509Ptr> sent_;
  std::vector<std::size_t> positions_;  // where each of sent_ stood in the chain
  ChainVerdict verdict_;
};

Sha256 cache_key(const Sha256& chain_digest, std::string_view host) {
  const std::string normal = normal_host(host);
  const std::array<std::span<const std::uint8_t>, 2> parts{
      chain_digest, std::span(reinterpret_cast<const std::uint8_t*>(normal.data()), normal.size())};
  return sha256_of_parts(parts);
}

}  // namespace

Sha256 chain_sha256(const std::vector<std::vector<std::uint8_t>>& chain_der) {
  std::vector<std::array<std::uint8_t, 8>> lengths(chain_der.size());
  std::vector<std::span<const std::uint8_t>> parts;
  parts.reserve(2 * chain_der.size());
  for (std::size_t at = 0; at < chain_der.size(); ++at) {
    const std::uint64_t length = chain_der[at].size();
    std::memcpy(lengths[at].data(), &length, sizeof length);
    parts.emplace_back(lengths[at]);
    parts.emplace_back(chain_der[at]);
  }
  return sha256_of_parts(parts);
}

std::shared_ptr<const ChainVerdict> ChainCheck::check(
    const std::vector<std::vector<std::uint8_t>>& chain_der, std::string_view host,
    std::int64_t now_s) {
  {
    const std::lock_guard lock(mutex_);
    if (last_.verdict && last_.host == host && last_.chain == chain_der &&
        last_.verdict->valid_from_s <= now_s && now_s < last_.verdict->valid_until_s)
      return last_.verdict;
  }
  auto verdict = check(chain_sha256(chain_der), chain_der, host, now_s);
  const std::lock_guard lock(mutex_);
  last_ = {chain_der, std::string(host), verdict};
  return verdict;
}

std::shared_ptr<const ChainVerdict> ChainCheck::check(
    const Sha256& chain_digest, const std::vector<std::vector<std::uint8_t>>& chain_der,
    std::string_view host, std::int64_t now_s) {
  const Sha256 key = cache_key(chain_digest, host);
  if (auto verdict = known(verdicts_, key, now_s)) return verdict;
  auto verdict =
      std::make_shared<const ChainVerdict>(Judge(stores_, host, now_s).verdict_on(chain_der));
  stores_.known_issuers().note(chain_der);
  const std::lock_guard lock(mutex_);
  verdicts_.put(key, verdict);
  return verdict;
}

std::shared_ptr<const ChainVerdict> ChainCheck::check_completed(
    const std::vector<std::vector<std::uint8_t>>& chain_der, std::string_view host,
    std::int64_t now_s) {
  const Sha256 key = cache_key(chain_sha256(chain_der), host);
  if (auto verdict = known(completed_, key, now_s)) return verdict;
  auto verdict =
      std::make_shared<const ChainVerdict>(Judge(stores_, host, now_s).verdict_on(chain_der));
  const std::lock_guard lock(mutex_);
  completed_.put(key, verdict);
  return verdict;
}

/// Null: there is none that holds at this time.
std::shared_ptr<const ChainVerdict> ChainCheck::known(Verdicts& verdicts, const Sha256& key,
                                                      std::int64_t now_s) {
  const std::lock_guard lock(mutex_);
  const auto* found = verdicts.find(key);
  const bool holds =
      found != nullptr && (*found)->valid_from_s <= now_s && now_s < (*found)->valid_until_s;
  return holds ? *found : nullptr;
}

std::size_t ChainCheck::size() const {
  const std::lock_guard lock(mutex_);
  return verdicts_.size();
}

}  // namespace visavis::certs
