#include "proxy/captured_session_facts.h"

#include <utility>

#include "inspect/http/http_tap.h"

namespace visavis::proxy {

SessionFacts facts_of(inspect::CapturedSession session, std::string id) {
  SessionFacts facts;
  facts.captured = true;
  facts.id = std::move(id);
  facts.started = std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds(session.started_ns)));
  facts.duration_ms = static_cast<double>(session.duration_us) / 1e3;
  facts.client = session.transcript.from;
  facts.backend = session.transcript.to;
  if (const auto& hello = session.transcript.client_hello; hello && hello->sni)
    facts.checked_host = *hello->sni;
  facts.client_to_backend_bytes = session.bytes.c2s;
  facts.backend_to_client_bytes = session.bytes.s2c;
  if (auto* tap = dynamic_cast<inspect::HttpTap*>(session.plaintext.get())) {
    tap->http.response_ended();  // whoever ended it
    facts.http = tap->http.exchanges();
    facts.http2_preface_only = tap->http.preface_only();
  }
  facts.direct_leg = std::move(session.transcript);
  return facts;
}

}  // namespace visavis::proxy
