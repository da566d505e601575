#pragma once
#include <string>
#include <utility>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// HarWriter writes the HTTP exchanges of sessions as a HAR 1.2 document, piece by piece, so that
/// no sessions have to be held together; every call returns the next piece.
///
///   HarWriter har("0.1.0");
///   file << har.begin();
///   for (const SessionReport& session : sessions) file << har.session(session);
///   file << har.end();
///
/// An entry is an exchange that was observed; a session without one has no entries. Headers,
/// cookies and bodies are not in it: sessions do not keep them, and sizes that are not known are
/// -1, as HAR says. What HAR has no place for is in `_tls` (the session's id, mode and verdict, its
/// findings' ids, and what the TLS agreed on), and, where there is no whole response, in `_error`.
/// Source: http://www.softwareishard.com/blog/har-12-spec/ (names that begin with an underscore are
/// the writer's own).
class HarWriter {
 public:
  /// `version` is visavis' own.
  explicit HarWriter(std::string version) : version_(std::move(version)) {}

  [[nodiscard]] std::string begin();
  /// session returns the entries of a session; empty: it has none.
  [[nodiscard]] std::string session(const SessionReport& session);
  /// end returns the same text every time: a file that ends with it is a whole document.
  [[nodiscard]] static std::string end();

 private:
  std::string version_;
  bool first_ = true;
};

}  // namespace visavis::inspect
