#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace visavis::certs {

/// ChainProblem is one objection of OpenSSL's path validation.
struct ChainProblem {
  int depth = 0;        ///< in the path that OpenSSL built: 0 is the leaf
  std::string code;     ///< "X509_V_ERR_…"
  std::string hresult;  ///< what Windows says: "0x800b0109"; empty when it has no such code
  /// Whose certificate, RFC 2253: it may be one of the store, which was never sent. Empty:
  /// nobody's.
  std::string subject = {};

  friend bool operator==(const ChainProblem&, const ChainProblem&) = default;
};

/// StoreVerdict is the verdict against one trust store.
struct StoreVerdict {
  std::string name;
  bool trusted = false;
  std::vector<std::string> problems;  ///< "X509_V_ERR_…", each once, in the order they were found

  friend bool operator==(const StoreVerdict&, const StoreVerdict&) = default;
};

/// ChainVerdict is what we think of a chain as it was sent. `trusted`, `problems`, `incomplete` and
/// `missing_issuer` are against the main store.
struct ChainVerdict {
  bool trusted = false;
  std::vector<ChainProblem> problems;
  std::string missing_issuer;        ///< RFC 2253; neither sent nor in the store; or empty
  std::vector<StoreVerdict> stores;  ///< "system" first

  /// For each certificate sent, in that order, what is wrong with it. The words:
  /// - expired, not-yet-valid, bad-time: its own dates, or dates that cannot be read
  /// - unsupported-key: its public key can't be read, or is of a kind that OpenSSL lacks
  /// - explicit-curve: an EC key whose curve is written out, which no TLS client takes (RFC
  /// 8422 5.4)
  /// - weak-key: below 112 bits of strength, as RSA under 2048 bits (NIST SP 800-57)
  /// - weak-signature: MD5, SHA-1 and the like, on a certificate that is not self-signed
  /// - self-signed: self-signed and not in the main store
  /// - root-sent: self-signed, in the main store, not the leaf; needless, but harmless
  /// - bad-signature: its issuer was found and did not sign it
  /// - not-in-path: no chain of signatures leads to it from the leaf
  /// - out-of-order: in the path, but sent in another order than the path has
  /// - duplicate: sent before
  /// - name-mismatch: the leaf is not for this host
  /// - common-name-only: the leaf is for this host by its CN alone, which browsers do not read
  /// - wrong-usage: not for TLS servers, or an issuer that may not sign for them
  /// - no-digital-signature: the leaf's keyUsage allows static RSA only, not TLS 1.3 or (EC)DHE
  ///   (RFC 5246 7.4.2, RFC 8446 4.4.2.2)
  /// - not-a-ca: an issuer without CA:TRUE or without keyCertSign
  /// - path-length, name-constraint, critical-extension, bad-extension: as RFC 5280 6.1 objects
  /// - revoked: a CRL that was given lists it (RFC 5280 5)
  /// - unreadable: not a certificate, or one that OpenSSL refuses for an extension of its that
  ///   can't be read or comes twice; nothing further is said of it
  /// - not-checked: more than kMaxCheckedCertificates came
  std::vector<std::vector<std::string>> certificate_problems;

  /// The topmost certificate that can be reached from the leaf is not self-issued, and its issuer
  /// was neither sent nor is in the main store.
  bool incomplete = false;

  /// The verdict holds from valid_from_s, and until before valid_until_s (Unix time): no
  /// certificate involved becomes valid or expires between.
  std::int64_t valid_from_s = 0;
  std::int64_t valid_until_s = 0;

  friend bool operator==(const ChainVerdict&, const ChainVerdict&) = default;
};

}  // namespace visavis::certs
