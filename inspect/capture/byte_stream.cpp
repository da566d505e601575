#include "inspect/capture/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace visavis::inspect {
namespace {

/// Large enough that system calls don't count, small enough to stay in the cache.
constexpr std::size_t kBufferBytes = 256U * 1024;

}  // namespace

ByteStream::ByteStream(const std::vector<std::string>& files) : buffer_(kBufferBytes) {
  bool sized = true;
  for (const std::string& file : files) {
    files_.push_back({.name = file});
    int& descriptor = files_.back().descriptor;
    descriptor = file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      const int error = errno;
      close_all();
      throw FileError(error, file);
    }
    struct stat facts {};
    sized = sized && ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
    if (sized) size_ += static_cast<std::uint64_t>(facts.st_size);
  }
  if (!sized) size_ = 0;
}

ByteStream::~ByteStream() { close_all(); }

void ByteStream::close_all() {
  for (File& file : files_)
    if (file.descriptor >= 0) ::close(std::exchange(file.descriptor, -1));
}

ByteStream::Place ByteStream::place(std::uint64_t offset) const {
  Place place{0, offset};
  for (std::size_t i = 1; i < files_.size() && i <= current_ && files_[i].begin <= offset; ++i)
    place = {i, offset - files_[i].begin};
  return place;
}

Bytes ByteStream::refill(std::size_t count) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < count && current_ < files_.size()) buffer_.resize(count);
  while (end_ < count && current_ < files_.size()) {
    File& file = files_[current_];
    if (file.ended) {
      if (end_ > 0) break;  // the next file's bytes don't stand together with these
      if (++current_ < files_.size()) files_[current_].begin = received_;
      continue;
    }
    const ssize_t got = ::read(file.descriptor, buffer_.data() + end_, buffer_.size() - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw FileError(errno, file.name);
    file.ended = got == 0;
    received_ += static_cast<std::uint64_t>(got);
    end_ += static_cast<std::size_t>(got);
  }
  return Bytes(buffer_).first(std::min(count, end_));
}

}  // namespace visavis::inspect
