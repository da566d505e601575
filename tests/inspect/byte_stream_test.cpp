#include "inspect/capture/byte_stream.h"

#include <gtest/gtest.h>

#include <fstream>
#include <system_error>

#include "inspect/capture/capture_part.h"
#include "tests/support/process.h"

namespace visavis::inspect {
namespace {

class ByteStreamTest : public ::testing::Test {
 protected:
  /// A file of bytes that count on from `first`, modulo 251.
  std::string counting(const std::string& name, std::size_t first, std::size_t size) {
    const std::string file = (folder_.path() / name).string();
    std::ofstream out(file, std::ios::binary);
    for (std::size_t i = 0; i < size; ++i) out.put(static_cast<char>((first + i) % 251));
    return file;
  }

  testing::TemporaryDirectory folder_;
};

TEST_F(ByteStreamTest, ReadsAFileThroughItsBuffer) {
  constexpr std::size_t kSize = 1'000'003;
  const std::string file = counting("file", 0, kSize);
  ByteStream stream{std::filesystem::path(file)};
  EXPECT_EQ(stream.size(), kSize);
  std::size_t step = 1;
  while (!stream.peek(1).empty()) {
    const Bytes bytes = stream.peek(step);
    for (std::size_t i = 0; i < bytes.size(); i += 97)
      ASSERT_EQ(bytes[i], (stream.offset() + i) % 251);
    stream.skip(bytes.size());
    step = step * 3 % 400'009 + 1;
  }
  EXPECT_EQ(stream.offset(), kSize);
  EXPECT_THROW(ByteStream{folder_.path() / "none"}, std::system_error);
}

TEST_F(ByteStreamTest, ReadsFilesOneBehindTheOther) {
  const std::vector<std::string> files{counting("a", 0, 300'001), counting("b", 300'001, 0),
                                       counting("c", 300'001, 10), counting("d", 300'011, 500'000)};
  ByteStream stream(files);
  EXPECT_EQ(stream.size(), 800'011U);
  while (!stream.peek(1).empty()) {
    const Bytes bytes = stream.peek(100'003);
    EXPECT_EQ(stream.place(stream.offset()).file,
              stream.place(stream.offset() + bytes.size() - 1).file);  // never over a file's end
    for (std::size_t i = 0; i < bytes.size(); ++i) ASSERT_EQ(bytes[i], (stream.offset() + i) % 251);
    stream.skip(bytes.size());
  }
  EXPECT_EQ(stream.offset(), 800'011U);
  const auto expect_place = [&](std::uint64_t offset, std::size_t file, std::uint64_t byte) {
    const ByteStream::Place place = stream.place(offset);
    EXPECT_EQ(place.file, file) << offset;
    EXPECT_EQ(place.byte, byte) << offset;
  };
  expect_place(0, 0, 0);
  expect_place(300'000, 0, 300'000);
  expect_place(300'001, 2, 0);
  expect_place(300'010, 2, 9);
  expect_place(300'011, 3, 0);
  expect_place(800'011, 3, 500'000);
  EXPECT_THROW((ByteStream{std::vector{files[0], files[1] + "none"}}), std::system_error);
}

TEST(CapturePart, IsReadAsItIsWritten) {
  const CapturePart part{"1f00c3d2", 12};
  EXPECT_EQ(text(part), "file 12 of the rotated capture 1f00c3d2");
  EXPECT_EQ(parse_capture_part(text(part)), part);
  EXPECT_TRUE(part.goes_on_in({"1f00c3d2", 13}));
  EXPECT_FALSE(part.goes_on_in({"1f00c3d2", 12}));
  EXPECT_FALSE(part.goes_on_in({"1f00c3d3", 13}));
  for (const std::string_view other :
       {"", "file ", "file 12", "file 0 of the rotated capture 1f",
        "file x of the rotated capture 1", "file 99999999999999999999 of the rotated capture 1",
        "file 1 of the rotated capture ",
        "file 1 of the rotated capture 0123456789abcdef0123456789abcdef0", "Files of a capture"})
    EXPECT_EQ(parse_capture_part(other), std::nullopt) << other;
  const std::string whole = text(part);
  for (std::size_t length = 0; length < whole.size() - part.capture.size() + 1; ++length)
    EXPECT_EQ(parse_capture_part(whole.substr(0, length)).has_value(),
              length > whole.size() - part.capture.size())
        << length;
}

}  // namespace
}  // namespace visavis::inspect
