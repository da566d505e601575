#include "proxy/issuer_fetcher.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "proxy/issuer_fetch.h"

namespace visavis::proxy {
namespace {

/// The first address that we would ask.
struct Address {
  std::string text;
  std::optional<HttpUrl> url;
};

Address first_http(const std::vector<std::string>& urls) {
  for (const std::string& each : urls)
    if (auto url = parse_http_url(each)) return {each, std::move(url)};
  return {urls.empty() ? std::string() : urls.front().substr(0, kMaxUrlBytes), std::nullopt};
}

/// Why there is nothing to ask; empty: there is.
std::string not_fetchable(const Address& address) {
  if (address.url) return {};
  if (address.text.empty())
    return "the certificate does not say where it could be fetched (no caIssuers in its "
           "authorityInfoAccess)";
  return address.text + " is not asked: plain http is, and nothing else";
}

}  // namespace

struct IssuerFetcher::Parts {
  asio::io_context context{1};
  asio::executor_work_guard<Executor> work{context.get_executor()};
};

IssuerFetcher::IssuerFetcher(certs::KnownIssuers& known)
    : known_(known),
      outcomes_(kRemembered),
      parts_(std::make_unique<Parts>()),
      thread_([this] { parts_->context.run(); }) {}

IssuerFetcher::~IssuerFetcher() {
  parts_->context.stop();
  thread_.join();
  for (const auto& [certificate, waiting] : under_way_)
    for (const auto& done : waiting) done();
}

bool IssuerFetcher::begin(const WantedIssuer& wanted, std::function<void()> done) {
  Address address = first_http(wanted.urls);
  if (!address.url) return false;
  {
    const std::lock_guard lock(mutex_);
    const auto joined = under_way_.find(wanted.certificate);
    if (joined != under_way_.end()) {
      joined->second.push_back(std::move(done));
      return true;
    }
    if (outcomes_.find(wanted.certificate) != nullptr || under_way_.size() >= kMaxAtOnce)
      return false;
    under_way_[wanted.certificate].push_back(std::move(done));
  }
  asio::post(parts_->context, [this, url = std::move(*address.url), text = std::move(address.text),
                               wanted] {
    auto ended = [this, text, wanted](const std::vector<std::uint8_t>& body, std::string problem) {
      if (problem.empty()) problem = known_.note_fetched(wanted.der, body, text);
      finish(wanted.certificate, problem.empty() ? std::string() : text + ": " + problem);
    };
    std::make_shared<IssuerFetch>(parts_->context.get_executor(), url, std::move(ended))->start();
  });
  return true;
}

void IssuerFetcher::finish(const certs::Sha256& certificate, std::string problem) {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    outcomes_.put(certificate, std::move(problem));
    const auto ended = under_way_.find(certificate);
    waiting = std::move(ended->second);
    under_way_.erase(ended);
  }
  for (const auto& done : waiting) done();
}

std::string IssuerFetcher::problem(const WantedIssuer& wanted) const {
  std::string reason = not_fetchable(first_http(wanted.urls));
  if (!reason.empty()) return reason;
  const std::lock_guard lock(mutex_);
  if (const std::string* known = outcomes_.find(wanted.certificate)) return *known;
  return "too many other fetches were under way";
}

}  // namespace visavis::proxy
