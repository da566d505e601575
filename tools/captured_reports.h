#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "inspect/capture/capture_sessions.h"
#include "inspect/decrypt/key_log.h"
#include "inspect/report/capture_report.h"
#include "inspect/report/session_report.h"
#include "proxy/options.h"
#include "proxy/session_facts.h"

namespace visavis::tools {

/// CapturedReports reads captures, one after the other, and makes the report of each session in
/// them when it is over.
class CapturedReports {
 public:
  using Take = std::function<void(const inspect::SessionReport&)>;
  /// Is told how many of a file's bytes were read; 0 as its size: not known.
  using Progress = std::function<void(std::uint64_t bytes, std::uint64_t size)>;

  /// Both must outlive it. Certificates are judged by what `stores` trusts.
  CapturedReports(const certs::TrustStores& stores, const proxy::ProxyOptions& options)
      : chain_check_(stores), options_(options) {}

  /// secrets are what --keylog gave; those in the captures themselves are added.
  [[nodiscard]] inspect::KeyLog& secrets() { return key_log_; }
  /// mark_streams has what is read from here on marked, to be compared with another end's capture.
  void mark_streams() { mark_streams_ = true; }
  /// read gives the sessions of a capture ("-": standard input) to `take`; its files are read as
  /// one (put_together). Returns what is wrong with them, the first of it; what lies before a fault
  /// was given, and so was what lies in the files behind it.
  std::optional<inspect::FileProblemReport> read(const std::vector<std::string>& files,
                                                 const Take& take, const Progress& progress = {});
  /// packets counts those of all files that were read.
  [[nodiscard]] const inspect::PacketCounts& packets() const { return packets_; }

 private:
  std::optional<inspect::FileProblemReport> read_one(const std::vector<std::string>& files,
                                                     const Take& take, const Progress& progress,
                                                     std::size_t& read_to);

  inspect::KeyLog key_log_;
  certs::ChainCheck chain_check_;
  certs::CertificateFactsCache facts_;
  const proxy::ProxyOptions& options_;
  proxy::ReportServices services_{options_, chain_check_, facts_};
  inspect::PacketCounts packets_;
  std::size_t captures_ = 0;
  bool mark_streams_ = false;
};

}  // namespace visavis::tools
