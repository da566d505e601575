#include "tests/support/openssl_files.h"

#include <stdexcept>

namespace visavis::testing {
namespace {

CertificateSpec with_key(CertificateSpec spec, TestKey key) {
  spec.key = key;
  return spec;
}

const std::string kSource = "pass:" + std::string(kPassword);

// Old ciphers: the command has them only when asked.
const std::vector<std::string> kLegacy{"-provider", "legacy", "-provider", "default"};

}  // namespace

void openssl(std::vector<std::string> words) {
  words.insert(words.begin(), "openssl");
  const Ran ran = run({std::move(words), "", {}});
  if (ran.exit_code != 0) throw std::runtime_error("openssl: " + ran.errors);
}

OpensslFiles::OpensslFiles(TestKey key, const CertificateSpec& leaf)
    : chain_(make_chain(with_key(leaf, key))) {
  folder_.write("leaf.pem", chain_.leaf.pem());
  folder_.write("leaf.key", chain_.leaf.key_pem());
  folder_.write("issuers.pem", chain_.intermediate.pem() + chain_.root.pem());
}

std::filesystem::path OpensslFiles::made(const std::string& name,
                                         std::vector<std::string> words) const {
  const std::filesystem::path file = folder_.path() / name;
  words.insert(words.end(), {"-out", file.string()});
  openssl(std::move(words));
  return file;
}

std::filesystem::path OpensslFiles::pfx(const std::string& name,
                                        std::vector<std::string> options) const {
  options.insert(options.begin(), {"-in", leaf().string(), "-inkey", key().string(), "-certfile",
                                   issuers().string()});
  return pfx_of(name, std::move(options));
}

std::filesystem::path OpensslFiles::pfx_of(const std::string& name,
                                           std::vector<std::string> options) const {
  options.insert(options.begin(), {"pkcs12", "-export", "-passout", kSource});
  return made(name, std::move(options));
}

std::filesystem::path OpensslFiles::p7b(const std::string& name, const std::string& form) const {
  return made(name, {"crl2pkcs7", "-nocrl", "-certfile", leaf().string(), "-certfile",
                     issuers().string(), "-outform", form});
}

std::filesystem::path OpensslFiles::pkcs8(const std::string& name,
                                          std::vector<std::string> options) const {
  options.insert(options.begin(), {"pkcs8", "-topk8", "-in", key().string(), "-passout", kSource});
  options.insert(options.end(), kLegacy.begin(), kLegacy.end());
  return made(name, std::move(options));
}

std::filesystem::path OpensslFiles::traditional(const std::string& name,
                                                const std::string& cipher) const {
  std::vector<std::string> words{"pkey", "-in",      key().string(), "-traditional",
                                 cipher, "-passout", kSource};
  words.insert(words.end(), kLegacy.begin(), kLegacy.end());
  return made(name, std::move(words));
}

std::filesystem::path OpensslFiles::der(const std::string& name, const std::string& command,
                                        const std::filesystem::path& pem) const {
  return made(name, {command, "-in", pem.string(), "-outform", "DER"});
}

}  // namespace visavis::testing
