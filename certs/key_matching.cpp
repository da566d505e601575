#include "certs/key_matching.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "certs/digest.h"
#include "certs/key_fit.h"
#include "certs/name_text.h"
#include "certs/openssl_error.h"
#include "certs/whole_file.h"

namespace visavis::certs {
namespace {

// Certificates that an error lists.
constexpr std::size_t kListed = 3;

using Certificates = std::vector<X509Ptr>;

bool issued(X509& issuer, X509& subject) {
  if (&issuer == &subject || X509_check_issued(&issuer, &subject) != X509_V_OK) return false;
  EVP_PKEY* key = X509_get0_pubkey(&issuer);
  return key != nullptr && X509_verify(&subject, key) == 1;
}

bool is_ca(X509& certificate) { return X509_check_ca(&certificate) != 0; }

// Positions in the file of what leads up from the certificate at `leaf`.
std::vector<std::size_t> chain_positions(const Certificates& all, std::size_t leaf) {
  std::vector<std::size_t> chain;
  std::vector<bool> used(all.size());
  std::size_t at = leaf;
  for (;;) {
    used[at] = true;
    std::size_t issuer = 0;
    while (issuer < all.size() && (used[issuer] || !issued(*all[issuer], *all[at]))) ++issuer;
    if (issuer == all.size()) return chain;
    chain.push_back(issuer);
    at = issuer;
  }
}

// GivenKey is a private key with the file that it came from.
struct GivenKey {
  const CredentialSource* source = nullptr;
  evp_pkey_st* key = nullptr;
  const CredentialSource* fits_file = nullptr;  // the first that has a certificate for it
  const x509_st* fits = nullptr;
};

std::string start(const CredentialSource& source) {
  return source.option + ": " + source.file.string() + ": ";
}

std::string placed(const x509_st& certificate, const CredentialSource& source) {
  return certificate_label(certificate) + " (" + source.file.string() + ")";
}

// Matcher holds the state of one match_keys.
class Matcher {
 public:
  Matcher(const std::vector<CredentialSource>& certificate_files,
          const std::vector<CredentialSource>& key_files)
      : certificate_files_(certificate_files), key_files_(key_files) {}

  Matched run() {
    for (const CredentialSource& file : certificate_files_) {
      if (file.contents.certificates.empty())
        throw std::runtime_error(start(file) + "no certificate in it" + holds_text(file.contents));
      add_keys(file);
    }
    for (const CredentialSource& file : key_files_) {
      if (file.contents.keys.empty())
        throw std::runtime_error(start(file) +
                                 (file.contents.key_problem.empty()
                                      ? "no private key in it" + holds_text(file.contents)
                                      : file.contents.key_problem));
      add_keys(file);
    }
    for (GivenKey& key : keys_) find_certificate(key);
    for (const GivenKey& key : keys_)
      if (key.fits == nullptr && is_key_file(*key.source)) refuse_key(key);
    for (const CredentialSource& file : certificate_files_) match_file(file);
    return std::move(matched_);
  }

 private:
  void add_keys(const CredentialSource& file) {
    for (const PkeyPtr& key : file.contents.keys) keys_.push_back({&file, key.get()});
  }

  [[nodiscard]] bool is_key_file(const CredentialSource& source) const {
    return std::any_of(key_files_.begin(), key_files_.end(),
                       [&](const CredentialSource& file) { return &file == &source; });
  }

  void find_certificate(GivenKey& key) {
    for (const CredentialSource& file : certificate_files_)
      for (const X509Ptr& certificate : file.contents.certificates) {
        const KeyFit fit = key_fit(*certificate, *key.key);
        if (fit == KeyFit::forged)
          throw std::runtime_error(
              start(*key.source) + "a damaged or forged private key: its public half is that of " +
              placed(*certificate, file) + ", but what it signs does not verify");
        if (fit != KeyFit::fits || key.fits != nullptr) continue;
        key.fits = certificate.get();
        key.fits_file = &file;
      }
  }

  [[noreturn]] void refuse_key(const GivenKey& key) const {
    std::string list;
    std::size_t count = 0;
    for (const CredentialSource& file : certificate_files_)
      for (const X509Ptr& certificate : file.contents.certificates)
        if (++count <= kListed) list += (list.empty() ? "" : ", ") + placed(*certificate, file);
    if (count > kListed) list += " and " + std::to_string(count - kListed) + " more";
    throw std::runtime_error(start(*key.source) +
                             "the private key of another certificate: it does not fit " + list);
  }

