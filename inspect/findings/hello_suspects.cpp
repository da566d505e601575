#include "inspect/findings/hello_suspects.h"

#include <algorithm>

#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/finding.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kMessageHeader = 4;
constexpr std::uint32_t kRecordHeader = 5;
constexpr std::uint32_t kEthernetPayload = 1460;  ///< of TCP over IPv4 without options
constexpr std::uint32_t kLengthBugFirst = 256;    ///< RFC 7685 1
constexpr std::uint32_t kLengthBugLast = 511;

/// How the backend met the hello, as far as it speaks for one suspect or another.
struct Ending {
  bool early = false;    ///< it answered before it had the whole hello
  bool silence = false;  ///< it never answered
  bool parser = false;   ///< an alert as of a parser that stumbled: 40, 47, 50, 110
  bool version = false;  ///< protocol_version (70)
};

Ending ending_of(const LegReport* trial) {
  Ending ending;
  if (trial == nullptr) return ending;
  ending.early = !trial->client_hello;
  ending.silence = trial->close && trial->close->how == "timeout";
  if (const AlertReport* alert = fatal_alert(*trial, "backend")) {
    const std::uint32_t said = alert->description.id;
    ending.parser = said == 40 || said == 47 || said == 50 || said == 110;
    ending.version = said == 70;
  }
  return ending;
}

std::uint32_t message_bytes(const ClientHelloReport& hello) {
  return hello.length + kMessageHeader;
}

std::size_t segments(const ClientHelloReport& hello) {
  return std::max<std::size_t>(hello.segments.size(), 1);
}

/// Our own hello leaves in one write, which the network may still cut: one that is too large for a
/// segment is none that came in one.
std::size_t own_segments(const ClientHelloReport& hello) {
  const std::uint32_t bytes = message_bytes(hello) + kRecordHeader;
  const std::size_t least = (bytes + kEthernetPayload - 1) / kEthernetPayload;
  return std::max(segments(hello), least);
}

bool is_grease(const CodePoint& point) { return point.name == "GREASE"; }

bool has_grease(const std::vector<CodePoint>& points) {
  return std::any_of(points.begin(), points.end(), is_grease);
}
bool has_grease(const std::optional<std::vector<CodePoint>>& points) {
  return points && has_grease(*points);
}
bool has_grease(const ClientHelloReport& hello) {
  return has_grease(hello.ciphers) || has_grease(hello.extensions) || has_grease(hello.groups) ||
         has_grease(hello.supported_versions) || has_grease(hello.sig_algs) ||
         has_grease(hello.key_share_groups);
}

std::vector<CodePoint> missing_extensions(const ClientHelloReport& refused,
                                          const ClientHelloReport& taken) {
  std::vector<CodePoint> missing;
  for (const CodePoint& extension : refused.extensions)
    if (!is_grease(extension) && !listed_contains(taken.extensions, extension))
      missing.push_back(extension);
  return missing;
}

/// The highest number that a reader of versions may stumble over, drafts included.
std::uint32_t highest_version(const ClientHelloReport& hello) {
  std::uint32_t highest = hello.legacy_version.id;
  if (!hello.supported_versions) return highest;
  for (const CodePoint& version : *hello.supported_versions)
    if (!is_grease(version)) highest = std::max(highest, version.id);
  return highest;
}

bool has_length_bug(const ClientHelloReport& hello) {
  const std::uint32_t bytes = message_bytes(hello);
  return bytes >= kLengthBugFirst && bytes <= kLengthBugLast;
}

/// Sizes that devices are known to end at: a padded hello of the old days, and one TCP segment.
bool is_larger(const ClientHelloReport& refused, const ClientHelloReport& taken) {
  const std::uint32_t large = message_bytes(refused) + kRecordHeader;
  const std::uint32_t small = message_bytes(taken) + kRecordHeader;
  const auto passes = [&](std::uint32_t limit) { return large > limit && small <= limit; };
  return passes(kEthernetPayload) || passes(kLengthBugLast + 1 + kRecordHeader);
}

}  // namespace

std::vector<Suspect> rank_suspects(const ClientHelloReport& refused, const ClientHelloReport& taken,
                                   const LegReport* trial) {
  const Ending ending = ending_of(trial);
  const auto bytes = [](const ClientHelloReport& hello) {
    return std::to_string(message_bytes(hello));
  };
  std::vector<Suspect> suspects;
  const auto add = [&suspects](std::string id, std::string why, int weight) {
    suspects.push_back({std::move(id), std::move(why), weight});
  };
  // Read once and answered: seen, not guessed, where the answer came before the hello's end.
  if (segments(refused) > own_segments(taken))
    add("hello-split-over-segments",
        "it comes in " + std::to_string(segments(refused)) + " TCP segments, the proxy's in " +
            std::to_string(own_segments(taken)),
        60 + (ending.early ? 100 : 0));
  if (is_larger(refused, taken))
    add("hello-too-large", "it has " + bytes(refused) + " bytes, the proxy's " + bytes(taken),
        50 + (ending.silence ? 20 : 0));
  // The known one of these (F5) hangs, as it waits for the rest of an SSL 2.0 record.
  if (has_length_bug(refused) && !has_length_bug(taken))
    add("hello-length-bug",
        "it has " + bytes(refused) + " bytes, between 256 and 511; the proxy's has " + bytes(taken),
        30 + (ending.silence ? 60 : 0));
  if (const auto missing = missing_extensions(refused, taken); !missing.empty()) {
    constexpr std::size_t kMost = 5;
    add("extension-intolerance",
        "it has extensions that the proxy's lacks: " + listed(missing, kMost),
        30 + (ending.parser ? 25 : 0));
  }
  if (has_grease(refused) && !has_grease(taken))
    add("grease-intolerance", "it has GREASE values (RFC 8701), the proxy's has none",
        25 + (ending.parser ? 25 : 0));
  if (highest_version(refused) > highest_version(taken))
    add("version-intolerance", "it names a higher version than the proxy's",
        10 + (ending.version ? 80 : 0));
  std::stable_sort(suspects.begin(), suspects.end(),
                   [](const Suspect& a, const Suspect& b) { return a.weight > b.weight; });
  return suspects;
}

}  // namespace visavis::inspect
