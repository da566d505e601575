#include "proxy/session_facts.h"

#include <atomic>
#include <cstdio>
#include <random>

#include "inspect/compare/leg_summary.h"
#include "inspect/report/complete_report.h"
#include "proxy/leg_facts.h"

namespace visavis::proxy {
namespace {

/// Unique over processes that write to one log: eight random digits, then a count.
std::string next_id() {
  static const unsigned process = std::random_device{}();
  static std::atomic<unsigned> count{0};
  char text[24];
  std::snprintf(text, sizeof text, "%08x-%06u", process, ++count);
  return text;
}

/// What a policy of the two legs is called where the bytes pass as they are.
constexpr std::string_view kUntouched = "untouched";

std::string_view policy_name(HelloPolicy policy) {
  return policy == HelloPolicy::mirror ? "mirror" : "default";
}
std::string_view policy_name(AnswerPolicy policy) {
  return policy == AnswerPolicy::mirror ? "mirror" : "own";
}

void add_legs(const SessionFacts& facts, ReportServices& services, inspect::SessionReport& report) {
  if (facts.client_leg.client_hello) report.sni = facts.client_leg.client_hello->sni;
  report.client_leg = inspect::summarize_leg(facts.client_leg);
  add_certificate_facts(facts.client_leg, services, *report.client_leg);
  if (facts.backend_leg) {
    report.backend_leg = inspect::summarize_leg(*facts.backend_leg);
    add_certificate_facts(*facts.backend_leg, services, *report.backend_leg);
    const auto now = std::chrono::system_clock::to_time_t(facts.started);
    add_chain_verdict(*facts.backend_leg, facts.checked_host, now, services, *report.backend_leg);
  }
  report.mirror.hello = policy_name(services.options.hello);
  report.mirror.answer = policy_name(services.options.answer);
}

/// Nothing is mirrored, and nothing of ours is compared: both sides' own words passed by.
void add_direct_leg(const SessionFacts& facts, ReportServices& services,
                    inspect::SessionReport& report) {
  const inspect::Transcript& direct = *facts.direct_leg;
  report.mode = "passthrough";
  if (direct.client_hello) report.sni = direct.client_hello->sni;
  report.direct_leg = inspect::summarize_leg(direct);
  add_certificate_facts(direct, services, *report.direct_leg);
  const auto now = std::chrono::system_clock::to_time_t(facts.started);
  add_chain_verdict(direct, facts.checked_host, now, services, *report.direct_leg);
  report.mirror.hello = kUntouched;
  report.mirror.answer = kUntouched;
  report.split_policy = kUntouched;
}

}  // namespace

std::string address_text(const Socket& socket, Side side) {
  error_code error;
  const auto endpoint =
      side == Side::own ? socket.local_endpoint(error) : socket.remote_endpoint(error);
  if (error) return {};
  return to_string(HostPort{endpoint.address().to_string(), endpoint.port()});
}

std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

inspect::SessionReport make_report(SessionFacts facts, ReportServices& services) {
  inspect::SessionReport report;
  report.id = next_id();
  report.started = rfc3339(facts.started);
  report.duration_ms = facts.duration_ms;
  report.client = std::move(facts.client);
  report.listener = std::move(facts.listener);
  report.backend = std::move(facts.backend);
  if (!facts.backend_address.empty()) report.backend_address = std::move(facts.backend_address);
  if (facts.direct_leg)
    add_direct_leg(facts, services, report);
  else
    add_legs(facts, services, report);
  report.mirror.unmirrored = std::move(facts.unmirrored);
  report.http = std::move(facts.http);
  report.client_to_backend_bytes = facts.client_to_backend_bytes;
  report.backend_to_client_bytes = facts.backend_to_client_bytes;
  inspect::complete_report(report);
  return report;
}

}  // namespace visavis::proxy
