#include "tools/bundle_on_exit.h"

#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "tools/capture_parts.h"
#include "tools/proxy_capture.h"

namespace visavis::tools {

BundleOnExit::BundleOnExit(BundleWords words, std::vector<std::string> captures)
    : words_(std::move(words)), captures_(std::move(captures)), bundle_(bundle_options(words_)) {
  check_bundle_file("--bundle-on-exit", words_.file);
}

void BundleOnExit::take(const inspect::SessionReport& session) {
  bundle_.add(session);
  output_->take(session);
}

bool BundleOnExit::write() {
  if (bundle_.sessions() == 0) {
    std::cerr << "no session, so no bundle\n";
    return true;
  }
  try {
    std::error_code ignored;
    std::erase_if(captures_,
                  [&](const std::string& file) { return !std::filesystem::exists(file, ignored); });
    for (const auto& files : put_together(captures_))
      bundle_.add_capture([&files] { return std::make_unique<inspect::ByteStream>(files); });
    const std::size_t sessions = bundle_.sessions();
    write_bundle(words_.file, bundle_.zip(environment_text({"made from: a run of the proxy"})));
    std::cerr << "bundle " << words_.file << " with " << sessions << " session"
              << (sessions == 1 ? "" : "s") << left_out_words(bundle_.left_out()) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "visavis: --bundle-on-exit: " << error.what() << "\n";
    return false;
  }
  return true;
}

std::unique_ptr<BundleOnExit> bundle_on_exit(const ProxyWords& words) {
  if (words.bundle.file.empty()) return nullptr;
  std::vector<std::string> captures;
  if (!words.capture.file.empty()) {
    const proxy::CaptureOptions options = capture_options(words);
    for (unsigned number = options.rotate_files - 1; number > 0; --number)
      captures.push_back(proxy::CaptureFile::rotated_name(options.file, number).string());
    captures.push_back(options.file);
  }
  return std::make_unique<BundleOnExit>(words.bundle, std::move(captures));
}

void add_bundle_on_exit(CLI::App& command, BundleWords& words) {
  command
      .add_option("--bundle-on-exit", words.file,
                  "make the escalation bundle of all sessions when the proxy ends (see visavis "
                  "report); with --capture their packets are in it")
      ->type_name("FILE.zip");
  add_bundle_contents(command, words);
}

}  // namespace visavis::tools
