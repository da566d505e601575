#include "certs/password_encryption.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>

#include "certs/name_text.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

std::string name_of(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  std::array<char, 128> oid{};
  OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), object, 1);
  return oid.data();
}

// RFC 7914 2: the work is N times r times p blocks.
Opening judge_scrypt(const SCRYPT_PARAMS& parameters) {
  std::uint64_t work = 1;
  for (const ASN1_INTEGER* factor :
       {parameters.costParameter, parameters.blockSize, parameters.parallelizationParameter}) {
    std::uint64_t value = 0;
    if (ASN1_INTEGER_get_uint64(&value, factor) != 1 || value > kMaxDerivationRounds)
      return Opening::too_costly;
    work *= std::max<std::uint64_t>(value, 1);
    if (work > kMaxDerivationRounds) return Opening::too_costly;
  }
  return Opening::opened;
}

Opening judge_derivation(const X509_ALGOR& derivation) {
  switch (OBJ_obj2nid(derivation.algorithm)) {
    case NID_id_pbkdf2: {
      const std::unique_ptr<PBKDF2PARAM, FreeBy<PBKDF2PARAM_free>> parameters(
          static_cast<PBKDF2PARAM*>(
              ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), derivation.parameter)));
      return parameters ? judge_rounds(parameters->iter) : Opening::damaged;
    }
    case NID_id_scrypt: {
      const std::unique_ptr<SCRYPT_PARAMS, FreeBy<SCRYPT_PARAMS_free>> parameters(
          static_cast<SCRYPT_PARAMS*>(
              ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), derivation.parameter)));
      return parameters ? judge_scrypt(*parameters) : Opening::damaged;
    }
    default:
      return Opening::unsupported;
  }
}

// What the callback of PEM_do_header answers: the password, bounded by OpenSSL's buffer.
int give_password(char* buffer, int size, int, void* given) {
  const auto& text = *static_cast<const std::string*>(given);
  if (size < 0 || text.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), buffer);
  return static_cast<int>(text.size());
}

}  // namespace

std::string opening_problem(Opening opening, const Password& password,
                            const std::string& algorithm) {
  const std::string by = algorithm.empty() ? "" : " (" + algorithm + ")";
  switch (opening) {
    case Opening::opened:
      return {};
    case Opening::password_missing:
      return "encrypted" + by +
             (password.option.empty() ? ", and no password can be given here; decrypt it first"
                                      : ", and no password was given; see " + password.option);
    case Opening::password_wrong:
      return "the password is wrong, or the file is damaged" + by;
    case Opening::unsupported:
      return "encrypted with an algorithm that is not available here" + by;
    case Opening::too_costly:
      return "its encryption asks for more than " + std::to_string(kMaxDerivationRounds) +
             " rounds of key derivation" + by;
    case Opening::damaged:
      return "damaged: its encryption's parameters can't be read" + by;
  }
  return {};
}

Opening judge_rounds(const asn1_string_st* rounds) {
  std::uint64_t value = 0;
  if (ASN1_INTEGER_get_uint64(&value, rounds) != 1)
    return ASN1_STRING_type(rounds) == V_ASN1_NEG_INTEGER ? Opening::damaged : Opening::too_costly;
  return value <= kMaxDerivationRounds ? Opening::opened : Opening::too_costly;
}

EncryptionFacts encryption_facts(const X509_algor_st* algorithm) {
  const ErrorMark mark;
  const int nid = OBJ_obj2nid(algorithm->algorithm);
  EncryptionFacts facts{name_of(algorithm->algorithm), Opening::opened};
  if (nid == NID_pbes2) {
    const std::unique_ptr<PBE2PARAM, FreeBy<PBE2PARAM_free>> parameters(static_cast<PBE2PARAM*>(
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter)));
    if (!parameters) return {facts.name, Opening::damaged};
    return {name_of(parameters->encryption->algorithm), judge_derivation(*parameters->keyfunc)};
  }
  if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, nid, nullptr, nullptr, nullptr) != 1)
    return {facts.name, Opening::unsupported};
  const std::unique_ptr<PBEPARAM, FreeBy<PBEPARAM_free>> parameters(static_cast<PBEPARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter)));
  facts.hindrance = parameters ? judge_rounds(parameters->iter) : Opening::damaged;
  return facts;
}

