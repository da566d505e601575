#pragma once
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "proxy/session_facts.h"

namespace visavis::proxy {

/// SessionSink takes finished sessions' reports, on one thread: some with `take`, then `flush`.
class SessionSink {
 public:
  virtual ~SessionSink() = default;
  virtual void take(const inspect::SessionReport& session) = 0;
  virtual void flush() = 0;
};

/// Reporter makes the reports on a thread of its own, a few at a time: a connection is not held up
/// by what is written about it, and the report's code and data don't drive the relay's out of the
/// CPU's caches with every session (that alone cost 100 us a connection).
class Reporter {
 public:
  /// Sessions that wait for their report, at most; beyond it the caller waits. Protects the memory
  /// when whoever reads the output is slow.
  static constexpr std::size_t kMaxWaiting = 1024;
  static constexpr int kNiceness = 19;
  /// A session's report is begun this long after its end, at most.
  static constexpr Milliseconds kGather{50};
  /// Sessions that wait for an issuer's certificate (--fetch-aia), at most; beyond it reports are
  /// made without. Each holds what its legs have recorded.
  static constexpr std::size_t kMaxParked = 64;

  /// The sink must outlive the reporter.
  Reporter(ReportServices services, SessionSink& sink);
  /// Makes the reports of all sessions that were taken.
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  /// take is thread-safe.
  void take(SessionFacts facts);

 private:
  void run();
  void report(SessionFacts facts);
  bool park(SessionFacts& facts);

  ReportServices services_;
  SessionSink& sink_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionFacts> waiting_;
  std::list<SessionFacts> parked_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace visavis::proxy
