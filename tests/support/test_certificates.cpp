#include "tests/support/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "certs/key_pair.h"
#include "certs/unix_time.h"
#include "tests/support/process.h"

// Everything here is made by the openssl program, not by our code and not by OpenSSL's API in this
// process, so that a fault of ours can't hide in what it is tested with.
namespace visavis::testing {
namespace {

/// A value of OpenSSL's configuration syntax that is taken literally. config(5).
std::string literal(const std::string& text) {
  std::string result;
  for (const char character : text) {
    if (std::string_view("\"'\\#$ ").find(character) != std::string_view::npos) result += '\\';
    result += character;
  }
  return result;
}

/// "YYYYMMDDHHMMSSZ", as the command wants it.
std::string ca_date(std::int64_t unix_s) {
  std::string date;
  for (const char character : certs::rfc3339(unix_s))
    if (std::string_view("-:T").find(character) == std::string_view::npos) date += character;
  return date;
}

std::vector<std::string> new_key(TestKey kind) {
  switch (kind) {
    case TestKey::ec_p256:
      return {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"};
    case TestKey::ec_p384:
      return {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"};
    case TestKey::rsa_2048:
      return {"-newkey", "rsa:2048"};
    case TestKey::rsa_1024:
      return {"-newkey", "rsa:1024"};
    case TestKey::ed25519:
      return {"-newkey", "ed25519"};
  }
  return {};
}

using Extensions = std::vector<std::pair<std::string, std::string>>;

/// Names and values, in order; the spec's own ones last.
Extensions extensions_of(const CertificateSpec& spec, bool self_signed) {
  const std::string length =
      spec.path_length ? ",pathlen:" + std::to_string(*spec.path_length) : "";
  Extensions all{{"basicConstraints", spec.ca ? "critical,CA:TRUE" + length : "CA:FALSE"}};
  const std::string usage =
      spec.key_usage.empty() && spec.ca ? "critical,keyCertSign,cRLSign" : spec.key_usage;
  if (!usage.empty()) all.emplace_back("keyUsage", usage);
  if (!spec.extended_key_usage.empty())
    all.emplace_back("extendedKeyUsage", spec.extended_key_usage);
  if (spec.key_ids) all.emplace_back("subjectKeyIdentifier", "hash");
  if (spec.key_ids && !self_signed) all.emplace_back("authorityKeyIdentifier", "keyid:always");
  // The program adds them by itself otherwise.
  if (!spec.key_ids) all.emplace_back("subjectKeyIdentifier", "none");
  if (!spec.key_ids || self_signed) all.emplace_back("authorityKeyIdentifier", "none");
  std::string names;
  for (const std::string& name : spec.san) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) all.emplace_back("subjectAltName", names);
  all.insert(all.end(), spec.extensions.begin(), spec.extensions.end());
  return all;
}

/// Those whose name came before: no certificate may have them (RFC 5280 4.2), and the command puts
/// the second one in the first one's place.
Extensions take_repeated(Extensions& all) {
  Extensions first;
  Extensions repeated;
  for (auto& extension : all) {
    const bool known = std::any_of(first.begin(), first.end(), [&extension](const auto& each) {
      return each.first == extension.first;
    });
    (known ? repeated : first).push_back(std::move(extension));
  }
  all = std::move(first);
  return repeated;
}

/// By OpenSSL's API, since the command can't: a certificate with further extensions, signed again.
void add_extensions(X509& certificate, evp_pkey_st& key, const CertificateSpec& spec,
                    const Extensions& extensions) {
  for (const auto& [name, value] : extensions) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const certs::X509ExtensionPtr extension(
        X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str()));
    if (!extension || X509_add_ext(&certificate, extension.get(), -1) != 1)
      throw std::runtime_error("test certificate: no extension " + name + '=' + value);
  }
  const EVP_MD* digest = EVP_PKEY_get_base_id(&key) == EVP_PKEY_ED25519
                             ? nullptr
                             : EVP_get_digestbyname(spec.digest.c_str());
  if (X509_sign(&certificate, &key, digest) <= 0)
    throw std::runtime_error("test certificate: it can't be signed again");
}

/// Workshop is the folder in which one certificate is made.
class Workshop {
 public:
  Workshop(const CertificateSpec& spec, const TestCertificate* issuer)
      : spec_(spec), issuer_(issuer), folder_(directory_.path().string() + '/') {
    std::string subject;
    if (!spec.organization.empty()) subject += "O=" + literal(spec.organization) + '\n';
    if (!spec.common_name.empty()) subject += "CN=" + literal(spec.common_name) + '\n';
    anonymous_ = subject.empty();
    Extensions extensions = extensions_of(spec, issuer == nullptr);
    repeated_ = take_repeated(extensions);
    std::string extension_lines;
    for (const auto& [name, value] : extensions)
      extension_lines += name + '=' + literal(value) + '\n';
    (void)directory_.write("database", "");
    (void)directory_.write(
        "configuration",
        "[req]\nprompt=no\nstring_mask=utf8only\ndistinguished_name=subject\n[subject]\n" +
            subject + "[ca]\ndefault_ca=authority\n[authority]\ndatabase=" + folder_ +
            "database\nnew_certs_dir=" + folder_ +
            "\nrand_serial=yes\nunique_subject=no\npreserve=yes\npolicy=policy\n"
            "x509_extensions=extensions\n[policy]\nO=optional\nCN=optional\n[extensions]\n" +
            extension_lines);
  }

