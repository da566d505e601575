#include "proxy/reporter.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

namespace visavis::proxy {

Reporter::Reporter(ReportServices services, SessionSink& sink)
    : services_(services), sink_(sink), thread_([this] { run(); }) {}

Reporter::~Reporter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Reporter::take(SessionFacts facts) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kMaxWaiting; });
  waiting_.push_back(std::move(facts));
  if (waiting_.size() == 1) changed_.notify_all();
}

void Reporter::run() {
  // Sessions come first where cores are few: who = 0 is the calling thread on Linux, and a refusal
  // costs nothing but that.
  (void)::setpriority(PRIO_PROCESS, 0, kNiceness);
  std::vector<SessionFacts> taken;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    changed_.wait_for(lock, kGather,
                      [this] { return ending_ || waiting_.size() >= kMaxWaiting / 2; });
    taken.swap(waiting_);
    lock.unlock();
    changed_.notify_all();
    for (SessionFacts& facts : taken) {
      try {
        sink_.take(make_report(std::move(facts), services_));
      } catch (const std::exception& error) {
        spdlog::error("a session's report was given up: {}", error.what());
      }
    }
    taken.clear();
    sink_.flush();
    lock.lock();
  }
}

}  // namespace visavis::proxy
