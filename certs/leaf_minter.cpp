#include "certs/leaf_minter.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "certs/certificate_parts.h"
#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "certs/faulty_leaf.h"
#include "certs/leaf_names.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

// A day back bears a client's slow clock. The CA/Browser Forum's limit of 2026 is 200 days in all
// (Baseline Requirements 6.3.2), and clients may apply it to any certificate.
constexpr std::int64_t kBackSeconds = kDaySeconds;
constexpr std::int64_t kAheadSeconds = 197 * kDaySeconds;

std::vector<std::uint8_t> authority_key_id(const X509* authority) {
  const ErrorMark mark;
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(const_cast<X509*>(authority));
  if (id == nullptr) return subject_key_id(*authority);
  const unsigned char* bytes = ASN1_STRING_get0_data(id);
  return {bytes, bytes + ASN1_STRING_length(id)};
}

void name_leaf(X509& leaf, const LeafNames& names, const X509& authority) {
  // RFC 5280 4.1.2.6: with an empty subject the alternative names are critical.
  const bool critical = X509_NAME_entry_count(names.subject.get()) == 0;
  if (X509_set_subject_name(&leaf, names.subject.get()) != 1 ||
      X509_set_issuer_name(&leaf, X509_get_subject_name(&authority)) != 1 ||
      X509_add1_ext_i2d(&leaf, NID_subject_alt_name, names.alt_names.get(), critical ? 1 : 0, 0) !=
          1)
    throw std::runtime_error("cannot name a leaf: " + describe_openssl_errors());
}

}  // namespace

struct LeafMinter::KeyTemplate {
  KeyTemplate(PkeyPtr leaf_key, LeafKey kind, const X509& authority) : key(std::move(leaf_key)) {
    // Static RSA suites encrypt to the key: RFC 5246 7.4.2.
    const char* usage = kind == LeafKey::rsa_2048 ? "critical,digitalSignature,keyEncipherment"
                                                  : "critical,digitalSignature";
    extensions.push_back(make_extension(NID_basic_constraints, "critical,CA:FALSE"));
    extensions.push_back(make_extension(NID_key_usage, usage));
    extensions.push_back(make_extension(NID_ext_key_usage, "serverAuth"));
    const X509Ptr blank = make_blank_certificate(0, 0, *key);
    extensions.push_back(make_subject_key_id(subject_key_id(*blank)));
    of_authority = make_authority_key_id(authority_key_id(&authority));
  }

  PkeyPtr key;
  std::vector<X509ExtensionPtr> extensions;
  X509ExtensionPtr of_authority;
};

std::int64_t system_unix_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
}

LeafMinter::LeafMinter(const Authority& authority, UnixClock clock)
    : authority_certificate_(share(authority.certificate())),
      authority_key_(share(authority.key())),
      authority_not_before_s_(authority.facts().not_before_s),
      authority_not_after_s_(authority.facts().not_after_s),
      clock_(std::move(clock)) {
  if (authority.self_signed()) return;
  chain_.push_back(share(authority.certificate()));
  const ErrorMark mark;
  for (const X509Ptr& issuer : authority.issuers())
    if (X509_self_signed(issuer.get(), 0) != 1) chain_.push_back(share(issuer.get()));
}

LeafMinter::~LeafMinter() = default;

const LeafMinter::KeyTemplate& LeafMinter::key_template(LeafKey kind) {
  const X509& authority = *authority_certificate_;
  if (kind == LeafKey::rsa_2048) {
    std::call_once(rsa_once_, [&] {
      rsa_ = std::make_unique<const KeyTemplate>(make_rsa_2048_key(), kind, authority);
    });
    return *rsa_;
  }
  std::call_once(ec_once_, [&] {
    ec_ = std::make_unique<const KeyTemplate>(make_ec_p256_key(), kind, authority);
  });
  return *ec_;
}

void LeafMinter::prepare_keys() {
  key_template(LeafKey::ecdsa_p256);
  key_template(LeafKey::rsa_2048);
}

std::shared_ptr<const Leaf> LeafMinter::mint(const LeafRequest& request) {
  const std::int64_t now = now_s();
  const std::int64_t not_before_s = std::max(now - kBackSeconds, authority_not_before_s_);
  const std::int64_t not_after_s = std::min(now + kAheadSeconds, authority_not_after_s_);
  if (not_after_s <= now)
    throw std::runtime_error("cannot issue a certificate: the CA's own has expired");
  const KeyTemplate& keyed = key_template(request.key);
  const X509Ptr backend = decode_certificate(request.backend_certificate_der);
  const LeafFaults faults = backend ? request.faults : LeafFaults{};
  const LeafNames names =
      leaf_names(backend.get(), *X509_get_subject_name(authority_certificate_.get()),
                 faults.names ? std::string() : request.server_name,
                 faults.names ? std::string() : request.address);

  auto leaf = std::make_shared<Leaf>();
  leaf->certificate = make_blank_certificate(not_before_s, not_after_s, *keyed.key);
  for (const X509ExtensionPtr& extension : keyed.extensions)
    add_extension(*leaf->certificate, *extension);
  name_leaf(*leaf->certificate, names, *authority_certificate_);
  if (backend) repeat_faults(*leaf->certificate, *backend, faults);
  sign_leaf(*leaf, *keyed.key, *keyed.of_authority, backend.get(), faults.issuer);
  leaf->key = share(keyed.key.get());
  leaf->id = hex(sha256(certificate_der(*leaf->certificate)));
  leaf->not_after_s = not_after_s;
  return leaf;
}

void LeafMinter::sign_leaf(Leaf& leaf, evp_pkey_st& own_key, const X509_extension_st& of_authority,
                           const x509_st* backend, LeafIssuer issuer) const {
  if (issuer == LeafIssuer::authority) {
    add_extension(*leaf.certificate, of_authority);
    sign_certificate(*leaf.certificate, *authority_key_);
    for (const X509Ptr& each : chain_) leaf.chain.push_back(share(each.get()));
  } else if (issuer == LeafIssuer::self) {
    sign_by_itself(*leaf.certificate, own_key);
  } else {
    const bool under_ours = issuer == LeafIssuer::unsent_intermediate;
    StandIn stand_in = make_stand_in(*X509_get_issuer_name(backend), now_s(),
                                     under_ours ? authority_certificate_.get() : nullptr,
                                     under_ours ? authority_key_.get() : nullptr);
    sign_by_stand_in(*leaf.certificate, stand_in);
    if (!under_ours) leaf.chain.push_back(std::move(stand_in.certificate));
  }
}

}  // namespace visavis::certs
