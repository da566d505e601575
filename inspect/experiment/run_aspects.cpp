#include "inspect/experiment/run_aspects.h"

#include <algorithm>

namespace visavis::inspect {
namespace {

using Value = std::optional<std::string>;

/// Records of a direction that are shown: enough to see a split.
constexpr std::size_t kShownRecords = 6;

Value exit_code(const RunReport& run) {
  if (run.exit_code) return std::to_string(*run.exit_code);
  return run.problem;
}

/// Up to TLS 1.3's encrypted requests nothing can be seen of HTTP in a direct run.
Value http_status(const RunReport& run) {
  if (!run.session || run.session->http.empty()) return std::nullopt;
  const auto& status = run.session->http.front().status;
  return status ? std::to_string(*status) : "none";
}

Value result(const RunReport& run) { return run.ok ? "works" : "fails"; }

/// of returns a function of an established leg, or nothing where none is.
template <class Get>
Value of(const LegReport* leg, const Get& get) {
  if (leg == nullptr || !leg->established) return std::nullopt;
  return get(*leg->established);
}

Value version(const RunReport& run) {
  return of(backend_side(run),
            [](const EstablishedReport& agreed) { return agreed.version.name.str(); });
}
Value suite(const RunReport& run) {
  return of(backend_side(run),
            [](const EstablishedReport& agreed) { return agreed.cipher.name.str(); });
}
Value group(const RunReport& run) {
  return of(backend_side(run), [](const EstablishedReport& agreed) -> Value {
    if (!agreed.group) return std::nullopt;
    return agreed.group->name.str();
  });
}
Value alpn(const RunReport& run) {
  return of(backend_side(run), [](const EstablishedReport& agreed) { return agreed.alpn; });
}

Value hello(const LegReport* leg) {
  if (leg == nullptr || !leg->client_hello) return std::nullopt;
  return leg->client_hello->ja4;
}
Value hello_in(const RunReport& run) { return hello(client_side(run)); }
Value hello_out(const RunReport& run) { return hello(backend_side(run)); }

Value certificate(const RunReport& run) {
  const LegReport* leg = client_side(run);
  if (leg == nullptr || leg->certificates.empty()) return std::nullopt;
  return leg->certificates.front().subject + " by " + leg->certificates.front().issuer;
}

Value split(const LegReport* leg) {
  if (leg == nullptr || leg->split_c2s == "n/a") return std::nullopt;
  return leg->split_c2s;
}
Value split_in(const RunReport& run) { return split(client_side(run)); }
Value split_out(const RunReport& run) { return split(backend_side(run)); }

/// The lengths of the first application data records that reached the backend.
Value records_out(const RunReport& run) {
  const LegReport* leg = backend_side(run);
  if (leg == nullptr || !leg->established) return std::nullopt;
  std::string text;
  std::size_t shown = 0;
  for (const RecordRow& record : leg->records) {
    if (!record.c2s || record.content_type != 23) continue;
    if (shown++ == kShownRecords) return text + ", ...";
    text += (text.empty() ? "" : ", ") + std::to_string(record.length);
  }
  return text.empty() ? Value() : text;
}

Value ending(const RunReport& run) {
  const LegReport* leg = backend_side(run);
  if (leg == nullptr || !leg->close) return std::nullopt;
  return leg->close->how + " by " + leg->close->by;
}

}  // namespace

const Aspect kAspects[kAspectCount] = {
    {"outcome", result, true},
    {"exit code", exit_code, true},
    {"HTTP status", http_status, true},
    {"version", version},
    {"suite", suite},
    {"group", group},
    {"ALPN", alpn},
    {"client's hello", hello_in},
    {"hello to the backend", hello_out},
    {"certificate shown to the client", certificate},
    {"client's record split", split_in},
    {"record split to the backend", split_out},
    {"records to the backend", records_out},
    {"end, at the backend", ending, false, true},
};

const LegReport* backend_side(const RunReport& run) {
  if (!run.session) return nullptr;
  const SessionReport& session = *run.session;
  if (session.backend_leg) return &*session.backend_leg;
  return session.direct_leg ? &*session.direct_leg : nullptr;
}

const LegReport* client_side(const RunReport& run) {
  if (run.session && run.session->client_leg) return &*run.session->client_leg;
  return backend_side(run);
}

}  // namespace visavis::inspect
