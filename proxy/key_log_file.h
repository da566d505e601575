#pragma once
#include <string>
#include <string_view>

namespace visavis::proxy {

/// KeyLogFile is the --keylog file: lines as NSS writes them, added to what is there already, as
/// SSLKEYLOGFILE is used; its owner alone may read it.
class KeyLogFile {
 public:
  /// Throws std::runtime_error, one line, when the file can't be opened.
  explicit KeyLogFile(const std::string& file);
  ~KeyLogFile();
  KeyLogFile(const KeyLogFile&) = delete;
  KeyLogFile& operator=(const KeyLogFile&) = delete;

  /// write adds lines. What can't be written is lost: the first time, a warning says so.
  void write(std::string_view lines);

 private:
  std::string name_;
  int file_ = -1;
  bool warned_ = false;
};

}  // namespace visavis::proxy
