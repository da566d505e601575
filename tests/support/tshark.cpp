#include "tests/support/tshark.h"

#include <gtest/gtest.h>

#include <sstream>

namespace visavis::testing {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// It says this when the tests run as root.
bool is_about_root(const std::string& line) { return line.starts_with("Running as user \"root\""); }

}  // namespace

std::vector<std::string> tshark(const std::filesystem::path& file,
                                const std::vector<std::string>& options) {
  Command command{{"tshark", "-r", file.string(), "-o", "tcp.check_checksum:TRUE", "-o",
                   "ip.check_checksum:TRUE"}};
  command.words.insert(command.words.end(), options.begin(), options.end());
  command.environment = {"HOME=/nonexistent"};  // nobody's preferences
  const Ran ran = run(command);
  EXPECT_EQ(ran.exit_code, 0);
  for (const std::string& line : lines_of(ran.errors)) EXPECT_TRUE(is_about_root(line)) << line;
  return lines_of(ran.output);
}

std::vector<std::string> fields(const std::filesystem::path& file, const std::string& filter,
                                const std::vector<std::string>& names,
                                const std::vector<std::string>& options) {
  std::vector<std::string> words{"-Y", filter, "-T", "fields", "-E", "separator=|"};
  for (const std::string& name : names) words.insert(words.end(), {"-e", name});
  words.insert(words.end(), options.begin(), options.end());
  return tshark(file, words);
}

void expect_sound(const std::filesystem::path& file) {
  // An RST is what happened: a backend leg that is dialled again may be left with unread data.
  for (const std::string& line : tshark(file, {"-q", "-z", "expert,warn,!(tcp.flags.reset==1)"}))
    EXPECT_TRUE(line.empty()) << line;
  EXPECT_EQ(capinfos(file, "Strict time order"), "True");
}

std::string capinfos(const std::filesystem::path& file, const std::string& name) {
  const Ran ran = run({{"capinfos", file.string()}, "", {"HOME=/nonexistent"}});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  for (const std::string& line : lines_of(ran.output)) {
    if (!line.starts_with(name + ':')) continue;
    const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

/// The server's lines are indented by a tab.
std::string stream_bytes(const std::filesystem::path& file, int stream, bool from_client) {
  std::string hex;
  for (const std::string& line :
       tshark(file, {"-q", "-z", "follow,tcp,raw," + std::to_string(stream)})) {
    const bool server = line.starts_with("\t");
    const std::string digits = line.substr(server ? 1 : 0);
    const bool is_hex =
        !digits.empty() && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_hex && server != from_client) hex += digits;
  }
  return hex;
}

}  // namespace visavis::testing
