#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// FileError is that a file can't be opened or read.
class FileError : public std::system_error {
 public:
  FileError(int error, std::string file)
      : std::system_error(error, std::generic_category(),
                          file == "-" ? std::string("standard input") : file),
        file_(std::move(file)) {}
  /// file returns its name as it was given.
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
};

/// ByteStream reads files one behind the other, or standard input, once and in order, through one
/// buffer: memory does not grow with the files.
class ByteStream {
 public:
  /// Opens a file for reading; "-" is standard input. Throws FileError.
  explicit ByteStream(const std::filesystem::path& file)
      : ByteStream(std::vector<std::string>{file.string()}) {}
  explicit ByteStream(const std::vector<std::string>& files);
  /// Reads bytes that are in memory already; copies them.
  explicit ByteStream(Bytes bytes)
      : buffer_(bytes.begin(), bytes.end()), end_(bytes.size()), size_(bytes.size()) {}
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// peek returns the next `count` bytes, fewer only where the file that they are in ends before:
  /// behind its last byte the next one begins. Valid until the next call. Throws FileError when
  /// reading fails.
  Bytes peek(std::size_t count) {
    return end_ - begin_ >= count ? Bytes(buffer_).subspan(begin_, count) : refill(count);
  }
  /// skip passes over bytes that were peeked.
  void skip(std::size_t count) {
    begin_ += count;
    offset_ += count;
  }
  /// offset counts the bytes passed over since the start.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// Place is a byte of one of the files.
  struct Place {
    std::size_t file = 0;
    std::uint64_t byte = 0;
  };
  /// place says where an offset that was read already lies.
  [[nodiscard]] Place place(std::uint64_t offset) const;
  /// size returns the files' size; 0 where one has none (a pipe).
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  /// File is one of them, open until it is read.
  struct File {
    std::string name;
    int descriptor = -1;
    bool ended = false;
    std::uint64_t begin = 0;  // its first byte's offset, when it is read
  };

  Bytes refill(std::size_t count);
  void close_all();

  std::vector<File> files_;
  std::size_t current_ = 0;     // in files_; behind them all: everything was read
  std::uint64_t received_ = 0;  // bytes
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace visavis::inspect
