#include "inspect/bundle/bundle.h"

#include <utility>

#include "inspect/bundle/zip_archive.h"
#include "inspect/report/har_writer.h"
#include "inspect/report/html_report.h"
#include "inspect/report/json_report.h"
#include "inspect/report/text_report.h"

namespace visavis::inspect {
namespace {

std::string har_of(const std::vector<SessionReport>& sessions) {
  HarWriter writer(VISAVIS_VERSION);
  std::string har = writer.begin();
  for (const SessionReport& session : sessions) har += writer.session(session);
  return har + HarWriter::end();
}

}  // namespace

Bundle::Bundle(BundleOptions options)
    : options_(std::move(options)),
      redaction_(options_.key, options_.mask_addresses, options_.private_words),
      capture_(chosen_, redaction_, options_.include_secrets) {
  facts_.addresses_masked = options_.mask_addresses;
  facts_.har = options_.har;
}

/// The sessions have come: which of them are in the bundle is known.
void Bundle::settle() {
  for (SessionReport& session : held_.take()) {
    redaction_.learn(session);
    chosen_.add(session);
    certificates_.add(session);
    sessions_.push_back(std::move(session));
  }
}

void Bundle::add_secrets(const std::string& key_log) {
  settle();
  secrets_.add(key_log);
  capture_.add_secrets(key_log);
}

void Bundle::add_capture(const Open& open) {
  settle();
  facts_.captures_given = true;
  capture_.study(*open());
  capture_.copy(*open());
  if (!certificates_.complete()) certificates_.look_into(*open(), secrets_);
}

void Bundle::add_certificates(ZipArchive& archive, const std::vector<SessionReport>& sessions) {
  for (const SessionReport& session : sessions) {
    for (const LegInBundle& leg : legs_in_bundle(session)) {
      std::string text = certificate_file(*leg.leg, certificates_);
      const std::string name = "certificates/" + leg.name + ".pem";
      if (!text.empty() && !archive.has(name)) archive.add(name, std::move(text));
    }
  }
}

std::string Bundle::zip(const std::string& environment) {
  settle();
  facts_.sessions_left_out = held_.left_out();
  std::vector<SessionReport> sessions;
  for (SessionReport& session : sessions_)
    sessions.push_back(redaction_.redact(std::exchange(session, {})));
  sessions_.clear();
  std::string text;
  std::string lines;
  for (const SessionReport& session : sessions) {
    text += (text.empty() ? "" : "\n\n") + render_text(session);
    lines += render_json(session) + "\n";
  }
  const std::vector<std::uint8_t> packets = capture_.take();
  facts_.capture_packets = capture_.packets();
  facts_.packets_left_out = capture_.left_out();
  facts_.secrets = capture_.has_secrets();
  ZipArchive archive(options_.now_s);
  archive.add("README.txt", bundle_readme(sessions, facts_));
  archive.add("report.txt", std::move(text));
  archive.add("report.html", render_html(sessions));
  archive.add("sessions.jsonl", std::move(lines));
  if (!packets.empty()) archive.add("capture.pcapng", std::string(packets.begin(), packets.end()));
  if (options_.har) archive.add("sessions.har", har_of(sessions));
  archive.add("chains.txt", chain_verdicts(sessions, certificates_));
  add_certificates(archive, sessions);
  archive.add("environment.txt", redaction_.redact_text(environment) +
                                     "what our TLS library could not repeat of these sessions:\n" +
                                     library_limits(sessions));
  archive.add("SHA256SUMS", archive.checksums());
  return archive.bytes();
}

}  // namespace visavis::inspect
