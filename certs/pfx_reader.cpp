#include "certs/pfx_reader.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

#include "certs/certificate_reader.h"
#include "certs/der.h"
#include "certs/key_pair.h"
#include "certs/legacy_scope.h"
#include "certs/openssl_error.h"
#include "certs/password_encryption.h"

namespace visavis::certs {
namespace {

// Bags within bags, and bags in all: RFC 7292 4.2.6 allows any number; files have one level and as
// many bags as certificates and keys.
constexpr int kMaxNesting = 4;
constexpr int kMaxBags = 1000;

constexpr const char* kWrongPassword =
    "the password is wrong, or the file is damaged: its MAC does not verify (Windows: 0x80070056, "
    "\"The specified network password is not correct\")";

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void free_safes(STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }

using Pkcs12Ptr = std::unique_ptr<PKCS12, FreeBy<PKCS12_free>>;
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), FreeBy<free_safes>>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBy<free_bags>>;
using PrivateKeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeBy<PKCS8_PRIV_KEY_INFO_free>>;

// Candidate is one way to give a password to OpenSSL: a null text is none.
struct Candidate {
  const char* text = nullptr;
  int length = 0;
};

std::vector<Candidate> candidates_of(const Password& password) {
  if (password.text && !password.text->empty())
    return {{password.text->data(), static_cast<int>(password.text->size())}};
  return {{nullptr, 0}, {"", 0}};
}

std::vector<std::uint8_t> encoding_of(const PKCS8_PRIV_KEY_INFO* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(key, &der);
  if (length <= 0) return {};
  std::vector<std::uint8_t> bytes(der, der + length);
  OPENSSL_clear_free(der, static_cast<std::size_t>(length));
  return bytes;
}

// Reader opens one file; its calls need a LegacyScope.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> der, const Password& password, bool legacy)
      : der_(der), password_(password), legacy_(legacy) {}

  PfxContents run() {
    const unsigned char* at = der_.data();
    pkcs12_.reset(d2i_PKCS12(nullptr, &at, static_cast<long>(der_.size())));
    if (!pkcs12_) throw std::runtime_error(damage());
    safes_.reset(PKCS12_unpack_authsafes(pkcs12_.get()));
    if (!safes_)
      throw std::runtime_error(
          "a PKCS #12 file without contents that a password protects (signed with a key instead?)");
    for (const Candidate& candidate : candidates_of(password_))
      if (mac_fits(candidate) && open_all(candidate)) return std::move(contents_);
    throw std::runtime_error(failure());
  }

 private:
  // Where the nesting breaks, when it does; else OpenSSL's reason.
  std::string damage() {
    const std::string reason = describe_openssl_errors();
    DerElement outer;
    auto problem = read_der(der_, 0, der_.size(), outer);
    if (!problem && !outer.indefinite) problem = find_der_problem(der_, outer);
    return "damaged PKCS #12: " +
           (problem ? "at byte " + std::to_string(problem->offset) + ": " + problem->what : reason);
  }

  bool mac_fits(const Candidate& candidate) {
    if (PKCS12_mac_present(pkcs12_.get()) != 1) return true;
    const X509_ALGOR* algorithm = nullptr;
    const ASN1_INTEGER* rounds = nullptr;
    PKCS12_get0_mac(nullptr, &algorithm, nullptr, &rounds, pkcs12_.get());
    // RFC 7292 4: absent means 1.
    const Opening cost = rounds == nullptr ? Opening::opened : judge_rounds(rounds);
    if (cost != Opening::opened) stop_with(cost, "its MAC");
    ERR_clear_error();
    mac_verified_ = PKCS12_verify_mac(pkcs12_.get(), candidate.text, candidate.length) == 1;
    if (mac_verified_) return true;
    if (is_pbmac1(*algorithm))
      throw std::runtime_error(
          "its MAC is a PBMAC1 (RFC 9579), which OpenSSL has from 3.4 on: export it again with the "
          "older MAC");
    if (opening_of_failure() == Opening::unsupported)
      throw std::runtime_error("its MAC uses a digest that OpenSSL lacks here");
    return false;
  }

