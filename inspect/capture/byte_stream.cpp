#include "inspect/capture/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace visavis::inspect {
namespace {

/// Large enough that system calls don't count, small enough to stay in the cache.
constexpr std::size_t kBufferBytes = 256U * 1024;

[[noreturn]] void fail(const std::string& name) {
  throw std::system_error(errno, std::generic_category(), name);
}

}  // namespace

ByteStream::ByteStream(const std::filesystem::path& file)
    : name_(file == "-" ? "standard input" : file.string()), buffer_(kBufferBytes) {
  descriptor_ = file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(name_);
  struct stat facts {};
  if (::fstat(descriptor_, &facts) == 0 && S_ISREG(facts.st_mode))
    size_ = static_cast<std::uint64_t>(facts.st_size);
}

ByteStream::~ByteStream() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Bytes ByteStream::refill(std::size_t count) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < count && !ended_) buffer_.resize(count);
  while (end_ < count && !ended_) {
    const ssize_t got = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(name_);
    ended_ = got == 0;
    end_ += static_cast<std::size_t>(got);
  }
  return Bytes(buffer_).first(std::min(count, end_));
}

}  // namespace visavis::inspect
