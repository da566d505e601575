#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/bundle/mask.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// Redaction takes out of reports, and of texts about them, what leads to a person or gives access:
/// query strings, users in URLs, session tickets and PSK identities, what was said without TLS,
/// the subjects of client certificates, and where asked for the addresses of clients and of the
/// proxy. What is masked is masked alike everywhere in one bundle.
class Redaction {
 public:
  /// Words that are replaced wherever they stand for themselves: the first by the second.
  using Words = std::vector<std::pair<std::string, std::string>>;

  /// `private_words` are those of the machine, its home directories above all.
  Redaction(const Mask::Key& key, bool mask_addresses, Words private_words);
  Redaction(const Redaction&) = delete;
  Redaction& operator=(const Redaction&) = delete;

  /// learn notes what of a session is to be masked in all of them: to be called for each session
  /// before the first is redacted.
  void learn(const SessionReport& session);
  /// redact returns the session as it may leave the house. Throws std::logic_error where it could
  /// not be read back: then nothing may.
  [[nodiscard]] SessionReport redact(const SessionReport& session) const;
  /// redact_text does that to a text about sessions, such as a comment in a capture.
  [[nodiscard]] std::string redact_text(std::string text) const;

  [[nodiscard]] const Mask& mask() const { return mask_; }
  [[nodiscard]] const AddressMask& addresses() const { return addresses_; }

 private:
  [[nodiscard]] Words names_of(const SessionReport& session) const;
  void add_names(const std::vector<CertificateReport>& certificates, Words& names) const;
  [[nodiscard]] bool is_masked(const CertificateReport& certificate, bool leaf) const;
  void redact(LegReport& leg) const;

  Mask mask_;
  bool mask_addresses_;
  AddressMask addresses_{mask_};
  Words private_words_;
  std::map<std::string, std::string> names_;  // of the client certificates in all sessions
};

}  // namespace visavis::inspect
