#include "inspect/report/text_sections.h"

#include <algorithm>

#include "inspect/report/json_writer.h"
#include "inspect/report/text_lists.h"
#include "inspect/report/text_values.h"
#include "inspect/report/visible_text.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMaxExchanges = 10;
constexpr std::size_t kMaxUnmirrored = 20;

bool starts_with_host(std::string_view backend, std::string_view host) {
  return backend.starts_with(host) && backend.substr(host.size()).starts_with(':');
}

/// How the verdict is known: DESIGN section 5 wants the kind of evidence printed.
std::string known_by(const SessionReport& session) {
  const VerdictReport& verdict = session.verdict;
  if (verdict.direct == "unknown") return "not known";
  if (verdict.direct_known_by == "passthrough")
    return verdict.direct +
           (session.mode == "observed" ? " (seen in the capture)" : " (seen in passthrough)");
  if (verdict.direct_known_by == "twin")
    return verdict.direct + " (the client's own hello was tried)";
  if (verdict.direct_known_by == "offer") return verdict.direct + " (from what both sides offer)";
  return verdict.direct;
}

constexpr std::string_view kNothingLeft = "; nothing was left unmirrored";

/// Only of what was said on both legs can nothing be left.
bool all_repeated(const SessionReport& session) {
  return session.mirror.hello == "mirror" && session.mirror.answer == "mirror" &&
         session.mirror.unmirrored.empty() && session.backend_leg &&
         session.backend_leg->client_hello;
}

void render_passthrough(const SessionReport& session, TextPage& page) {
  page.gap();
  page.paragraph(0, "PROXY: passed the bytes through untouched, and read along what is in clear");
  if (session.passed_through_because)
    page.paragraph(2, "because " + *session.passed_through_because);
}

std::string before_tls_text(const CaptureView& view) {
  return view.before_tls + " before TLS: " + std::to_string(view.c2s_before_tls) +
         " bytes from the client, " + std::to_string(view.s2c_before_tls) + " from the backend";
}

/// How much of the connection there is to be seen. What is not, is nobody's fault.
void render_capture(const LegReport& leg, TextPage& page) {
  if (!leg.capture) return;
  const CaptureView& view = *leg.capture;
  page.gap();
  page.paragraph(0, "CAPTURE: " + std::to_string(view.packets) + " packets, the first is number " +
                        std::to_string(view.first_packet));
  if (!view.before_tls.empty()) page.paragraph(2, before_tls_text(view));
  for (const auto& [party, lost] : {std::pair("client", view.c2s_lost), {"backend", view.s2c_lost}})
    if (lost > 0)
      page.paragraph(2, "it lacks " + std::to_string(lost) + " bytes that the " + party +
                            " sent; what lies behind them was not read");
  if (view.start_missing)
    page.paragraph(2, "it does not show the connection from its start, or not both sides of it");
  if (view.end_missing) page.paragraph(2, "it ends before the connection does");
}

/// In how many TCP segments a split leaves, where that is ours to say.
std::string segments_text(const SessionReport& session) {
  if (session.split_segments == "keep") return {};
  return " in " + session.split_segments +
         (session.split_segments == "one" ? " TCP segment" : " TCP segments");
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string exchange_line(const HttpExchange& exchange) {
  std::string text = exchange.method + " " + exchange.target + " -> ";
  text += exchange.status ? std::to_string(*exchange.status) : "no response";
  text += ", " + exchange.protocol + ", body " + std::to_string(exchange.request_bytes) + " up, " +
          std::to_string(exchange.response_bytes) + " down";
  if (exchange.time_to_first_byte_ms)
    text += ", first byte after " + decimal(*exchange.time_to_first_byte_ms) + " ms";
  if (exchange.cut_short) text += ", cut short: the connection ended before the announced end";
  if (exchange.excused) text += ", " + *exchange.excused;
  return text;
}

}  // namespace

std::string identity(const SessionReport& session, bool sni_always) {
  std::string text = session.verdict.verdict_class + ": " + session.client + " -> " +
                     (session.backend.empty() ? "no backend" : session.backend);
  const bool plain =
      session.sni && starts_with_host(visible(session.backend), visible(*session.sni));
  if (session.sni && (sni_always || !plain)) text += ", SNI " + *session.sni;
  return text;
}

std::string outcomes(const SessionReport& session) {
  const std::string& proxied = session.verdict.proxied;
  const bool direct_only = !session.client_leg && !session.backend_leg;
  if (proxied == "none" && direct_only) return "client and backend directly: " + known_by(session);
  if (proxied == "none") return "through the proxy: not known; without it: " + known_by(session);
  return "through the proxy: " + proxied + "; without it: " + known_by(session);
}

std::string session_facts(const SessionReport& session) {
  std::string facts = session.started + ", " + decimal(session.duration_ms) + " ms, " +
                      session.source + " " + session.mode + ", session " + session.id;
  if (!session.listener.empty()) facts += ", listener " + session.listener;
  if (session.connect) facts += ", asked for " + *session.connect + " by HTTP CONNECT";
  if (session.backend_address) facts += ", backend at " + *session.backend_address;
  return facts;
}

void render_proxy(const SessionReport& session, TextPage& page) {
  if (session.mode == "passthrough") return render_passthrough(session, page);
  if (session.mode == "observed") {
    if (session.direct_leg) render_capture(*session.direct_leg, page);
    return;
  }
  if (!session.client_leg && !session.backend_leg) return;
  const MirrorReport& mirror = session.mirror;
  page.gap();
  page.paragraph(0, "PROXY: hello " + mirror.hello + ", answer " + mirror.answer + ", split " +
                        session.split_policy + segments_text(session) +
                        std::string(all_repeated(session) ? kNothingLeft : ""));
  if (mirror.hello != "mirror")
    page.paragraph(2,
                   "the backend was sent the proxy's own hello instead of what the client offers");
  if (mirror.answer != "mirror")
    page.paragraph(
        2, "the client was answered with the best of both instead of what the backend chose");
  if (!mirror.faults.empty())
    page.paragraph(2, "the certificate shown to the client repeats the backend's faults: " +
                          joined(mirror.faults));
  if (mirror.unmirrored.empty()) return;
  page.paragraph(2, "not mirrored, which is our own limit and nobody's fault:");
  const std::size_t shown = std::min(mirror.unmirrored.size(), kMaxUnmirrored);
  for (std::size_t i = 0; i < shown; ++i) {
    const UnmirroredFeature& feature = mirror.unmirrored[i];
    page.paragraph(4, feature.leg + " " + feature.feature + ": " + feature.reason);
  }
  if (shown < mirror.unmirrored.size())
    page.paragraph(4, more_line(mirror.unmirrored.size() - shown));
}

void render_http(const SessionReport& session, TextPage& page) {
  page.gap();
  const bool untouched = session.mode != "terminate";
  page.paragraph(0, "BYTES: client to backend " + std::to_string(session.client_to_backend_bytes) +
                        ", backend to client " + std::to_string(session.backend_to_client_bytes) +
                        (untouched ? ", TCP payload" : ""));
  if (session.packets_not_captured > 0)
    page.paragraph(0, "NOT CAPTURED: " + std::to_string(session.packets_not_captured) +
                          " packets that the capture file could not take");
  if (session.http.empty()) return;
  page.line("HTTP:");
  const std::size_t shown = std::min(session.http.size(), kMaxExchanges);
  for (std::size_t i = 0; i < shown; ++i) page.paragraph(2, exchange_line(session.http[i]));
  if (shown < session.http.size()) page.paragraph(2, more_line(session.http.size() - shown));
}

}  // namespace visavis::inspect
