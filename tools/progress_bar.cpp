#include "tools/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <utility>

namespace visavis::tools {
namespace {

constexpr int kUsualColumns = 80;
constexpr std::size_t kBarColumns = 30;
constexpr std::size_t kNameColumns = 12;  // of a file's name, at least

constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};

std::size_t unit_of(std::uint64_t bytes) {
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes >> (10 * (unit + 1)) > 0) ++unit;
  return unit;
}

/// One decimal, but for bytes.
std::string amount(std::uint64_t bytes, std::size_t unit) {
  if (unit == 0) return std::to_string(bytes);
  const auto tenths = static_cast<std::uint64_t>(
      std::floor(static_cast<double>(bytes) * 10 / std::exp2(10 * static_cast<double>(unit))));
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

int columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

/// A name may hold anything; on a terminal it stays one line.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; }, '?');
  return text;
}

}  // namespace

std::string progress_line(const std::string& file, std::uint64_t bytes, std::uint64_t size,
                          int columns) {
  const auto room = static_cast<std::size_t>(std::max(columns, 1));
  const std::size_t unit = unit_of(size > 0 ? size : bytes);
  std::string line = amount(bytes, unit);
  if (size > 0) {
    const std::uint64_t done = std::min(bytes, size);
    const auto percent =
        static_cast<unsigned>(static_cast<double>(done) * 100 / static_cast<double>(size));
    line = std::to_string(percent) + " %, " + line + " of " + amount(size, unit);
    if (line.size() + kNameColumns + kBarColumns + 8 <= room) {
      std::string bar(kBarColumns, ' ');
      bar.replace(0, kBarColumns * percent / 100, kBarColumns * percent / 100, '#');
      line.insert(0, '[' + bar + "] ");
    }
  }
  line += std::string(" ") + kUnits[unit];
  std::string name = printable(file);
  const std::size_t left = room > line.size() + 1 ? room - line.size() - 1 : 0;
  if (name.size() > left) name = left > 3 ? "..." + name.substr(name.size() - (left - 3)) : "";
  return (name.empty() ? line : name + ' ' + line).substr(0, room);
}

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::begin(const std::string& file) {
  hide();
  file_ = file == "-" ? "standard input" : file;
  next_ = std::chrono::steady_clock::now() + kPatience;
}

void ProgressBar::show(std::uint64_t bytes, std::uint64_t size) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now < next_) return;
  next_ = now + kInterval;
  shown_ = true;
  // The last column is left free: a terminal may go to its next line behind it.
  std::cerr << '\r' << progress_line(file_, bytes, size, columns() - 1) << "\x1b[K" << std::flush;
}

void ProgressBar::hide() {
  if (!std::exchange(shown_, false)) return;
  std::cerr << "\r\x1b[K" << std::flush;
}

}  // namespace visavis::tools
