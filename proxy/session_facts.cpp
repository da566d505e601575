#include "proxy/session_facts.h"

#include <atomic>
#include <cstdio>
#include <random>

#include "certs/unix_time.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/report/complete_report.h"
#include "proxy/leg_facts.h"
#include "proxy/noted_facts.h"
#include "proxy/record_splitter.h"
#include "proxy/session_capture.h"

namespace visavis::proxy {
namespace {

/// What a policy of the two legs is called where the bytes pass as they are.
constexpr std::string_view kUntouched = "untouched";

std::string_view policy_name(HelloPolicy policy) {
  return policy == HelloPolicy::mirror ? "mirror" : "default";
}
std::string_view policy_name(AnswerPolicy policy) {
  return policy == AnswerPolicy::mirror ? "mirror" : "own";
}

void add_chain(const inspect::Transcript& transcript, const SessionFacts& facts,
               ReportServices& services, inspect::LegReport& report) {
  add_certificate_facts(transcript, services, report);
  const auto now = std::chrono::system_clock::to_time_t(facts.started);
  add_chain_verdict(transcript, facts.checked_host, now, services, report);
}

/// The client's own hello, tried on the backend beside the two legs: a trial, which we ended.
void add_twin_leg(const SessionFacts& facts, ReportServices& services,
                  inspect::SessionReport& report) {
  report.direct_leg = inspect::summarize_leg(*facts.direct_leg);
  add_chain(*facts.direct_leg, facts, services, *report.direct_leg);
  if (facts.twin && facts.twin->result != "failed" && report.direct_leg->server_hello)
    report.direct_leg->outcome = "incomplete";
}

void add_legs(const SessionFacts& facts, ReportServices& services, inspect::SessionReport& report) {
  const inspect::Transcript& client = *facts.client_leg;
  if (client.client_hello) report.sni = client.client_hello->sni;
  report.client_leg = inspect::summarize_leg(client);
  add_certificate_facts(client, services, *report.client_leg);
  if (facts.backend_leg) {
    report.backend_leg = inspect::summarize_leg(*facts.backend_leg);
    add_chain(*facts.backend_leg, facts, services, *report.backend_leg);
  }
  if (facts.direct_leg) add_twin_leg(facts, services, report);
  report.twin = facts.twin;
  SessionPolicies policies = facts.policies ? *facts.policies : policies_of(services.options);
  report.mirror.hello = std::move(policies.hello);
  report.mirror.answer = std::move(policies.answer);
  report.split_policy = std::move(policies.split);
  report.split_segments = std::move(policies.split_segments);
}

/// Nothing is mirrored, and nothing of ours is compared: both sides' own words passed by.
void add_direct_leg(const SessionFacts& facts, ReportServices& services,
                    inspect::SessionReport& report) {
  const inspect::Transcript& direct = *facts.direct_leg;
  report.mode = facts.observed ? "observed" : "passthrough";
  if (direct.client_hello) report.sni = direct.client_hello->sni;
  report.passed_through_because = facts.passed_through_because;
  report.direct_leg = inspect::summarize_leg(direct);
  add_chain(direct, facts, services, *report.direct_leg);
  report.mirror.hello = kUntouched;
  report.mirror.answer = kUntouched;
  report.split_policy = kUntouched;
  report.split_segments = kUntouched;
}

}  // namespace

SessionPolicies policies_of(const ProxyOptions& options) {
  return {std::string(policy_name(options.hello)), std::string(policy_name(options.answer)),
          split_policy_name(options.split),
          std::string(split_segments_name(options.split_segments))};
}

std::string next_session_id() {
  static const unsigned process = std::random_device{}();
  static std::atomic<unsigned> count{0};
  char text[24];
  std::snprintf(text, sizeof text, "%08x-%06u", process, ++count);
  return text;
}

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
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const auto whole = std::chrono::floor<seconds>(time.time_since_epoch());
  const auto ms = std::chrono::floor<milliseconds>(time.time_since_epoch() - whole).count();
  std::string text = certs::rfc3339(whole.count());
  const std::string fraction = std::to_string(1000 + ms).replace(0, 1, ".");
  return text.empty() ? text : text.insert(text.size() - 1, fraction);
}

inspect::SessionReport make_report(SessionFacts facts, ReportServices& services) {
  inspect::SessionReport report;
  std::optional<inspect::SessionNote> note;
  if (facts.capture) note = note_of(facts, services.options);
  if (facts.captured) report.source = "capture";
  report.id = facts.id.empty() ? next_session_id() : std::move(facts.id);
  report.started = rfc3339(facts.started);
  report.duration_ms = facts.duration_ms;
  report.client = std::move(facts.client);
  report.listener = std::move(facts.listener);
  report.backend = std::move(facts.backend);
  report.connect = std::move(facts.connect);
  if (!facts.backend_address.empty()) report.backend_address = std::move(facts.backend_address);
  if (facts.client_leg)
    add_legs(facts, services, report);
  else
    add_direct_leg(facts, services, report);
  report.mirror.unmirrored = std::move(facts.unmirrored);
  report.mirror.faults = std::move(facts.repeated_faults);
  report.http = std::move(facts.http);
  report.http2_preface_only = facts.http2_preface_only;
  report.client_to_backend_bytes = facts.client_to_backend_bytes;
  report.backend_to_client_bytes = facts.backend_to_client_bytes;
  report.packets_not_captured = facts.packets_not_captured;
  inspect::complete_report(report);
  if (facts.live) inspect::put_live(std::move(*facts.live), report);
  if (facts.capture) facts.capture->conclude(std::move(*note), report);
  return report;
}

}  // namespace visavis::proxy
