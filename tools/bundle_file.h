#pragma once
#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "inspect/bundle/bundle.h"
#include "tools/proxy_words.h"

// What both commands that make an escalation bundle share.
namespace visavis::tools {

/// add_bundle_contents adds --include-secrets and --mask-addresses.
void add_bundle_contents(CLI::App& command, BundleWords& words);

/// bundle_options returns them with a key of its own, this machine's private words, and now.
[[nodiscard]] inspect::BundleOptions bundle_options(const BundleWords& words);

/// environment_text returns environment.txt: versions, the command line, and `facts`, a line each.
/// Of files only their names are told, of passwords nothing, and neither user nor host.
[[nodiscard]] std::string environment_text(const std::vector<std::string>& facts);

/// file_label returns a file's name without its folders.
[[nodiscard]] std::string file_label(const std::string& file);

/// check_bundle_file throws std::runtime_error, one line that begins with the option, where the
/// bundle could not be written.
void check_bundle_file(const char* option, const std::string& file);

/// left_out_words says that a bundle lacks so many sessions; empty: it lacks none.
std::string left_out_words(std::uint64_t count);

/// write_bundle writes the archive, whole or not at all; its owner alone may read it. Throws
/// std::runtime_error, one line that names the file.
void write_bundle(const std::string& file, const std::string& archive);

}  // namespace visavis::tools
