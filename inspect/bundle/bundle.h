#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspect/bundle/bundle_capture.h"
#include "inspect/bundle/bundle_sessions.h"
#include "inspect/bundle/bundle_texts.h"
#include "inspect/bundle/known_certificates.h"
#include "inspect/bundle/redaction.h"

namespace visavis::inspect {

class ZipArchive;

/// BundleOptions is what a bundle is told to hold.
struct BundleOptions {
  Mask::Key key{};  ///< random, of this bundle only
  bool include_secrets = false;
  bool mask_addresses = false;
  bool har = false;
  Redaction::Words private_words{};  ///< of the machine
  std::int64_t now_s = 0;            ///< since 1970: the time of its files
};

/// Bundle makes the escalation file: sessions as text, page and JSON, their packets, the
/// certificates, and what somebody needs who was not there. Everything in it is redacted. Sessions
/// come first, then secrets, then captures.
class Bundle {
 public:
  /// What a bundle holds at most: it lies in memory, and is for one mail. A session has some 50 KB
  /// of JSON.
  static constexpr std::size_t kMaxSessions = 5000;
  static constexpr std::size_t kMaxSessionBytes = 64U * 1024 * 1024;

  using Open = std::function<std::unique_ptr<ByteStream>()>;

  explicit Bundle(BundleOptions options);

  /// add takes a session, unless it has it already; of what is beyond the limits those are left out
  /// that did not fail, if there are any.
  void add(SessionReport session) { held_.add(std::move(session)); }
  /// sessions and left_out count those that were added.
  [[nodiscard]] std::size_t sessions() const { return held_.size() + sessions_.size(); }
  [[nodiscard]] std::uint64_t left_out() const { return held_.left_out(); }
  /// add_secrets takes the text of a TLS key log: to read the captures, and, only where secrets are
  /// to be in the bundle, those of the sessions for it.
  void add_secrets(const std::string& key_log);
  /// add_capture takes the sessions' packets, and certificates, out of a capture, which it opens
  /// several times. What ends its reading early ends it for the bundle, too.
  void add_capture(const Open& open);
  /// add_problem adds a line to what could not be read.
  void add_problem(std::string line) { facts_.problems.push_back(std::move(line)); }
  /// zip returns the archive. `environment` is environment.txt, but for what our TLS library could
  /// not repeat, which is added. Throws std::runtime_error where it can't be made.
  [[nodiscard]] std::string zip(const std::string& environment);

 private:
  void settle();
  void add_certificates(ZipArchive& archive, const std::vector<SessionReport>& sessions);

  BundleOptions options_;
  Redaction redaction_;
  ChosenSessions chosen_;
  KnownCertificates certificates_;
  KeyLog secrets_;
  BundleCapture capture_;
  BundleFacts facts_;
  BundleSessions held_{kMaxSessions, kMaxSessionBytes};  // until all have come
  std::vector<SessionReport> sessions_;
};

}  // namespace visavis::inspect
