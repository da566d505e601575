#include "proxy/har_file.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace visavis::proxy {
namespace {

/// Entries that wait for a flush, at most.
constexpr std::size_t kMaxHeldBytes = 1U * 1024 * 1024;

std::string error_text(int error) { return std::system_category().message(error); }

/// False: errno says why.
bool write_at(int file, std::uint64_t at, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += static_cast<std::uint64_t>(count);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

HarFile::HarFile(const std::filesystem::path& file, std::string version)
    : name_("--har " + file.string()), writer_(std::move(version)) {
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                 kOwnerOnly);
  const auto refuse = [this](const std::string& why) {
    if (file_ >= 0) ::close(file_);
    throw std::runtime_error(name_ + ": " + why);
  };
  if (file_ < 0) refuse("can't be written: " + error_text(errno));
  struct stat what {};
  if (::fstat(file_, &what) != 0 || !S_ISREG(what.st_mode))
    refuse("is no file on a disk, and its end has to be written again and again");
  if ((what.st_mode & 0077) != 0 && ::fchmod(file_, kOwnerOnly) != 0)
    refuse("others may read it, and that can't be changed: " + error_text(errno));
  if (!write(writer_.begin())) refuse("can't be written: " + error_text(errno));
}

HarFile::~HarFile() {
  flush();
  if (file_ >= 0) ::close(file_);
}

void HarFile::take(const inspect::SessionReport& session) {
  if (file_ < 0) return;
  entries_ += writer_.session(session);
  if (entries_.size() > kMaxHeldBytes) flush();
}

void HarFile::flush() {
  if (file_ < 0 || entries_.empty()) return;
  if (!write(entries_)) {
    spdlog::warn("{}: can't be written: {}; it ends before this session", name_, error_text(errno));
    // The blocks behind it are given back, so that there is room for the end.
    if (::ftruncate(file_, static_cast<off_t>(end_)) == 0)
      (void)write_at(file_, end_, inspect::HarWriter::end());
    ::close(file_);
    file_ = -1;
  }
  entries_.clear();
}

/// In one call as long as the disk takes it: entries and the document's end behind them.
bool HarFile::write(const std::string& entries) {
  if (!write_at(file_, end_, entries + inspect::HarWriter::end())) return false;
  end_ += entries.size();
  return true;
}

}  // namespace visavis::proxy