  // RFC 9579: a MAC by PBKDF2, which OpenSSL has from 3.4 on.
  static bool is_pbmac1(const X509_ALGOR& algorithm) {
    static constexpr std::string_view kPbmac1 = "1.2.840.113549.1.5.14";
    std::array<char, 64> oid{};
    OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), algorithm.algorithm, 1);
    return kPbmac1 == oid.data();
  }

  [[noreturn]] void stop_with(Opening opening, const std::string& algorithm) const {
    std::string problem = opening_problem(opening, password_, algorithm);
    if (opening == Opening::unsupported && !legacy_) problem += kLegacyHint;
    throw std::runtime_error(problem);
  }

  bool open_all(const Candidate& candidate) {
    contents_ = {};
    bags_ = 0;
    for (int i = 0; i < sk_PKCS7_num(safes_.get()); ++i) {
      PKCS7* safe = sk_PKCS7_value(safes_.get(), i);
      BagsPtr bags;
      if (PKCS7_type_is_data(safe)) {
        bags.reset(PKCS12_unpack_p7data(safe));
      } else if (PKCS7_type_is_encrypted(safe)) {
        if (!open_encrypted(*safe, candidate, bags)) return false;
      } else {
        // Windows protects a file to accounts that way: only they can open it.
        for_accounts_ = true;
        continue;
      }
      if (!bags)
        throw std::runtime_error("damaged PKCS #12: part " + std::to_string(i + 1) +
                                 " of it can't be read");
      take(bags.get(), candidate, 0);
    }
    if (for_accounts_ && contents_.keys.empty() && contents_.certificates.empty()) return false;
    // Without a MAC the keys are the only ones that know the password.
    const bool mac = PKCS12_mac_present(pkcs12_.get()) == 1;
    return mac || contents_.key_problem.empty() || key_opening_ != Opening::password_wrong;
  }

  // False when the password does not open it, and another may.
  bool open_encrypted(PKCS7& safe, const Candidate& candidate, BagsPtr& bags) {
    if (safe.d.encrypted == nullptr || safe.d.encrypted->enc_data == nullptr)
      throw std::runtime_error("damaged PKCS #12: an encrypted part of it has no content");
    const EncryptionFacts facts = encryption_facts(safe.d.encrypted->enc_data->algorithm);
    if (facts.hindrance != Opening::opened) stop_with(facts.hindrance, facts.name);
    ERR_clear_error();
    bags.reset(PKCS12_unpack_p7encdata(&safe, candidate.text, candidate.length));
    decrypted_ = decrypted_ || bags;
    if (bags) return true;
    const Opening opening = opening_of_failure();
    if (opening == Opening::unsupported) stop_with(opening, facts.name);
    encryption_ = facts.name;
    return false;
  }

  void take(const STACK_OF(PKCS12_SAFEBAG) * bags, const Candidate& candidate, int depth) {
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags) && bags_ < kMaxBags; ++i, ++bags_) {
      const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, i);
      const int kind = PKCS12_SAFEBAG_get_nid(bag);
      if (kind == NID_keyBag) add_key(encoding_of(PKCS12_SAFEBAG_get0_p8inf(bag)));
      if (kind == NID_pkcs8ShroudedKeyBag) open_key(*bag, candidate);
      if (kind == NID_certBag) add_certificate(*bag);
      if (kind == NID_safeContentsBag && depth < kMaxNesting)
        take(PKCS12_SAFEBAG_get0_safes(bag), candidate, depth + 1);
    }
  }

  void add_key(std::vector<std::uint8_t> der) {
    if (!der.empty()) contents_.keys.push_back(std::move(der));
  }

  void add_certificate(const PKCS12_SAFEBAG& bag) {
    if (PKCS12_SAFEBAG_get_bag_nid(&bag) != NID_x509Certificate) return;
    const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(&bag));
    if (!certificate)
      throw std::runtime_error("certificate " + std::to_string(contents_.certificates.size() + 1) +
                               " in it is no X.509 certificate");
    contents_.certificates.push_back(certificate_der(*certificate));
  }

  void open_key(const PKCS12_SAFEBAG& bag, const Candidate& candidate) {
    const X509_SIG* encrypted = PKCS12_SAFEBAG_get0_pkcs8(&bag);
    if (encrypted == nullptr) return;
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(encrypted, &algorithm, nullptr);
    const EncryptionFacts facts = encryption_facts(algorithm);
    key_opening_ = facts.hindrance;
    PrivateKeyInfoPtr key;
    if (key_opening_ == Opening::opened) {
      ERR_clear_error();
      key.reset(PKCS12_decrypt_skey(&bag, candidate.text, candidate.length));
      if (!key) key_opening_ = opening_of_failure();
    }
    decrypted_ = decrypted_ || key;
    if (key) return add_key(encoding_of(key.get()));
    encryption_ = facts.name;
    contents_.key_problem =
        "its private key: " + opening_problem(key_opening_, password_, facts.name);
    if (key_opening_ == Opening::unsupported && !legacy_) contents_.key_problem += kLegacyHint;
  }

  // No candidate opened it. When the password decrypts a key all the same, it is the right one.
  std::string failure() {
    if (for_accounts_)
      return "protected to Windows accounts, not by a password: only Windows opens it (export it "
             "again with a password)";
    if (mac_verified_)
      return "damaged PKCS #12: its MAC verifies, but its contents do not decrypt (" + encryption_ +
             ")";
    if (!password_.text) return opening_problem(Opening::password_missing, password_, encryption_);
    if (password_.text->empty()) return kWrongPassword;
    if (PKCS12_mac_present(pkcs12_.get()) != 1)
      return opening_problem(Opening::password_wrong, password_, encryption_);
    return opens_all_the_same()
               ? "damaged PKCS #12: the password opens it, but its MAC does not verify"
               : kWrongPassword;
  }

  bool opens_all_the_same() {
    try {
      (void)open_all(candidates_of(password_).front());
    } catch (const std::runtime_error&) {  // damaged: only what was decrypted counts
    }
    return decrypted_;
  }

  std::span<const std::uint8_t> der_;
  const Password& password_;
  bool legacy_;
  Pkcs12Ptr pkcs12_;
  SafesPtr safes_;
  PfxContents contents_;
  int bags_ = 0;
  bool for_accounts_ = false;
  bool mac_verified_ = false;
  bool decrypted_ = false;
  std::string encryption_;
  Opening key_opening_ = Opening::opened;
};

}  // namespace

PfxContents read_pfx(std::span<const std::uint8_t> der, const Password& password) {
  const ErrorMark mark;
  const LegacyScope scope;
  return Reader(der, password, scope.available()).run();
}

}  // namespace visavis::certs
