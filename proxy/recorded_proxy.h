#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "proxy/reporter.h"
#include "proxy/server.h"

namespace visavis::proxy {

/// What proxies of one process share.
struct SharedParts {
  certs::LeafCache& leaves;
  certs::ChainCheck& chain_check;
  certs::CertificateFactsCache& facts;
  IssuerFetcher* fetcher = nullptr;  ///< of --fetch-aia; null: none
};

/// RecordedProxy is a proxy on a thread of its own whose sessions' reports are kept instead of
/// printed.
class RecordedProxy {
 public:
  /// Listens at once. The parts must outlive it. Throws as Server does.
  RecordedProxy(ProxyOptions options, const SharedParts& parts);
  ~RecordedProxy();
  RecordedProxy(const RecordedProxy&) = delete;
  RecordedProxy& operator=(const RecordedProxy&) = delete;

  [[nodiscard]] HostPort address() const;

  /// finish lets the sessions in flight come to their ends, `patience` at most, ends those that do
  /// not, and returns all reports in the order in which they ended. Once only.
  std::vector<inspect::SessionReport> finish(Milliseconds patience);

 private:
  class Kept : public SessionSink {
   public:
    void take(const inspect::SessionReport& session) override;
    void flush() override {}
    /// wait_for returns when so many are there, or the time has passed.
    void wait_for(std::size_t count, Milliseconds patience);
    std::vector<inspect::SessionReport> release();

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<inspect::SessionReport> sessions_;
  };

  ProxyOptions options_;
  Kept kept_;
  Milliseconds report_limit_;
  Reporter reporter_;
  Minting minting_;
  Services services_;
  Server server_;
  std::thread thread_;
};

}  // namespace visavis::proxy
