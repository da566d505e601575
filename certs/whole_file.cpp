#include "certs/whole_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace visavis::certs {
namespace {

[[noreturn]] void fail(std::string_view doing, const std::filesystem::path& file, int error) {
  std::string cause = std::generic_category().message(error);
  if (error == EFBIG && doing == "read")
    cause += " (over " + std::to_string(kMaxFileBytes >> 20) + " MiB)";
  throw FileError("cannot " + std::string(doing) + " " + file.string() + ": " + cause, error);
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int value() const { return descriptor_; }

 private:
  int descriptor_;
};

void write_all(int descriptor, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", file, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// A rename is safe against a crash only once the directory is on the disk too.
void sync_directory(const std::filesystem::path& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.value() >= 0) ::fsync(opened.value());
}

}  // namespace

std::string read_whole_file(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.value() < 0) fail("read", file, errno);
  std::string text;
  std::array<char, 16384> chunk{};
  for (;;) {
    const ssize_t count = ::read(opened.value(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", file, errno);
    if (count == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxFileBytes) fail("read", file, EFBIG);
  }
}

void write_whole_file(const std::filesystem::path& file, std::string_view text, unsigned mode) {
  const std::filesystem::path directory = file.has_parent_path() ? file.parent_path() : ".";
  std::string name = ".";
  name += file.filename().string();
  name += ".XXXXXX";
  std::string temporary = (directory / name).string();
  // mkostemp creates the file 0600 and new, so a secret is never open to others, not even at first.
  const Descriptor opened(::mkostemp(temporary.data(), O_CLOEXEC));
  if (opened.value() < 0) fail("write", file, errno);
  try {
    write_all(opened.value(), text, file);
    if (::fchmod(opened.value(), mode) != 0 || ::fsync(opened.value()) != 0 ||
        ::rename(temporary.c_str(), file.c_str()) != 0)
      fail("write", file, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_directory(directory);
}

DirectoryLock::DirectoryLock(const std::filesystem::path& directory)
    : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail("open", directory, errno);
  while (::flock(descriptor_, LOCK_EX) != 0) {
    const int error = errno;
    if (error == EINTR) continue;
    ::close(descriptor_);
    fail("lock", directory, error);
  }
}

DirectoryLock::~DirectoryLock() { ::close(descriptor_); }

}  // namespace visavis::certs
