#pragma once
#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

#include "proxy/capture.h"
#include "tools/proxy_words.h"

// What `visavis proxy` writes down of the wire: --capture, --keylog and what goes with them.
namespace visavis::tools {

void add_capture(CLI::App& command, CaptureWords& words);

/// parse_size reads a number of bytes: digits, and K, M or G for 1024, 1024^2, 1024^3 of them.
/// Throws std::runtime_error.
[[nodiscard]] std::uint64_t parse_size(std::string_view word);

/// capture_options reads --capture and what goes with it. Throws as options_of does.
[[nodiscard]] proxy::CaptureOptions capture_options(const ProxyWords& words);

/// open_capture opens the files; null when nothing is to be written down. Throws
/// std::runtime_error, one line that begins with the option's name.
[[nodiscard]] std::unique_ptr<proxy::Capture> open_capture(const ProxyWords& words);

/// say_capture names the files on stderr, and what they give away.
void say_capture(const proxy::CaptureOptions& options);

}  // namespace visavis::tools