  // The key for the certificate: one of its own file first.
  evp_pkey_st* key_for(const x509_st& certificate, const CredentialSource& file) const {
    evp_pkey_st* found = nullptr;
    for (const GivenKey& key : keys_)
      if (key.fits != nullptr && key_fit(certificate, *key.key) == KeyFit::fits) {
        if (key.source == &file) return key.key;
        if (found == nullptr) found = key.key;
      }
    return found;
  }

  void match_file(const CredentialSource& file) {
    const Certificates& all = file.contents.certificates;
    std::vector<evp_pkey_st*> keys;
    for (const X509Ptr& certificate : all) keys.push_back(key_for(*certificate, file));
    std::vector<bool> used(all.size());
    bool served = false;
    for (std::size_t at = 0; at < all.size(); ++at) {
      if (keys[at] == nullptr || is_used(all, used, at) || has_issued(all, at)) continue;
      served = true;
      used[at] = true;
      CertifiedKey pair{share(all[at].get()), share(keys[at]), {}};
      for (const std::size_t issuer : chain_positions(all, at)) {
        used[issuer] = true;
        pair.chain.push_back(share(all[issuer].get()));
      }
      matched_.pairs.push_back(std::move(pair));
    }
    for (std::size_t at = 0; at < all.size(); ++at) {
      // An unused issuer's own certificates are unused too: of them it is said.
      if (is_used(all, used, at) || has_issued(all, at)) continue;
      if (!served || !is_ca(*all[at]))
        throw std::runtime_error(start(file) + missing_key(file, *all[at]));
      matched_.notes.push_back(start(file) + certificate_label(*all[at]) +
                               " is not in the chain of what is served, and is not sent");
    }
  }

  // A file may have the same certificate twice.
  static bool is_used(const Certificates& all, const std::vector<bool>& used, std::size_t at) {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (used[i] && X509_cmp(all[i].get(), all[at].get()) == 0) return true;
    return false;
  }

  static bool has_issued(const Certificates& all, std::size_t at) {
    return std::any_of(all.begin(), all.end(), [&](const X509Ptr& other) {
      return X509_cmp(other.get(), all[at].get()) != 0 && issued(*all[at], *other);
    });
  }

  std::string missing_key(const CredentialSource& file, const X509& certificate) const {
    const std::string name = certificate_label(certificate);
    if (!file.contents.key_problem.empty()) return file.contents.key_problem;
    if (keys_.empty())
      return name + " has no private key, neither here nor in a key file" +
             (file.contents.form == "PKCS #7" ? " (a P7B never holds one; " : " (") +
             "on Windows export a PFX with \"Yes, export the private key\"; Schannel calls a "
             "certificate without one event 36869)";
    std::string text = "no private key fits " + name;
    for (std::size_t i = 0; i < keys_.size() && i < kListed; ++i) {
      text += "; the one in " + keys_[i].source->file.string();
      text += keys_[i].fits == nullptr ? " is that of another certificate"
                                       : " fits " + placed(*keys_[i].fits, *keys_[i].fits_file);
    }
    return text;
  }

  const std::vector<CredentialSource>& certificate_files_;
  const std::vector<CredentialSource>& key_files_;
  std::vector<GivenKey> keys_;
  Matched matched_;
};

}  // namespace

CredentialSource load_source(const std::string& option, const std::filesystem::path& file,
                             const Password& password) {
  try {
    return {option, file, load_credentials(file, password)};
  } catch (const FileError& error) {
    const bool permission = error.number == EACCES;
    throw std::runtime_error(option + ": " + error.what() +
                             (permission ? " (the like on Windows: a key under MachineKeys that "
                                           "its service may not read, 0x80090016, Schannel event "
                                           "36870)"
                                         : ""));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(option + ": " + error.what());
  }
}

Matched match_keys(const std::vector<CredentialSource>& certificate_files,
                   const std::vector<CredentialSource>& key_files) {
  const ErrorMark mark;
  return Matcher(certificate_files, key_files).run();
}

std::string certificate_label(const x509_st& certificate) {
  std::string subject = name_text(X509_get_subject_name(&certificate));
  if (!subject.empty()) return subject;
  const ASN1_INTEGER* serial = X509_get0_serialNumber(&certificate);
  return "the certificate with serial number " +
         hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

std::string holds_text(const CredentialFile& contents) {
  std::string list;
  const auto add = [&](const std::string& what) { list += (list.empty() ? "" : ", ") + what; };
  if (!contents.certificates.empty())
    add("a certificate, " + certificate_label(*contents.certificates.front()));
  if (!contents.keys.empty() || !contents.key_problem.empty()) add("a private key");
  for (std::size_t i = 0; i < contents.others.size() && i < kListed; ++i) add(contents.others[i]);
  return list.empty() ? "" : "; it holds: " + list;
}

}  // namespace visavis::certs
