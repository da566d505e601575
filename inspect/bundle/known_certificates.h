#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "inspect/capture/byte_stream.h"
#include "inspect/decrypt/key_log.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// KnownCertificates finds the certificates that servers sent, whole: a report holds only what they
/// say, and their digests. They are in a leg's raw bytes up to TLS 1.2, and behind in a capture
/// whose secrets are known. (Those of clients are never looked for: they say who somebody is.)
class KnownCertificates {
 public:
  /// add wants those of the session, and takes them where its own bytes have them.
  void add(const SessionReport& session);
  /// complete is true where nothing is left to be looked for.
  [[nodiscard]] bool complete() const;
  /// look_into takes them out of a capture, decrypted with its own secrets and these.
  void look_into(ByteStream& capture, KeyLog& secrets);
  /// find returns the DER with this SHA-256 (hex); null: not known.
  [[nodiscard]] const std::vector<std::uint8_t>* find(const std::string& sha256) const;

 private:
  void take(const std::vector<std::vector<std::uint8_t>>& certificates);

  std::map<std::string, std::vector<std::uint8_t>> by_sha256_;  // empty: wanted
};

}  // namespace visavis::inspect
