#include <numeric>

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {
namespace {

std::string segment_words(const std::vector<std::uint32_t>& segments) {
  std::vector<std::string> sizes;
  for (const std::uint32_t size : segments) sizes.push_back(std::to_string(size));
  constexpr std::size_t kShown = 6;
  return count_of(segments.size(), "segment") + " (" + listed(sizes, kShown) + ")";
}

}  // namespace

/// TCP may cut a stream anywhere, and forwarders do: it is worth a line only where the backend did
/// not understand the hello.
std::optional<FindingReport> diagnose_hello_resegmented(const TwoEnds& ends) {
  const auto& sent = ends.client.client_hello;
  const auto& got = ends.server.client_hello;
  if (!sent || !got || !sent->segments_exact || !got->segments_exact) return std::nullopt;
  const auto sum = [](const std::vector<std::uint32_t>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  };
  if (sum(sent->segments) != sum(got->segments)) return std::nullopt;  // it was changed
  if (sent->segments == got->segments || ends.server.server_hello || ends.client.server_hello)
    return std::nullopt;
  if (!is_refused(ends)) return std::nullopt;
  FindingReport finding = network_finding(ends, "hello-resegmented");
  finding.severity = severity::kInfo;
  finding.title = "The ClientHello is cut into other TCP segments on its way";
  finding.cause =
      "The client sends it in " + segment_words(sent->segments) + ", the backend gets it in " +
      segment_words(got->segments) +
      ". That is TCP's right and no fault; but the backend does not answer it, and some "
      "read a hello from one segment only.";
  finding.expected = segment_words(sent->segments);
  finding.presented = segment_words(got->segments);
  finding.remedy =
      "Let the client connect to the backend without what is between them, and see "
      "whether it is answered then.";
  add_end_evidence(finding, kClientEnd, first_event(ends.client, "message", "ClientHello"),
                   "ClientHello in " + segment_words(sent->segments));
  add_end_evidence(finding, kServerEnd, first_event(ends.server, "message", "ClientHello"),
                   "ClientHello in " + segment_words(got->segments));
  finding.source = "RFC 9293 3.8; RFC 8446 5.1";
  return finding;
}

}  // namespace visavis::inspect