Opening opening_of_failure() {
  static constexpr std::array kEvpReasons{
      EVP_R_UNKNOWN_PBE_ALGORITHM, EVP_R_UNSUPPORTED_CIPHER,    EVP_R_UNKNOWN_CIPHER,
      EVP_R_UNKNOWN_DIGEST,        EVP_R_UNSUPPORTED_ALGORITHM, EVP_R_UNSUPPORTED_PRF,
      EVP_R_UNSUPPORTED_KEYLENGTH, EVP_R_UNSUPPORTED_SALT_TYPE, EVP_R_NO_CIPHER_SET};
  Opening opening = Opening::password_wrong;
  for (const OpensslError& error : drain_openssl_errors()) {
    const int reason = ERR_GET_REASON(error.code);
    const bool evp = ERR_GET_LIB(error.code) == ERR_LIB_EVP;
    if (reason == ERR_R_UNSUPPORTED || reason == ERR_R_FETCH_FAILED ||
        (evp && std::find(kEvpReasons.begin(), kEvpReasons.end(), reason) != kEvpReasons.end()))
      opening = Opening::unsupported;
  }
  return opening;
}

OpenedKey open_pkcs8(std::span<const std::uint8_t> der, const Password& password) {
  const ErrorMark mark;
  const unsigned char* at = der.data();
  const std::unique_ptr<X509_SIG, FreeBy<X509_SIG_free>> encrypted(
      d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!encrypted) return {};
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted.get(), &algorithm, nullptr);
  const EncryptionFacts facts = encryption_facts(algorithm);
  if (facts.hindrance != Opening::opened) return {{}, facts.hindrance, facts.name};
  if (!password.text) return {{}, Opening::password_missing, facts.name};
  ERR_clear_error();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeBy<PKCS8_PRIV_KEY_INFO_free>> key(PKCS8_decrypt(
      encrypted.get(), password.text->data(), static_cast<int>(password.text->size())));
  if (!key) return {{}, opening_of_failure(), facts.name};
  OpenedKey opened{{}, Opening::opened, facts.name};
  opened.der.resize(static_cast<std::size_t>(std::max(0, i2d_PKCS8_PRIV_KEY_INFO(key.get(), {}))));
  unsigned char* out = opened.der.data();
  if (i2d_PKCS8_PRIV_KEY_INFO(key.get(), &out) <= 0) return {};
  return opened;
}

OpenedKey open_pem_key(const PemBlock& block, const Password& password) {
  const ErrorMark mark;
  std::string headers = block.headers;
  const std::size_t info = headers.find("DEK-Info: ");
  const std::size_t begin = info == std::string::npos ? headers.size() : info + 10;
  const std::string cipher_name =
      printable_ascii(headers.substr(begin, headers.find_first_of(",\n", begin) - begin));
  EVP_CIPHER_INFO cipher{};
  ERR_clear_error();
  if (PEM_get_EVP_CIPHER_INFO(headers.data(), &cipher) != 1) {
    const auto errors = drain_openssl_errors();
    const bool unknown =
        !errors.empty() && ERR_GET_REASON(errors.back().code) == PEM_R_UNSUPPORTED_ENCRYPTION;
    return {{}, unknown ? Opening::unsupported : Opening::damaged, cipher_name};
  }
  if (!password.text) return {{}, Opening::password_missing, cipher_name};
  OpenedKey opened{block.bytes, Opening::opened, cipher_name};
  long length = static_cast<long>(opened.der.size());
  std::string text = *password.text;
  if (PEM_do_header(&cipher, opened.der.data(), &length, give_password, &text) != 1)
    return {{}, opening_of_failure(), cipher_name};
  opened.der.resize(static_cast<std::size_t>(length));
  return opened;
}

}  // namespace visavis::certs
