#include "proxy/key_log_file.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace visavis::proxy {
namespace {

std::string error_text(int error) { return std::system_category().message(error); }

}  // namespace

KeyLogFile::KeyLogFile(const std::string& file) : name_("--keylog " + file) {
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, kOwnerOnly);
  if (file_ < 0) throw std::runtime_error(name_ + ": can't be written: " + error_text(errno));
  struct stat what {};
  const bool open_to_others =
      ::fstat(file_, &what) == 0 && S_ISREG(what.st_mode) && (what.st_mode & 0077) != 0;
  if (!open_to_others || ::fchmod(file_, kOwnerOnly) == 0) return;
  const int error = errno;
  ::close(file_);
  throw std::runtime_error(name_ +
                           ": others may read it, and that can't be changed: " + error_text(error));
}

KeyLogFile::~KeyLogFile() { ::close(file_); }

void KeyLogFile::write(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t count = ::write(file_, lines.data(), lines.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      if (!warned_) spdlog::warn("{}: can't be written: {}", name_, error_text(errno));
      warned_ = true;
      return;
    }
    lines.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace visavis::proxy
