#include "proxy/reporter.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "proxy/issuer_search.h"

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
    changed_.wait(lock, [this] { return (ending_ && parked_.empty()) || !waiting_.empty(); });
    if (waiting_.empty()) return;
    changed_.wait_for(lock, kGather,
                      [this] { return ending_ || waiting_.size() >= kMaxWaiting / 2; });
    taken.swap(waiting_);
    lock.unlock();
    changed_.notify_all();
    for (SessionFacts& facts : taken) report(std::move(facts));
    taken.clear();
    sink_.flush();
    lock.lock();
  }
}

void Reporter::report(SessionFacts facts) {
  try {
    if (!park(facts)) sink_.take(make_report(std::move(facts), services_));
  } catch (const std::exception& error) {
    spdlog::error("a session's report was given up: {}", error.what());
  }
}

/// Sets a session aside until an issuer that its chain lacks has been fetched, or has not: the
/// reports of others go on meanwhile.
bool Reporter::park(SessionFacts& facts) {
  if (services_.fetcher == nullptr || facts.issuer_fetches >= kMaxLackedIssuers) return false;
  const auto wanted = wanted_issuer(facts, services_);
  if (!wanted) return false;
  std::list<SessionFacts>::iterator place;
  {
    const std::lock_guard lock(mutex_);
    if (parked_.size() >= kMaxParked) return false;
    ++facts.issuer_fetches;
    place = parked_.insert(parked_.end(), std::move(facts));
  }
  const auto resume = [this, place] {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(*place));
    parked_.erase(place);
    changed_.notify_all();
  };
  if (services_.fetcher->begin(*wanted, resume)) return true;
  const std::lock_guard lock(mutex_);
  facts = std::move(*place);
  parked_.erase(place);
  return false;
}

}  // namespace visavis::proxy
