#include "proxy/recorded_proxy.h"

#include <utility>

#include "proxy/issuer_search.h"

namespace visavis::proxy {
namespace {

/// For a report to be made once its session is over.
constexpr Milliseconds kReportLimit{5000};

}  // namespace

void RecordedProxy::Kept::take(const inspect::SessionReport& session) {
  const std::lock_guard lock(mutex_);
  sessions_.push_back(session);
  changed_.notify_all();
}

void RecordedProxy::Kept::wait_for(std::size_t count, Milliseconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return sessions_.size() >= count; });
}

std::vector<inspect::SessionReport> RecordedProxy::Kept::release() {
  const std::lock_guard lock(mutex_);
  return std::move(sessions_);
}

RecordedProxy::RecordedProxy(ProxyOptions options, const SharedParts& parts)
    : options_(std::move(options)),
      report_limit_(kReportLimit),
      reporter_({options_, parts.chain_check, parts.facts, parts.fetcher}, kept_),
      minting_(parts.leaves),
      services_{options_, minting_, parts.chain_check, reporter_},
      server_(services_),
      thread_([this] { server_.serve(); }) {
  if (parts.fetcher != nullptr)
    report_limit_ += static_cast<int>(kMaxLackedIssuers) * IssuerFetcher::kTimeLimit;
}

RecordedProxy::~RecordedProxy() {
  if (thread_.joinable()) (void)finish(Milliseconds(0));
}

HostPort RecordedProxy::address() const { return parse_host_port(server_.address()); }

std::vector<inspect::SessionReport> RecordedProxy::finish(Milliseconds patience) {
  kept_.wait_for(services_.sessions_begun.load(), patience);
  const std::size_t begun = services_.sessions_begun.load();
  server_.stop();
  thread_.join();
  // Every session hands its report over before its thread ends; it is made on another thread.
  kept_.wait_for(begun, report_limit_);
  return kept_.release();
}

}  // namespace visavis::proxy
