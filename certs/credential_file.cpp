#include "certs/credential_file.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/file_form.h"
#include "certs/key_pair.h"
#include "certs/legacy_scope.h"
#include "certs/name_text.h"
#include "certs/openssl_error.h"
#include "certs/password_encryption.h"
#include "certs/pem_reader.h"
#include "certs/pfx_reader.h"
#include "certs/whole_file.h"

namespace visavis::certs {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Pkcs7Free {
  void operator()(PKCS7* object) const noexcept { PKCS7_free(object); }
};
struct PrivateKeyInfoFree {
  void operator()(PKCS8_PRIV_KEY_INFO* object) const noexcept { PKCS8_PRIV_KEY_INFO_free(object); }
};

bool can_sign(const EVP_PKEY& key) {
  static constexpr std::array kKinds{EVP_PKEY_RSA,     EVP_PKEY_RSA_PSS, EVP_PKEY_EC,
                                     EVP_PKEY_ED25519, EVP_PKEY_ED448,   EVP_PKEY_DSA};
  return std::find(kKinds.begin(), kKinds.end(), EVP_PKEY_get_base_id(&key)) != kKinds.end();
}

// The algorithm of a PKCS #8 key; empty when it is none.
std::string algorithm_of(Bytes der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, PrivateKeyInfoFree> key(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  const ASN1_OBJECT* algorithm = nullptr;
  if (!key || PKCS8_pkey_get0(&algorithm, nullptr, nullptr, nullptr, key.get()) != 1) return {};
  const int nid = OBJ_obj2nid(algorithm);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  std::array<char, 128> oid{};
  OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), algorithm, 1);
  return oid.data();
}

// CredentialReader collects what the parts of one file hold.
class CredentialReader {
 public:
  explicit CredentialReader(const Password& password) : password_(password) {}

  CredentialFile read(std::string_view bytes) {
    const Bytes der(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    const DerForm form = der_form(der);
    if (form != DerForm::unknown)
      read_der_file(form, der);
    else if (bytes.find("-----BEGIN ") != std::string_view::npos)
      read_pem_file(bytes);
    else
      throw std::runtime_error(foreign_form(bytes));
    return std::move(file_);
  }

 private:
  void read_der_file(DerForm form, Bytes der) {
    file_.form = form == DerForm::pkcs12 ? "PKCS #12" : "DER";
    switch (form) {
      case DerForm::certificate:
        return add_certificate(der, "");
      case DerForm::pkcs7:
        return add_pkcs7(der);
      case DerForm::pkcs12:
        return add_pfx(der);
      case DerForm::private_key:
        return add_key(der);
      case DerForm::encrypted_key:
        return add_encrypted_key([&] { return open_pkcs8(der, password_); });
      default:
        file_.others.push_back(form_text(form));
    }
  }

  void read_pem_file(std::string_view text) {
    file_.form = "PEM";
    for (const PemBlock& block : read_pem_blocks(text)) {
      const bool key = block.label.ends_with("PRIVATE KEY");
      const std::string line = "line " + std::to_string(block.line);
      if (!block.problem.empty() && (key || is_certificate_label(block.label)))
        throw std::runtime_error(printable_ascii(block.label) + " block at " + line + ": " +
                                 block.problem);
      if (is_certificate_label(block.label))
        add_certificate(block.bytes, " (" + line + ")");
      else if (block.label == "PKCS7" || block.label == "PKCS #7 SIGNED DATA" ||
               block.label == "CMS")
        add_pkcs7(block.bytes);
      else if (key)
        add_pem_key(block);
      else
        file_.others.push_back(printable_ascii(block.label));
    }
  }

  void add_certificate(Bytes der, const std::string& place) {
    if (X509Ptr certificate = decode_certificate(der))
      return file_.certificates.push_back(std::move(certificate));
    throw std::runtime_error("certificate " + std::to_string(file_.certificates.size() + 1) +
                             place + ": " + read_certificate(der).parse_problem);
  }

  void add_pkcs7(Bytes der) {
    const ErrorMark mark;
    file_.form = "PKCS #7";
    const unsigned char* at = der.data();
    const std::unique_ptr<PKCS7, Pkcs7Free> signed_data(
        d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
    if (!signed_data) throw std::runtime_error("damaged PKCS #7: " + describe_openssl_errors());
    if (!PKCS7_type_is_signed(signed_data.get()) || signed_data->d.sign == nullptr)
      throw std::runtime_error("a PKCS #7 file of another kind than a list of certificates");
    const STACK_OF(X509)* list = signed_data->d.sign->cert;
    for (int i = 0; i < sk_X509_num(list); ++i)
      file_.certificates.push_back(share(sk_X509_value(list, i)));
  }

  void add_pfx(Bytes der) {
    const PfxContents contents = read_pfx(der, password_);
    file_.key_problem = contents.key_problem;
    for (const auto& certificate : contents.certificates) add_certificate(certificate, "");
    for (const auto& key : contents.keys) add_key(key);
  }

  void add_pem_key(const PemBlock& block) {
    if (block.label.starts_with("OPENSSH"))
      note_key_problem("in OpenSSH's own form; convert it with ssh-keygen -p -m PKCS8 -f FILE");
    else if (block.label.starts_with("ENCRYPTED"))
      add_encrypted_key([&] { return open_pkcs8(block.bytes, password_); });
    else if (block.headers.find("ENCRYPTED") != std::string::npos)
      add_encrypted_key([&] { return open_pem_key(block, password_); });
    else
      add_key(block.bytes);
  }

  template <class Open>
  void add_encrypted_key(Open open) {
    OpenedKey opened;
    bool legacy = false;
    {
      const LegacyScope scope;
      legacy = scope.available();
      opened = open();
    }
    const std::size_t before = file_.keys.size();
    if (opened.opening == Opening::opened) decode_key(opened.der);
    if (file_.keys.size() > before) return;
    // A wrong password gives noise that by chance has the right padding once in 256 times.
    if (opened.opening == Opening::opened) opened.opening = Opening::password_wrong;
    std::string problem = opening_problem(opened.opening, password_, opened.algorithm);
    if (opened.opening == Opening::unsupported && !legacy) problem += kLegacyHint;
    note_key_problem(problem);
  }

  void add_key(Bytes der) {
    if (const std::string problem = decode_key(der); !problem.empty()) note_key_problem(problem);
  }

  // Adds the key, or returns why it can't be used.
  std::string decode_key(Bytes der) {
    const ErrorMark mark;
    const unsigned char* at = der.data();
    PkeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
    const std::string algorithm = key ? "" : algorithm_of(der);
    if (!key)
      return algorithm.empty() ? "damaged: it can't be read"
                               : "damaged, or of a type that OpenSSL can't use (" + algorithm + ")";
    if (!can_sign(*key))
      return "of a type that can't sign a TLS handshake (" +
             std::string(OBJ_nid2sn(EVP_PKEY_get_base_id(key.get()))) + ")";
    file_.keys.push_back(std::move(key));
    return {};
  }

  void note_key_problem(const std::string& problem) {
    if (file_.key_problem.empty()) file_.key_problem = "its private key: " + problem;
  }

  const Password& password_;
  CredentialFile file_;
};

}  // namespace

CredentialFile read_credentials(std::string_view bytes, const Password& password) {
  const ErrorMark mark;
  return CredentialReader(password).read(bytes);
}

CredentialFile load_credentials(const std::filesystem::path& file, const Password& password) {
  const std::string bytes = read_whole_file(file);
  try {
    return read_credentials(bytes, password);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file.string() + ": " + error.what());
  }
}

}  // namespace visavis::certs
