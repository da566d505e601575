#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "inspect/report/har_writer.h"

namespace visavis::proxy {

/// HarFile is the --har file: the HTTP exchanges of the sessions that are taken, as HAR 1.2. It is
/// begun anew, its owner alone may read it, and it is a whole document after every `flush`: the end
/// is written behind each entry, and overwritten by the next one, so that a killed process leaves a
/// file that can be opened.
class HarFile {
 public:
  /// `version` is visavis' own. Throws std::runtime_error, one line that begins with the option,
  /// when the file can't be written.
  HarFile(const std::filesystem::path& file, std::string version);
  ~HarFile();
  HarFile(const HarFile&) = delete;
  HarFile& operator=(const HarFile&) = delete;

  void take(const inspect::SessionReport& session);
  /// flush writes what was taken. When the disk takes no more, the file keeps what it has; the
  /// first time, a warning says so.
  void flush();

 private:
  bool write(const std::string& entries);

  std::string name_;
  inspect::HarWriter writer_;
  int file_ = -1;
  std::uint64_t end_ = 0;  // where the document's end begins
  std::string entries_;
};

}  // namespace visavis::proxy
