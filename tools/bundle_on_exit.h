#pragma once
#include <memory>
#include <string>
#include <vector>

#include "proxy/reporter.h"
#include "tools/bundle_file.h"

namespace visavis::tools {

/// BundleOnExit keeps the sessions of a run (`visavis proxy --bundle-on-exit`), which go on to the
/// output as ever, and makes the escalation bundle of them when the run is over.
class BundleOnExit : public proxy::SessionSink {
 public:
  /// `captures` are the run's capture files, oldest first; those that are not there in the end are
  /// passed over.
  BundleOnExit(BundleWords words, std::vector<std::string> captures);

  /// before says where sessions go on to; it must outlive the sessions' reporter.
  proxy::SessionSink& before(proxy::SessionSink& output) {
    output_ = &output;
    return *this;
  }
  void take(const inspect::SessionReport& session) override;
  void flush() override { output_->flush(); }

  /// write makes the bundle: to be called when reporter and capture are gone. False: it could not
  /// be written, which was said on stderr. A run without sessions makes none.
  [[nodiscard]] bool write();

 private:
  BundleWords words_;
  std::vector<std::string> captures_;
  inspect::Bundle bundle_;
  proxy::SessionSink* output_ = nullptr;
};

/// bundle_on_exit returns what `visavis proxy` was told of; null: nothing. Throws
/// std::runtime_error, one line, where the bundle could not be written.
[[nodiscard]] std::unique_ptr<BundleOnExit> bundle_on_exit(const ProxyWords& words);

/// add_bundle_on_exit adds the options.
void add_bundle_on_exit(CLI::App& command, BundleWords& words);

}  // namespace visavis::tools
