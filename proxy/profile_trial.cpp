#include "proxy/profile_trial.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <stdexcept>

#include "inspect/compare/twin_outcome.h"
#include "inspect/experiment/run_comparison.h"
#include "inspect/handshake/client_hello.h"
#include "proxy/backend_dial.h"
#include "proxy/direct_twin.h"
#include "proxy/hello_shape.h"
#include "proxy/issuer_search.h"
#include "proxy/tls_stream.h"

namespace visavis::proxy {
namespace {

using inspect::Direction;
using inspect::LegKind;
using inspect::Party;

/// What fits a TCP segment on an Ethernet, where the hello would have crossed a network: 1500 bytes
/// without the headers of IPv4 and TCP.
constexpr std::size_t kSegmentBytes = 1460;

std::vector<std::uint32_t> segments_of(std::size_t bytes) {
  std::vector<std::uint32_t> segments;
  for (std::size_t at = 0; at < bytes; at += kSegmentBytes)
    segments.push_back(static_cast<std::uint32_t>(std::min(kSegmentBytes, bytes - at)));
  return segments;
}

/// A trial has no sessions of its own to report.
class NoSink : public SessionSink {
 public:
  void take(const inspect::SessionReport&) override {}
  void flush() override {}
};

/// ProfileTrial holds what two connections to the backend show.
class ProfileTrial {
 public:
  ProfileTrial(const ProxyOptions& options, const SharedParts& parts,
               std::vector<std::uint8_t> hello)
      : options_(options),
        reporter_({options_, parts.chain_check, parts.facts}, sink_),
        minting_(parts.leaves),
        services_{options_, minting_, parts.chain_check, reporter_},
        thread_(services_, context_.get_executor()),
        hello_(std::move(hello)) {
    client_leg_.observe_wire(0, Direction::c2s, hello_);
    observe_hello();
  }

