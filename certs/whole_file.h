#pragma once
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace visavis::certs {

/// Bytes of a certificate or key file, at most. The largest bundles of roots have some 300 KB; the
/// limit keeps a wrongly named disk image out of memory.
inline constexpr std::size_t kMaxFileBytes = 16U << 20;

/// FileError is a file that can't be read or written; `number` is the system's errno.
class FileError : public std::runtime_error {
 public:
  FileError(const std::string& what, int number_of_cause)
      : std::runtime_error(what), number(number_of_cause) {}
  int number;
};

/// read_whole_file reads a file or a pipe. Throws FileError, "cannot read FILE: cause".
[[nodiscard]] std::string read_whole_file(const std::filesystem::path& file);

/// write_whole_file puts `text` into `file` with exactly these permission bits, whole or not at
/// all: a temporary file beside it, fsync, rename, fsync of the directory. Throws FileError,
/// "cannot write FILE: cause".
void write_whole_file(const std::filesystem::path& file, std::string_view text, unsigned mode);

/// DirectoryLock holds a directory for one process (and one thread of it) at a time, by flock on
/// the directory itself; the lock goes with the process. The constructor waits; it throws
/// std::runtime_error when the directory cannot be opened or locked.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace visavis::certs
