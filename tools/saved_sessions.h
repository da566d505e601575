#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "certs/trust_store.h"
#include "inspect/report/capture_report.h"
#include "inspect/report/session_report.h"

namespace visavis::tools {

/// Sessions of one file that are held to be compared: some 100 KiB each. Of more the last ones are.
inline constexpr std::size_t kMaxSavedSessions = 4096;

/// SavedSessions is what a file has: a session that was saved as JSON, a log (a session a line), or
/// a capture.
struct SavedSessions {
  std::string file;
  bool chosen = false;                           ///< by its id, FILE#ID: there is one
  std::vector<inspect::SessionReport> sessions;  ///< at least one
  std::size_t left_out = 0;                      ///< earlier ones, above the limit
  std::optional<inspect::FileProblemReport>
      problem;  ///< a capture that could not be read to its end
};

/// SavedSessionReader reads such files; which kind one is is told by its content.
class SavedSessionReader {
 public:
  /// `stores` judge the certificates in captures, and must outlive the reader; `key_logs` are the
  /// files of --keylog.
  SavedSessionReader(const certs::TrustStores& stores, std::vector<std::string> key_logs)
      : stores_(stores), key_logs_(std::move(key_logs)) {}

  /// is_file is true when the word names a file that can be opened, "FILE" or "FILE#ID".
  [[nodiscard]] static bool is_file(const std::string& word);
  /// read throws std::runtime_error, one line that names file and cause, where there is no session
  /// in it, or none with that ID.
  [[nodiscard]] SavedSessions read(const std::string& word) const;

 private:
  const certs::TrustStores& stores_;
  std::vector<std::string> key_logs_;
};

}  // namespace visavis::tools
