#include "proxy/capture_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>

#include "inspect/capture/pcapng_writer.h"

namespace visavis::proxy {
namespace {

/// What one writev takes: a smaller call is less to take back, and a process that is killed leaves
/// its last call half done at most.
constexpr std::size_t kBlocksAtOnce = 256;
/// Of a small disk so large a part is room for more.
constexpr std::uint64_t kMinRoomPart = 20;
constexpr std::chrono::seconds kProbeInterval{5};

/// An id for a capture: nobody else's, and of no meaning.
std::string random_id() {
  std::random_device random;
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(random()));
  return text.data();
}

std::string error_text(int error) { return std::system_category().message(error); }

}  // namespace

CaptureFile::CaptureFile(const CaptureOptions& options) : options_(options), part_{random_id(), 1} {
  make_preamble();
  if (!open()) throw std::runtime_error("--capture " + options.file + ": " + problem_);
  struct stat what {};
  if (options.rotate_bytes > 0 && (::fstat(file_, &what) != 0 || !S_ISREG(what.st_mode)))
    throw std::runtime_error("--capture-rotate: " + options.file +
                             " is no file that can be renamed");
}

CaptureFile::~CaptureFile() { end_file(); }

std::filesystem::path CaptureFile::rotated_name(const std::filesystem::path& file,
                                                unsigned number) {
  std::filesystem::path name = file;
  return name.replace_extension("." + std::to_string(number) + file.extension().string());
}

void CaptureFile::make_preamble() {
  utsname machine{};
  ::uname(&machine);
  preamble_.clear();
  inspect::PcapngWriter writer(preamble_);
  writer.section({.hardware = machine.machine,
                  .system = std::string(machine.sysname) + ' ' + machine.release,
                  .application = "visavis " + options_.version,
                  .comment = "Packets are what visavis read from and wrote to its TCP connections: "
                             "addresses, ports, times and bytes are true, packet boundaries, "
                             "sequence numbers and TCP options are its own.",
                  .part = options_.rotate_bytes > 0 ? text(part_) : std::string()});
  for (const char* name : {"client leg", "backend leg", "direct leg"}) writer.interface(name);
}

/// Who owns a capture may see all that was said, and with secrets read it: nobody else may. A file
/// that is there already is begun anew.
bool CaptureFile::open() {
  size_ = 0;
  reserved_ = 0;
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  file_ = ::open(options_.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
                 kOwnerOnly);
  if (file_ < 0) return fail("can't be written: " + error_text(errno));
  struct stat what {};
  if (::fstat(file_, &what) == 0 && S_ISREG(what.st_mode) && (what.st_mode & 0077) != 0 &&
      ::fchmod(file_, kOwnerOnly) != 0)
    return give_up("others may read it, and that can't be changed: " + error_text(errno));
  struct statfs where {};  // in memory there is nothing to find, and it would be cleared twice
  reserves_ = ::fstatfs(file_, &where) == 0 && where.f_type != TMPFS_MAGIC;
  const CaptureBlock header{preamble_};
  return write_some({&header, 1}) == 1 || give_up(std::string(problem_));
}

/// To be tried again with the next write.
bool CaptureFile::give_up(const std::string& what) {
  ::close(file_);
  file_ = -1;
  return fail(what);
}

bool CaptureFile::fail(const std::string& what) {
  problem_ = what;
  return false;
}

std::uint64_t CaptureFile::left_of_limit() const {
  if (!options_.limit) return std::numeric_limits<std::uint64_t>::max();
  return *options_.limit - std::min(written_, *options_.limit);
}

/// The size at which this file ends, if it grows by so much.
std::uint64_t CaptureFile::end_after(std::uint64_t bytes) const {
  std::uint64_t end = size_ + std::min(bytes, left_of_limit());
  if (options_.rotate_bytes > 0) end = std::min(end, options_.rotate_bytes);
  return std::max(end, size_);
}

/// What a disk calls free may be kept for others, and what it calls used be our own reservation:
/// only reserving tells, but on a disk that is nearly full it takes from others what there is.
bool CaptureFile::has_room() {
  struct stat what {};
  struct statvfs disk {};
  if (::fstat(file_, &what) != 0 || !S_ISREG(what.st_mode) || ::fstatvfs(file_, &disk) != 0 ||
      disk.f_blocks == 0)
    return true;
  std::uint64_t room =
      std::min<std::uint64_t>(kMinRoom, disk.f_blocks * disk.f_frsize / kMinRoomPart);
  if (options_.rotate_bytes > 0) room = std::min(room, options_.rotate_bytes);
  room = std::min(room, left_of_limit());
  const std::uint64_t place = end_after(room);
  rlimit allowed{};
  if (::getrlimit(RLIMIT_FSIZE, &allowed) == 0 && place > allowed.rlim_cur) return false;
  const std::uint64_t own = std::max(reserved_, size_) - size_;
  if (own >= room) return true;
  const bool as_root = ::geteuid() == 0;  // who mostly may take the last of a disk
  const std::uint64_t free = (as_root ? disk.f_bfree : disk.f_bavail) * disk.f_frsize;
  const auto now = std::chrono::steady_clock::now();
  if (free + own < room || now < probe_again_) return false;
  if (reserve_upto(place)) return true;
  if (errno != ENOSPC && errno != EDQUOT) return disk.f_bavail * disk.f_frsize >= room;
  probe_again_ = now + kProbeInterval;
  return false;
}