  void run() {
    std::exception_ptr failure;
    asio::co_spawn(context_.get_executor(), try_both(),
                   [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
    context_.run();
    if (failure) std::rethrow_exception(failure);
  }

  /// The hello as it was captured.
  [[nodiscard]] SessionFacts direct_facts() {
    SessionFacts facts = common_facts();
    inspect::TwinOutcome outcome = inspect::judge_twin(*twin_leg_);
    facts.twin = std::move(outcome.report);
    facts.direct_leg = std::move(twin_leg_);
    return facts;
  }
  /// What our library makes of it.
  [[nodiscard]] SessionFacts proxied_facts() {
    SessionFacts facts = common_facts();
    facts.backend_leg = std::move(backend_leg_.transcript());
    facts.unmirrored = std::move(unmirrored_);
    return facts;
  }

 private:
  void observe_hello() {
    const auto parsed = hello_.front() == 22
                            ? inspect::parse_client_hello(inspect::Bytes(hello_).subspan(5))
                            : inspect::parse_sslv2_client_hello(inspect::Bytes(hello_).subspan(2));
    if (!parsed.ok()) throw std::runtime_error("the profile's ClientHello can't be parsed");
    client_leg_.observe_client_hello(0, *parsed, segments_of(hello_.size()), false);
  }

  Task<void> try_both() {
    DirectTwin twin(thread_, clock_);
    const TwinHello hello{hello_, segments_of(hello_.size())};
    co_await twin.run(*options_.backend, hello, DirectTwin::kAnswerLimit, false,
                      context_.get_executor());
    twin_leg_ = std::move(twin.transcript());
    co_await shake_hands();
  }

  Task<void> shake_hands() {
    const auto& hello = *client_leg_.transcript().client_hello;
    const std::optional<HelloShape> shape = hello_shape(hello);
    SslPtr ssl;
    if (shape)
      ssl = thread_.contexts.backend_ssl(shape, hello.sni.value_or(""),
                                         hello.alpn.value_or(std::vector<std::string>{}));
    if (!ssl) {
      const std::string limit = "our TLS library (OpenSSL 3.0) has none of the offered " +
                                std::string(shape ? "suites" : "versions");
      backend_leg_.observe_failure(limit);
      unmirrored_.push_back({std::string(name(LegKind::backend_leg)), "ClientHello", limit});
      co_return;
    }
    Deadline deadline;
    const Watchdog::Ticket ticket = thread_.watchdog.watch(deadline);
    deadline.set(options_.dial_timeout);
    Dialled dialled = co_await dial_backend(context_.get_executor(), *options_.backend, deadline);
    address_ = dialled.address;
    backend_leg_.observe_endpoints("", dialled.address);
    if (dialled.error) {
      backend_leg_.observe_failure(dialled.what);
      backend_leg_.observe_tcp(clock_.at_us(), dialled.blamed, dialled.note);
    } else {
      backend_leg_.observe_connected(clock_.at_us(), Party::proxy, std::nullopt);
      co_await shake_hands_over(std::move(dialled.socket), std::move(ssl), deadline);
    }
    thread_.watchdog.forget(ticket);
  }

  Task<void> shake_hands_over(Socket socket, SslPtr ssl, Deadline& deadline) {
    Wire wire(std::move(socket), backend_leg_, clock_, Direction::s2c);
    deadline.set(options_.handshake_timeout);
    deadline.on_expiry = [&wire] { wire.cancel(); };
    TlsStream tls(wire, backend_leg_, clock_, std::move(ssl), TlsRole::client, false);
    const bool established = co_await tls.handshake();
    if (!established && deadline.expired)
      backend_leg_.observe_failure("the backend did not finish its handshake within the time-out");
    if (established) tls.send_close_notify();
    (void)wire.try_flush();
    wire.shutdown_send();
    wire.close();
    deadline.on_expiry = nullptr;
  }

  [[nodiscard]] SessionFacts common_facts() {
    SessionFacts facts;
    facts.client_leg = client_leg_.transcript();
    facts.started = clock_.started();
    facts.duration_ms = static_cast<double>(clock_.at_us()) / 1e3;
    facts.backend = to_string(*options_.backend);
    facts.backend_address = address_;
    const auto& sni = facts.client_leg->client_hello->sni;
    facts.checked_host = sni.value_or(options_.backend->host);
    return facts;
  }

  const ProxyOptions& options_;
  NoSink sink_;
  Reporter reporter_;
  Minting minting_;
  Services services_;
  asio::io_context context_{1};
  ThreadServices thread_;
  SessionClock clock_;
  std::vector<std::uint8_t> hello_;
  inspect::TranscriptBuilder client_leg_{LegKind::client_leg};
  inspect::TranscriptBuilder backend_leg_{LegKind::backend_leg};
  std::optional<inspect::Transcript> twin_leg_;
  std::vector<inspect::UnmirroredFeature> unmirrored_;
  std::string address_;
};

inspect::RunReport run_of(std::string_view name, SessionFacts facts, ReportServices& services) {
  inspect::RunReport run;
  run.name = name;
  run.mode = "trial";
  run.sessions = 1;
  fetch_lacked_issuers(facts, services);
  run.session = make_report(std::move(facts), services);
  return run;
}

}  // namespace

inspect::ComparisonReport try_profile(const inspect::ClientProfile& profile,
                                      const ProxyOptions& options, const std::string& name,
                                      const SharedParts& parts) {
  std::array<std::uint8_t, 32> random{};
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  auto hello = inspect::adapt_hello(profile.hello(), name, random);
  if (!hello)
    throw std::runtime_error("--profile: the hello of '" + std::string(profile.id) +
                             "' can't be sent for the name '" + name + "'");
  ProfileTrial trial(options, parts, std::move(*hello));
  trial.run();
  ReportServices services{options, parts.chain_check, parts.facts, parts.fetcher};
  inspect::ComparisonReport comparison;
  comparison.target =
      to_string(*options.backend) + ", with the hello of " + std::string(profile.name);
  SessionFacts direct = trial.direct_facts();
  const auto first_flight = direct.twin;
  comparison.runs.push_back(run_of(inspect::kDirectRun, std::move(direct), services));
  // A report says of a twin only what holds for a whole connection; here the first flight counts.
  comparison.runs.back().session->twin = first_flight;
  comparison.runs.push_back(run_of(inspect::kProxiedRun, trial.proxied_facts(), services));
  inspect::complete_comparison(comparison);
  return comparison;
}

}  // namespace visavis::proxy
