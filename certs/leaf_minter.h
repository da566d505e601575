#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "certs/authority.h"
#include "certs/leaf_faults.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {

/// LeafKey is the key that a minted leaf carries: what the client accepts and the backend uses.
enum class LeafKey { ecdsa_p256, rsa_2048 };

/// LeafRequest says whom a leaf must stand for. All of it comes from peers and is checked.
struct LeafRequest {
  std::span<const std::uint8_t>
      backend_certificate_der;  ///< may be empty; read during the call only
  std::string server_name;      ///< SNI, may be empty
  std::string address;          ///< IP literal that the client dialled, may be empty
  LeafKey key = LeafKey::ecdsa_p256;
  LeafFaults faults{};  ///< of the backend's certificate, to be repeated; without one: none
};

/// Leaf is a minted certificate with its key, ready for a TLS server.
struct Leaf {
  X509Ptr certificate;
  PkeyPtr key;  ///< shared by all leaves of this kind
  std::vector<X509Ptr>
      chain;       ///< to send after it; empty under a self-signed CA: a root need not be sent
  std::string id;  ///< hex of the certificate's SHA-256
  /// Until when it may be shown: its own end, but for one that repeats the backend's dates.
  std::int64_t not_after_s = 0;
};

/// UnixClock returns the time in Unix seconds.
using UnixClock = std::function<std::int64_t()>;

/// system_unix_clock is the UnixClock of the machine.
[[nodiscard]] std::int64_t system_unix_clock();

/// LeafMinter issues leaves in the backend's name. Its leaf keys, one of each kind, are made when
/// first wanted and live as long as it does. Thread-safe.
class LeafMinter {
 public:
  explicit LeafMinter(const Authority& authority, UnixClock clock = system_unix_clock);
  ~LeafMinter();
  LeafMinter(const LeafMinter&) = delete;
  LeafMinter& operator=(const LeafMinter&) = delete;

  /// prepare_keys makes both leaf keys now. The RSA key takes up to 500 ms: call this from a thread
  /// of its own at start, so that no connection waits for it. Throws as mint.
  void prepare_keys();

  /// mint issues a new leaf. Subject: the backend's, or CN=server name or address. Names: the
  /// backend's DNS names and addresses, then server name and address, each valid one once.
  /// Validity: from a day back, less than 200 days in all, within the CA's own. `faults` change
  /// these, and the issuer. Throws
  /// std::runtime_error when the CA has expired or OpenSSL fails; no request can cause that.
  /// Source: RFC 5280 4.1 and 4.2, RFC 6125 6.4.
  [[nodiscard]] std::shared_ptr<const Leaf> mint(const LeafRequest& request);

  /// now_s returns the minter's clock.
  [[nodiscard]] std::int64_t now_s() const { return clock_(); }

 private:
  struct KeyTemplate;  // a key with the extensions that all of its leaves have

  const KeyTemplate& key_template(LeafKey kind);
  void sign_leaf(Leaf& leaf, evp_pkey_st& own_key, const X509_extension_st& of_authority,
                 const x509_st* backend, LeafIssuer issuer) const;

  X509Ptr authority_certificate_;
  PkeyPtr authority_key_;
  std::int64_t authority_not_before_s_;
  std::int64_t authority_not_after_s_;
  std::vector<X509Ptr> chain_;
  UnixClock clock_;
  std::once_flag ec_once_;
  std::once_flag rsa_once_;
  std::unique_ptr<const KeyTemplate> ec_;
  std::unique_ptr<const KeyTemplate> rsa_;
};

}  // namespace visavis::certs
