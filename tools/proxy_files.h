#pragma once
#include <memory>
#include <vector>

#include "certs/authority.h"
#include "certs/key_pair.h"
#include "certs/leaf_minter.h"
#include "certs/trust_store.h"
#include "proxy/issuer_fetcher.h"
#include "tools/proxy_words.h"

// The files that `visavis proxy` is told of. Errors: std::runtime_error, one line that begins with
// the option's name, then the file's. What may be meant so is a warning on stderr.
namespace visavis::tools {

/// authority_of opens our CA, or the one that is named.
[[nodiscard]] certs::Authority authority_of(const ProxyWords& words);

/// stores_of reads the --trust files, the --crl files, and the certificates in the --intermediates
/// directories, which are not trusted for that.
[[nodiscard]] certs::TrustStores stores_of(const ProxyWords& words);

/// issuer_fetcher is what --fetch-aia asks for; null without it.
[[nodiscard]] std::unique_ptr<proxy::IssuerFetcher> issuer_fetcher(const certs::TrustStores& stores,
                                                                   const ProxyWords& words);

/// served_certificates reads --cert and --key.
[[nodiscard]] std::vector<std::shared_ptr<const certs::Leaf>> served_certificates(
    const CredentialWords& words);

/// client_certificate reads --client-cert and --client-key; null when they are not given.
[[nodiscard]] std::shared_ptr<const certs::CertifiedKey> client_certificate(
    const CredentialWords& words);

/// write_ready_file writes the --ready-file whole and then renames it: who waits for it never reads
/// half an address. Throws std::runtime_error.
void write_ready_file(const std::string& file, const std::string& address);

}  // namespace visavis::tools
