#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace visavis::inspect {

/// ZipArchive collects files and makes a zip archive of them, in memory.
class ZipArchive {
 public:
  /// `modified_s` is the time that every file in it has, in seconds since 1970.
  explicit ZipArchive(std::int64_t modified_s) : modified_s_(modified_s) {}

  void add(std::string name, std::string contents);
  /// checksums returns a line for each file so far, as sha256sum writes and checks them.
  [[nodiscard]] std::string checksums() const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// bytes returns the archive. Throws std::runtime_error, one line, where libzip can't make it.
  [[nodiscard]] std::string bytes() const;

 private:
  std::int64_t modified_s_;
  std::deque<std::pair<std::string, std::string>> files_;
};

}  // namespace visavis::inspect
