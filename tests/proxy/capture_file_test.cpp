#include "proxy/capture_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "inspect/capture/capture_reader.h"
#include "inspect/capture/pcapng_writer.h"
#include "tests/support/process.h"

namespace visavis::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Block = std::vector<std::uint8_t>;

/// A packet's block whose payload names it.
Block block(std::uint8_t name, std::size_t payload = 1000) {
  Block bytes;
  const Block body(payload, name);
  inspect::PcapngWriter(bytes).packet(0, 1'700'000'000'000'000, {}, body, payload);
  return bytes;
}

/// In three pieces each: the file is the same.
std::vector<CaptureBlock> views(const std::vector<Block>& blocks) {
  std::vector<CaptureBlock> views;
  for (const inspect::Bytes block : blocks)
    views.push_back({block.first(28), block.subspan(28, block.size() - 32), block.last(4)});
  return views;
}

/// The names of a file's packets; the file must be whole.
std::vector<int> packets_of(const std::filesystem::path& file) {
  inspect::ByteStream stream(file);
  inspect::CaptureReader reader(stream);
  inspect::CapturedPacket packet;
  std::vector<int> names;
  while (reader.next(packet)) names.push_back(packet.bytes.front());
  EXPECT_FALSE(reader.problem().has_value());
  EXPECT_EQ(reader.interfaces().size(), CaptureFile::kInterfaces);
  return names;
}

std::optional<inspect::CapturePart> part_of(const std::filesystem::path& file) {
  inspect::ByteStream stream(file);
  inspect::CaptureReader reader(stream);
  inspect::CapturedPacket packet;
  (void)reader.next(packet);
  return reader.part();
}

class CaptureFileTest : public ::testing::Test {
 protected:
  CaptureFileTest() {
    options_.file = (folder_.path() / "case.pcapng").string();
    options_.version = "1.2.3";
  }
  [[nodiscard]] std::string refusal() const {
    try {
      const CaptureFile file(options_);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "none";
  }

  visavis::testing::TemporaryDirectory folder_;
  CaptureOptions options_;
};

TEST_F(CaptureFileTest, IsItsOwnersOnlyAndBegunAnew) {
  std::ofstream(options_.file) << "something else";
  ::chmod(options_.file.c_str(), 0644);
  CaptureFile file(options_);
  EXPECT_THAT(packets_of(options_.file), ElementsAre());
  struct stat what {};
  ASSERT_EQ(::stat(options_.file.c_str(), &what), 0);
  EXPECT_EQ(what.st_mode & 0777U, 0600U);
  EXPECT_EQ(file.write(views({block(1), block(2)})), 2U);
  EXPECT_THAT(packets_of(options_.file), ElementsAre(1, 2));
  EXPECT_EQ(part_of(options_.file), std::nullopt);
  EXPECT_THAT(visavis::testing::whole_text(options_.file), HasSubstr("visavis 1.2.3"));
}

TEST_F(CaptureFileTest, ThatCantBeWrittenIsAnErrorOfTheStart) {
  options_.file = folder_.path().string();
  EXPECT_EQ(refusal(), "--capture " + options_.file + ": can't be written: Is a directory");
  options_.file = "/dev/full";
  EXPECT_EQ(refusal(), "--capture /dev/full: can't be written: No space left on device");
  options_.file = "/dev/null";
  options_.rotate_bytes = CaptureFile::kMinRotateBytes;
  EXPECT_EQ(refusal(), "--capture-rotate: /dev/null is no file that can be renamed");
}

TEST_F(CaptureFileTest, RotatesAndKeepsSoMany) {
  options_.rotate_bytes = CaptureFile::kMinRotateBytes;
  options_.rotate_files = 3;
  CaptureFile file(options_);
  for (std::uint8_t name = 1; name <= 9; ++name)  // two fit
    EXPECT_EQ(file.write(views({block(name, 50'000)})), 1U);
  EXPECT_THAT(packets_of(options_.file), ElementsAre(9));
  EXPECT_THAT(packets_of(CaptureFile::rotated_name(options_.file, 1)), ElementsAre(7, 8));
  EXPECT_THAT(packets_of(CaptureFile::rotated_name(options_.file, 2)), ElementsAre(5, 6));
  EXPECT_FALSE(std::filesystem::exists(CaptureFile::rotated_name(options_.file, 3)));
  const auto newest = part_of(options_.file);
  const auto before = part_of(CaptureFile::rotated_name(options_.file, 1));
  ASSERT_TRUE(newest && before);
  EXPECT_EQ(newest->number, 5U);
  EXPECT_TRUE(before->goes_on_in(*newest));
  EXPECT_EQ(CaptureFile::rotated_name(options_.file, 2), folder_.path() / "case.2.pcapng");
  EXPECT_EQ(CaptureFile::rotated_name("case", 1), "case.1");
}

TEST_F(CaptureFileTest, RotatesWithinOneWrite) {
  options_.rotate_bytes = CaptureFile::kMinRotateBytes;
  options_.rotate_files = 1;
  CaptureFile file(options_);
  EXPECT_EQ(file.write(views({block(1, 50'000), block(2, 50'000), block(3, 50'000)})), 3U);
  EXPECT_THAT(packets_of(options_.file), ElementsAre(3));
}

TEST_F(CaptureFileTest, EndsAtItsLimit) {
  options_.limit = 3000;
  CaptureFile file(options_);
  EXPECT_EQ(file.write(views({block(1), block(2), block(3), block(4)})), 2U);
  EXPECT_TRUE(file.limit_reached());
  EXPECT_EQ(file.problem(), "");
  EXPECT_EQ(file.write(views({block(5, 1)})), 0U);
  EXPECT_THAT(packets_of(options_.file), ElementsAre(1, 2));
}

/// Somebody made room: what is written from then on is kept.
TEST_F(CaptureFileTest, RotatesWhenItsNewestFileWasRemoved) {
  options_.rotate_bytes = CaptureFile::kMinRotateBytes;
  options_.rotate_files = 3;
  CaptureFile file(options_);
  EXPECT_EQ(file.write(views({block(1, 100'000), block(2, 100'000)})), 2U);
  std::filesystem::remove(options_.file);
  EXPECT_EQ(file.write(views({block(3, 100'000)})), 1U);
  EXPECT_EQ(file.problem(), "");
  EXPECT_THAT(packets_of(options_.file), ElementsAre(3));
  EXPECT_THAT(packets_of(CaptureFile::rotated_name(options_.file, 1)), ElementsAre(1));
}

/// When the next file can't be made (here: no descriptor is left), what there is stays, however
/// often it is tried again.
TEST_F(CaptureFileTest, KeepsOlderFilesWhenTheNextCantBeMade) {
  options_.rotate_bytes = CaptureFile::kMinRotateBytes;
  options_.rotate_files = 4;
  CaptureFile file(options_);
  EXPECT_EQ(file.write(views({block(1, 100'000), block(2, 100'000)})), 2U);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int attempt = 0; attempt < 6; ++attempt)
    EXPECT_EQ(file.write(views({block(3, 100'000)})), 0U) << attempt;
  const std::string problem = file.problem();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(problem, "can't be written: Too many open files");
  EXPECT_TRUE(file.has_room());
  EXPECT_EQ(file.write(views({block(3, 100'000)})), 1U);
  EXPECT_THAT(packets_of(options_.file), ElementsAre(3));
  EXPECT_THAT(packets_of(CaptureFile::rotated_name(options_.file, 1)), ElementsAre(2));
  EXPECT_THAT(packets_of(CaptureFile::rotated_name(options_.file, 2)), ElementsAre(1));
  EXPECT_EQ(part_of(options_.file).value_or(inspect::CapturePart{}).number, 3U);
}

/// What a file takes on the disk, in bytes.
std::uint64_t taken_by(const std::filesystem::path& file) {
  struct stat what {};
  EXPECT_EQ(::stat(file.c_str(), &what), 0);
  return static_cast<std::uint64_t>(what.st_blocks) * 512;
}

/// Whether room is reserved ahead in that folder: not in memory, and not by every disk.
bool reserves_in(const std::filesystem::path& folder) {
  struct statfs where {};
  EXPECT_EQ(::statfs(folder.c_str(), &where), 0);
  const std::string name = (folder / "probe").string();
  const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  (void)::fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 1'000'000);
  ::close(file);
  return taken_by(name) >= 1'000'000 && where.f_type != TMPFS_MAGIC;
}

/// Room on the disk is reserved ahead, and given back with the end of the file. A file in memory
/// reserves nothing.
TEST_F(CaptureFileTest, LeavesNoReservedRoomBehind) {
  const std::vector<Block> blocks(100, block(1, 60'000));
  constexpr std::uint64_t kSlack = 256U * 1024;  // of the disk's own blocks
  {
    CaptureFile file(options_);
    EXPECT_EQ(file.write(views({block(1)})), 1U);
    EXPECT_LE(taken_by(options_.file), kSlack) << "a small file is left as it is";
    EXPECT_EQ(file.write(views(blocks)), blocks.size());
    const std::uint64_t size = std::filesystem::file_size(options_.file);
    const bool reserves = reserves_in(folder_.path());
    EXPECT_GE(taken_by(options_.file), reserves ? 15'000'000U : 0U);
    EXPECT_LE(taken_by(options_.file),
              reserves ? CaptureFile::kReserveStep + kSlack : size + kSlack);
  }
  EXPECT_EQ(packets_of(options_.file).size(), 101U);
  EXPECT_LE(taken_by(options_.file), std::filesystem::file_size(options_.file) + kSlack);
}

TEST_F(CaptureFileTest, ReservesNoMoreThanItMayTake) {
  options_.limit = 7'000'000;
  options_.rotate_bytes = 4'000'000;
  options_.rotate_files = 2;
  const std::vector<Block> blocks(55, block(1, 60'000));
  constexpr std::uint64_t kSlack = 256U * 1024;
  CaptureFile file(options_);
  const auto expect_reserved = [this] {
    if (!reserves_in(folder_.path())) return;
    EXPECT_GT(taken_by(options_.file), std::filesystem::file_size(options_.file) + kSlack);
  };
  EXPECT_EQ(file.write(views(blocks)), blocks.size());
  EXPECT_LE(taken_by(options_.file), options_.rotate_bytes + kSlack);
  expect_reserved();
  EXPECT_EQ(file.write(views(blocks)), blocks.size());
  ASSERT_GT(std::filesystem::file_size(options_.file), CaptureFile::kReserveFrom);
  EXPECT_LE(taken_by(options_.file), *options_.limit - options_.rotate_bytes + kSlack);
  expect_reserved();
  EXPECT_LE(taken_by(CaptureFile::rotated_name(options_.file, 1)), options_.rotate_bytes + kSlack);
  EXPECT_LT(file.write(views(blocks)), blocks.size());
  EXPECT_TRUE(file.limit_reached());
}

/// Whether there is room is found out by reserving it, which is given back with the file's end.
TEST_F(CaptureFileTest, ReservesTheRoomThatItHas) {
  struct Case {
    std::uint64_t rotate;
    std::optional<std::uint64_t> limit;
    std::uint64_t room;
  };
  for (const Case& each : {Case{0, {}, CaptureFile::kMinRoom}, Case{1'000'000, {}, 1'000'000},
                           Case{0, 2'000'000, 2'000'000}, Case{0, 100, 0}}) {
    options_.rotate_bytes = each.rotate;
    options_.rotate_files = 2;
    options_.limit = each.limit;
    constexpr std::uint64_t kSlack = 256U * 1024;
    {
      CaptureFile file(options_);
      EXPECT_TRUE(file.has_room());
      EXPECT_LE(taken_by(options_.file), each.room + kSlack) << each.room;
      const std::uint64_t least = reserves_in(folder_.path()) ? each.room : 0;
      EXPECT_GE(taken_by(options_.file) + kSlack, least) << each.room;
    }
    EXPECT_LE(taken_by(options_.file), kSlack) << each.room;
  }
}

/// A file that may not grow behaves as one on a full disk: of a write some is taken, and then none.
TEST_F(CaptureFileTest, StaysWholeOnAFullDiskAndGoesOnAfterwards) {
  CaptureFile file(options_);
  ASSERT_EQ(file.write(views({block(1)})), 1U);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{std::filesystem::file_size(options_.file) + 1500, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::vector<Block> blocks{block(2), block(3), block(4)};
  const std::size_t written = file.write(views(blocks));
  const std::string problem = file.problem();
  const std::size_t again = file.write(views({block(4)}));
  const bool has_room = file.has_room();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(written, 1U);
  EXPECT_FALSE(has_room);
  EXPECT_EQ(problem, "can't be written: File too large");
  EXPECT_EQ(again, 0U);
  EXPECT_THAT(packets_of(options_.file), ElementsAre(1, 2));
  EXPECT_TRUE(file.has_room());
  EXPECT_EQ(file.write(views({block(3), block(4)})), 2U);
  EXPECT_EQ(file.problem(), "");
  EXPECT_THAT(packets_of(options_.file), ElementsAre(1, 2, 3, 4));
}

/// That a later block goes beyond the limit is no reason when the disk took an earlier one not.
TEST_F(CaptureFileTest, OnAFullDiskIsNotAtItsLimit) {
  options_.limit = 3000;
  CaptureFile file(options_);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{std::filesystem::file_size(options_.file) + 1500, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::vector<Block> blocks{block(1), block(2), block(3), block(4)};
  const std::size_t written = file.write(views(blocks));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(written, 1U);
  EXPECT_FALSE(file.limit_reached());
  EXPECT_EQ(file.problem(), "can't be written: File too large");
  EXPECT_EQ(file.write(views({block(2)})), 1U);
  EXPECT_EQ(file.write(views({block(3), block(4)})), 0U);
  EXPECT_TRUE(file.limit_reached());
  EXPECT_THAT(packets_of(options_.file), ElementsAre(1, 2));
}

}  // namespace
}  // namespace visavis::proxy
