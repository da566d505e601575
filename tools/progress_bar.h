#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace visavis::tools {

/// progress_line returns what a progress bar shows of a file: "dump.pcap [#####     ] 50 %, 1.0 of
/// 2.0 GiB"; of one whose size is not known (0: a pipe) only how much was read. No wider than
/// `columns`: a long name is cut at its front, a narrow terminal gets no bar.
std::string progress_line(const std::string& file, std::uint64_t bytes, std::uint64_t size,
                          int columns);

/// ProgressBar shows on stderr how far a file was read, when that is a terminal and it takes longer
/// than kPatience; on the last line, which `hide` clears before anything else is written.
class ProgressBar {
 public:
  static constexpr std::chrono::milliseconds kPatience{1000};
  static constexpr std::chrono::milliseconds kInterval{200};

  ProgressBar();
  ~ProgressBar() { hide(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  [[nodiscard]] bool wanted() const { return terminal_; }
  /// begin: another file is read from here on.
  void begin(const std::string& file);
  /// show is told of progress, as often as one likes.
  void show(std::uint64_t bytes, std::uint64_t size);
  void hide();

 private:
  bool terminal_;
  bool shown_ = false;
  std::string file_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace visavis::tools