  /// The key, new or given, and what is to be certified.
  void request(evp_pkey_st* given_key) {
    std::vector<std::string> words{"req", "-new", "-utf8", "-out", folder_ + "request"};
    if (anonymous_) words.insert(words.end(), {"-subj", "/"});
    if (given_key != nullptr) {
      (void)directory_.write("key", certs::private_key_pem(*given_key));
      words.insert(words.end(), {"-key", folder_ + "key"});
    } else {
      words.insert(words.end(), {"-nodes", "-keyout", folder_ + "key"});
      const auto kind = new_key(spec_.key);
      words.insert(words.end(), kind.begin(), kind.end());
    }
    openssl(std::move(words));
  }

  void issue() {
    std::vector<std::string> words{
        "ca",         "-batch",
        "-utf8",      "-notext",
        "-in",        folder_ + "request",
        "-out",       folder_ + "certificate",
        "-md",        spec_.key == TestKey::ed25519 ? "default" : spec_.digest,
        "-startdate", ca_date(spec_.not_before_s),
        "-enddate",   ca_date(spec_.not_after_s)};
    if (issuer_ == nullptr) {
      words.insert(words.end(), {"-selfsign", "-keyfile", folder_ + "key"});
    } else {
      (void)directory_.write("issuer", issuer_->pem());
      (void)directory_.write("issuer_key", issuer_->key_pem());
      words.insert(words.end(), {"-cert", folder_ + "issuer", "-keyfile", folder_ + "issuer_key"});
    }
    openssl(std::move(words));
  }

  [[nodiscard]] TestCertificate made() const {
    auto certificate = std::move(certs::load_certificates(folder_ + "certificate").front());
    auto key = certs::load_private_key(folder_ + "key");
    if (!repeated_.empty())
      add_extensions(*certificate, issuer_ == nullptr ? *key : *issuer_->key(), spec_, repeated_);
    return {std::move(certificate), std::move(key)};
  }

 private:
  void openssl(std::vector<std::string> words) const {
    words.insert(words.begin(), "openssl");
    words.insert(words.end(), {"-config", folder_ + "configuration"});
    const Ran ran = run({std::move(words), "", {}}, kKeyPatience);
    if (ran.exit_code != 0)
      throw std::runtime_error("test certificate '" + spec_.common_name + "': " + ran.errors);
  }

  /// An RSA key takes a second on a busy machine.
  static constexpr Milliseconds kKeyPatience{30'000};

  const CertificateSpec& spec_;
  const TestCertificate* issuer_;
  TemporaryDirectory directory_;
  std::string folder_;
  bool anonymous_ = false;
  Extensions repeated_;
};

}  // namespace

TestCertificate::TestCertificate(certs::X509Ptr certificate, certs::PkeyPtr key)
    : certificate_(std::move(certificate)),
      key_(std::move(key)),
      der_(certs::certificate_der(*certificate_)) {}

std::string TestCertificate::pem() const { return certs::certificate_pem(*certificate_); }
std::string TestCertificate::key_pem() const { return certs::private_key_pem(*key_); }

TestCertificate make_certificate(const CertificateSpec& spec, const TestCertificate* issuer,
                                 evp_pkey_st* given_key) {
  Workshop workshop(spec, issuer);
  workshop.request(given_key);
  workshop.issue();
  return workshop.made();
}

CertificateSpec root_spec() {
  CertificateSpec spec;
  spec.common_name = "Test Root";
  spec.ca = true;
  return spec;
}

CertificateSpec intermediate_spec() {
  CertificateSpec spec;
  spec.common_name = "Test Intermediate";
  spec.ca = true;
  return spec;
}

CertificateSpec leaf_spec(std::string_view host) {
  CertificateSpec spec;
  spec.common_name = host;
  spec.san = {"DNS:" + std::string(host)};
  spec.key_usage = "critical,digitalSignature";
  spec.extended_key_usage = "serverAuth";
  return spec;
}

TestChain make_chain(const CertificateSpec& leaf, const CertificateSpec& intermediate,
                     const CertificateSpec& root) {
  TestCertificate top = make_certificate(root);
  TestCertificate middle = make_certificate(intermediate, &top);
  TestCertificate bottom = make_certificate(leaf, &middle);
  return {std::move(top), std::move(middle), std::move(bottom)};
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "visavis-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryDirectory::write(std::string_view name,
                                                std::string_view text) const {
  const std::filesystem::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

}  // namespace visavis::testing