std::size_t CaptureFile::write(std::span<const CaptureBlock> blocks) {
  problem_.clear();
  std::size_t done = 0;
  while (done < blocks.size() && !limit_reached_) {
    if (file_ < 0 && !open()) return done;
    std::size_t count = 0;
    std::uint64_t bytes = 0;
    bool full = false;
    bool over_limit = false;
    while (done + count < blocks.size() && count < kBlocksAtOnce) {
      const std::uint64_t more = blocks[done + count].size();
      full = options_.rotate_bytes > 0 && size_ + bytes > preamble_.size() &&
             size_ + bytes + more > options_.rotate_bytes;
      over_limit = options_.limit && written_ + bytes + more > *options_.limit;
      if (full || over_limit) break;
      bytes += more;
      ++count;
    }
    const std::size_t taken = write_some(blocks.subspan(done, count));
    done += taken;
    if (taken < count) return done;
    limit_reached_ = over_limit;
    if (!full || limit_reached_) continue;
    rotate();
    if (file_ < 0 || !problem_.empty()) return done;
  }
  return done;
}

void CaptureFile::rotate() {
  std::error_code error;  // in the end that of the newest file: an older one may not be there yet
  const bool removed = !std::filesystem::exists(options_.file, error);
  for (unsigned number = options_.rotate_files; number > 1 && !removed; --number) {
    const auto newer = number == 2 ? std::filesystem::path(options_.file)
                                   : rotated_name(options_.file, number - 2);
    std::filesystem::rename(newer, rotated_name(options_.file, number - 1), error);
  }
  if (error && !removed) {
    fail("can't be renamed: " + error.message());
    return;
  }
  end_file();
  ++part_.number;
  make_preamble();
  open();
}

void CaptureFile::end_file() {
  if (file_ < 0) return;
  if (reserved_ > size_) (void)!::ftruncate(file_, static_cast<off_t>(size_));
  ::close(file_);
  file_ = -1;
}

/// For so many bytes more, up to whole steps: from odd places on it is no gain (ext4). Where it
/// can't be done (a disk nearly full, a pipe) nothing is lost: writing finds out what there is.
void CaptureFile::reserve(std::uint64_t bytes) {
  const std::uint64_t end = size_ + bytes;
  if (!reserves_ || end <= reserved_ || end < kReserveFrom) return;
  const std::uint64_t upto = (end / kReserveStep + 1) * kReserveStep;
  reserves_ = reserve_upto(end_after(upto - size_)) || errno == EINTR;
}

/// False: it can't be done, and errno says why. What was reserved until then is given back: others
/// may need it more.
bool CaptureFile::reserve_upto(std::uint64_t place) {
  const std::uint64_t from = std::max(reserved_, size_);
  if (place <= from || ::fallocate(file_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                                   static_cast<off_t>(place - from)) == 0) {
    reserved_ = std::max(from, place);
    return true;
  }
  const int error = errno;
  if (::ftruncate(file_, static_cast<off_t>(size_)) == 0) reserved_ = size_;
  errno = error;
  return false;
}

/// One write of whole blocks: how many the disk has taken.
std::size_t CaptureFile::write_some(std::span<const CaptureBlock> blocks) {
  if (blocks.empty()) return 0;
  std::array<iovec, 3 * kBlocksAtOnce> pieces;
  std::size_t pieces_count = 0;
  std::uint64_t bytes = 0;
  for (const CaptureBlock& block : blocks) {
    for (const inspect::Bytes piece : {block.head, block.payload, block.tail})
      if (!piece.empty())  // writev does not write to what it is given
        pieces[pieces_count++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
    bytes += block.size();
  }
  reserve(bytes);
  const std::uint64_t taken = write_pieces({pieces.data(), pieces_count});
  std::size_t done = 0;
  std::uint64_t whole = 0;  // bytes of whole blocks
  while (done < blocks.size() && whole + blocks[done].size() <= taken)
    whole += blocks[done++].size();
  size_ += whole;
  written_ += whole;
  if (done < blocks.size()) take_back();
  return done;
}

/// Returns how many bytes: less than all of them where the disk takes no more.
std::uint64_t CaptureFile::write_pieces(std::span<iovec> left) {
  std::uint64_t written = 0;
  while (!left.empty()) {
    const ssize_t count = ::writev(file_, left.data(), static_cast<int>(left.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fail("can't be written: " + error_text(errno));
      break;
    }
    written += static_cast<std::uint64_t>(count);
    auto taken = static_cast<std::size_t>(count);
    while (!left.empty() && taken >= left.front().iov_len) {
      taken -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (left.empty()) break;
    left.front().iov_base = static_cast<std::uint8_t*>(left.front().iov_base) + taken;
    left.front().iov_len -= taken;
  }
  return written;
}

/// A block that is half there would end the file for every reader. What is no regular file (a pipe)
/// keeps what it got.
void CaptureFile::take_back() {
  const auto end = static_cast<off_t>(size_);
  if (::ftruncate(file_, end) == 0) (void)::lseek(file_, end, SEEK_SET);
  reserved_ = size_;  // the rest was given back with it
}

}  // namespace visavis::proxy
