#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace visavis::testing {

/// tshark reads a capture with Wireshark's dissectors, checksums checked, and returns the lines
/// that it writes; what it says on stderr fails the test.
[[nodiscard]] std::vector<std::string> tshark(const std::filesystem::path& file,
                                              const std::vector<std::string>& options);

/// fields returns a line for each packet that `filter` lets through, its fields parted by '|'.
[[nodiscard]] std::vector<std::string> fields(const std::filesystem::path& file,
                                              const std::string& filter,
                                              const std::vector<std::string>& names,
                                              const std::vector<std::string>& options = {});

/// expect_sound asserts that tshark finds nothing malformed and nothing to warn of, and capinfos
/// the packets in the order of time.
void expect_sound(const std::filesystem::path& file);

/// capinfos is what it says of a file under this name ("Number of packets"); empty: nothing.
[[nodiscard]] std::string capinfos(const std::filesystem::path& file, const std::string& name);

/// stream_bytes is what a side sent over the TCP connection of this number, in hex.
[[nodiscard]] std::string stream_bytes(const std::filesystem::path& file, int stream,
                                       bool from_client);

}  // namespace visavis::testing
