#include "certs/authority.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "certs/certificate_parts.h"
#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "certs/openssl_error.h"
#include "certs/whole_file.h"

namespace visavis::certs {
namespace {

constexpr std::int64_t kLifetimeSeconds = 3652 * kDaySeconds;  // ten years
constexpr unsigned kSecretMode = 0600;
constexpr unsigned kPublicMode = 0644;
constexpr unsigned kOthersMode = 077;

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

// A file that is not there or cannot be looked at is the reader's to report.
std::string permission_problem(const std::filesystem::path& key_file) {
  struct stat status {};
  if (::stat(key_file.c_str(), &status) != 0 || (status.st_mode & kOthersMode) == 0) return {};
  return key_file.string() + ": mode " + octal(status.st_mode & 07777U) +
         " lets others use the CA's private key; run: chmod 600 " + key_file.string();
}

bool present(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error);
}

X509Ptr make_authority_certificate(evp_pkey_st& key) {
  const std::int64_t from_s = std::time(nullptr) - kDaySeconds;
  X509Ptr certificate = make_blank_certificate(from_s, from_s + kLifetimeSeconds, key);
  const std::vector<std::uint8_t> key_id = subject_key_id(*certificate);
  // The name ends with the key's: two CAs are then two issuers, also for clients that look an
  // issuer up by its name alone. The machine's name is not in it: reports and captures leave the
  // house.
  X509_NAME* name = X509_get_subject_name(certificate.get());
  add_name_text(*name, NID_commonName, "visavis CA " + hex(std::span(key_id).first(4)));
  if (X509_set_issuer_name(certificate.get(), name) != 1)
    throw std::runtime_error("cannot name the CA: " + describe_openssl_errors());
  add_extension(*certificate, *make_extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  add_extension(*certificate, *make_extension(NID_key_usage, "critical,keyCertSign,cRLSign"));
  add_extension(*certificate, *make_subject_key_id(key_id));
  sign_certificate(*certificate, key);
  return certificate;
}

void make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    throw std::runtime_error("cannot make " + directory.string() + ": " +
                             std::generic_category().message(errno));
}

// Makes what is not there; returns whether it did. The key is written first, so a certificate
// always has its key, and a start that was cut short between the two goes on with the key that it
// left.
bool make_pair(const std::filesystem::path& directory,
               const std::filesystem::path& certificate_file,
               const std::filesystem::path& key_file) {
  make_directory(directory);
  const DirectoryLock lock(directory);
  if (present(certificate_file)) {
    if (present(key_file)) return false;  // another process was first
    throw std::runtime_error(key_file.string() + " is missing while " + certificate_file.string() +
                             " is there; restore it, or remove the certificate for a new CA");
  }
  PkeyPtr key;
  if (present(key_file)) {
    if (const std::string problem = permission_problem(key_file); !problem.empty())
      throw std::runtime_error(problem);
    key = load_private_key(key_file);
  } else {
    key = make_ec_p256_key();
    write_whole_file(key_file, private_key_pem(*key), kSecretMode);
  }
  write_whole_file(certificate_file, certificate_pem(*make_authority_certificate(*key)),
                   kPublicMode);
  return true;
}

void require_usable(const CertificateFacts& facts, const std::filesystem::path& file) {
  const auto& usages = facts.key_usages;
  const bool signs =
      usages.empty() || std::find(usages.begin(), usages.end(), "keyCertSign") != usages.end();
  if (!facts.ca || !signs)
    throw std::runtime_error(file.string() + ": not a CA certificate (" +
                             (facts.ca ? "keyUsage lacks keyCertSign" : "no CA:TRUE") + ")");
  if (facts.not_after_s <= std::time(nullptr))
    throw std::runtime_error(file.string() + ": the CA certificate expired on " + facts.not_after +
                             "; no client accepts its leaves, so a new CA is needed");
}

}  // namespace

Authority::Authority(const std::filesystem::path& certificate_file,
                     const std::filesystem::path& key_file)
    : certificate_path_(certificate_file),
      key_path_(key_file),
      pair_(load_certified_key(certificate_file, key_file)),
      facts_(read_certificate(certificate_der(*pair_.certificate))),
      certificate_pem_(certs::certificate_pem(*pair_.certificate)),
      permission_warning_(permission_problem(key_file)) {
  require_usable(facts_, certificate_file);
  const ErrorMark mark;
  self_signed_ = X509_self_signed(pair_.certificate.get(), 1) == 1;
}

Authority Authority::open(const std::filesystem::path& directory) {
  const std::filesystem::path certificate_file = directory / "ca.pem";
  const std::filesystem::path key_file = directory / "ca.key";
  const bool made = !(present(certificate_file) && present(key_file)) &&
                    make_pair(directory, certificate_file, key_file);
  if (const std::string problem = permission_problem(key_file); !problem.empty())
    throw std::runtime_error(problem);
  Authority authority(certificate_file, key_file);
  authority.made_now_ = made;
  return authority;
}

Authority Authority::load(const std::filesystem::path& certificate_file,
                          const std::filesystem::path& key_file) {
  return {certificate_file, key_file};
}

std::filesystem::path Authority::default_directory() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && std::filesystem::path(data).is_absolute())
    return std::filesystem::path(data) / "visavis";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    throw std::runtime_error(
        "neither XDG_DATA_HOME nor HOME is set: no place for the CA; name one with --ca-dir");
  return std::filesystem::path(home) / ".local" / "share" / "visavis";
}

}  // namespace visavis::certs
