#include "tools/proxy_files.h"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "certs/key_matching.h"
#include "certs/served_leaf.h"
#include "tools/password_source.h"

namespace visavis::tools {
namespace {

/// The names of the three options that belong together.
struct CredentialOptions {
  const char* certificate;
  const char* key;
  const char* password;
};

constexpr CredentialOptions kServed{"--cert", "--key", "--cert-pass"};
constexpr CredentialOptions kClient{"--client-cert", "--client-key", "--client-cert-pass"};

/// What can't be used is one of two files: the one that the reason names.
certs::Authority load_authority(const ProxyWords& words) {
  try {
    return certs::Authority::load(words.ca_certificate, words.ca_key);
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    const bool key = reason.find(words.ca_key) != std::string::npos &&
                     reason.find(words.ca_certificate) == std::string::npos;
    throw std::runtime_error((key ? "--ca-key: " : "--ca-cert: ") + reason);
  }
}

std::vector<certs::CredentialSource> load_all(const char* option,
                                              const std::vector<std::string>& files,
                                              const certs::Password& password) {
  std::vector<certs::CredentialSource> sources;
  for (const std::string& file : files)
    sources.push_back(certs::load_source(option, file, password));
  return sources;
}

certs::Matched load_credentials(const CredentialWords& words, const CredentialOptions& options) {
  certs::Password password{std::nullopt, options.password};
  if (!words.password.empty())
    password.text = parse_option(options.password, words.password, password_from);
  const auto certificates = load_all(options.certificate, words.certificates, password);
  const auto keys = load_all(options.key, words.keys, password);
  certs::Matched matched = certs::match_keys(certificates, keys);
  for (const std::string& note : matched.notes) spdlog::warn(note);
  return matched;
}

void warn_of(const certs::CertifiedKey& pair, certs::Purpose purpose, const char* option) {
  const std::int64_t now_s = certs::system_unix_clock();
  for (const std::string& warning : certs::certificate_warnings(*pair.certificate, purpose, now_s))
    spdlog::warn("{}: {} {}", option, certs::certificate_label(*pair.certificate), warning);
}

void add_trust(certs::TrustStores& stores, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    parse_option("--trust", word, [&](const std::string&) {
      if (equals == std::string::npos)
        stores.add_file(word);
      else
        stores.add_named(word.substr(0, equals), word.substr(equals + 1));
      return 0;
    });
  }
}

void add_crls(certs::TrustStores& stores, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    parse_option("--crl", word, [&](const std::string& file) {
      stores.add_crls(file);
      return 0;
    });
}

void add_intermediates(certs::TrustStores& stores, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    parse_option("--intermediates", word, [&](const std::string& directory) {
      stores.known_issuers().add_directory(directory);
      return 0;
    });
}

}  // namespace

certs::Authority authority_of(const ProxyWords& words) {
  if (words.ca_certificate.empty() != words.ca_key.empty())
    throw std::runtime_error("--ca-cert and --ca-key go together");
  if (!words.ca_certificate.empty()) {
    certs::Authority authority = load_authority(words);
    if (!authority.permission_warning().empty()) spdlog::warn(authority.permission_warning());
    return authority;
  }
  return certs::Authority::open(words.ca_directory.empty()
                                    ? certs::Authority::default_directory()
                                    : std::filesystem::path(words.ca_directory));
}

certs::TrustStores stores_of(const ProxyWords& words) {
  certs::TrustStores stores;
  add_trust(stores, words.trust);
  add_crls(stores, words.crls);
  add_intermediates(stores, words.intermediates);
  return stores;
}

std::unique_ptr<proxy::IssuerFetcher> issuer_fetcher(const certs::TrustStores& stores,
                                                     const ProxyWords& words) {
  if (!words.fetch_aia) return nullptr;
  return std::make_unique<proxy::IssuerFetcher>(stores.known_issuers());
}

std::vector<std::shared_ptr<const certs::Leaf>> served_certificates(const CredentialWords& words) {
  std::vector<std::shared_ptr<const certs::Leaf>> leaves;
  if (words.certificates.empty()) return leaves;
  for (certs::CertifiedKey& pair : load_credentials(words, kServed).pairs) {
    warn_of(pair, certs::Purpose::tls_server, kServed.certificate);
    leaves.push_back(certs::served_leaf(std::move(pair)));
  }
  return leaves;
}

std::shared_ptr<const certs::CertifiedKey> client_certificate(const CredentialWords& words) {
  if (words.certificates.empty()) return nullptr;
  std::vector<certs::CertifiedKey> pairs = load_credentials(words, kClient).pairs;
  if (pairs.size() > 1)
    throw std::runtime_error(std::string(kClient.certificate) + ": " + words.certificates.front() +
                             ": it holds " + std::to_string(pairs.size()) +
                             " certificates with keys, and one can be shown: " +
                             certs::certificate_label(*pairs[0].certificate) + ", " +
                             certs::certificate_label(*pairs[1].certificate));
  warn_of(pairs.front(), certs::Purpose::tls_client, kClient.certificate);
  return std::make_shared<const certs::CertifiedKey>(std::move(pairs.front()));
}

void write_ready_file(const std::string& file, const std::string& address) {
  const std::string unfinished = file + ".tmp";
  std::ofstream stream(unfinished, std::ios::trunc);
  stream << address << "\n";
  stream.close();
  if (!stream || std::rename(unfinished.c_str(), file.c_str()) != 0)
    throw std::runtime_error("--ready-file " + file + ": " + std::strerror(errno));
}

}  // namespace visavis::tools
