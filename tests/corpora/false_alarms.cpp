#include "tests/corpora/false_alarms.h"

#include <algorithm>

#include "inspect/compare/leg_summary.h"
#include "inspect/report/complete_report.h"

namespace visavis::corpora {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kAmpleDhBits = 2048;
constexpr int kRenegotiationInfo = 0xff01;
constexpr int kUnrecognizedName = 112;

std::string suite_name(const json::value& cipher) {
  if (!cipher.is_int64()) return {};
  const inspect::CipherSuite suite{static_cast<std::uint16_t>(cipher.as_int64())};
  return std::string(inspect::known_name(suite));
}

const json::array& servers(const json::object& truth, const char* list) {
  static const json::array none;
  const json::value* found = truth.if_contains(list);
  if (found == nullptr) return none;
  if (found->is_array()) return found->as_array();
  const json::value* direction = found->as_object().if_contains("s2c");
  return direction == nullptr ? none : direction->as_array();
}

bool is_weak(const std::string& suite) {
  constexpr std::string_view kParts[] = {"RC4", "DES", "NULL", "EXPORT", "_anon_", "PSK"};
  return std::any_of(std::begin(kParts), std::end(kParts), [&suite](std::string_view part) {
    return suite.find(part) != std::string::npos;
  });
}

/// All suites of the client's, signalling values aside.
bool offers_weak_only(const json::object& truth) {
  const json::value* hellos = truth.if_contains("client_hellos");
  if (hellos == nullptr || !hellos->is_array() || hellos->as_array().empty()) return false;
  const json::value* ciphers = hellos->as_array().front().as_object().if_contains("ciphers");
  if (ciphers == nullptr) return false;
  for (const json::value& cipher : ciphers->as_array()) {
    const std::string suite = suite_name(cipher);
    if (suite.find("SCSV") == std::string::npos && !is_weak(suite)) return false;
  }
  return true;
}

bool lacks_renegotiation_info(const json::object& truth) {
  const json::array& hellos = servers(truth, "server_hellos");
  return std::any_of(hellos.begin(), hellos.end(), [](const json::value& hello) {
    const json::value* extensions = hello.as_object().if_contains("extensions");
    if (extensions == nullptr || !extensions->is_array()) return true;
    const json::array& types = extensions->as_array();
    return std::find(types.begin(), types.end(), json::value(kRenegotiationInfo)) == types.end();
  });
}

bool server_sent_alert(const json::object& truth, int description) {
  const json::array& alerts = servers(truth, "alerts");
  return std::any_of(alerts.begin(), alerts.end(), [description](const json::value& alert) {
    const json::value* number = alert.as_object().if_contains("desc");
    return number != nullptr && *number == description;
  });
}

/// Encrypted handshake messages that a side sent: its Finished, and what it began after that.
std::int64_t encrypted_handshakes(const json::object& truth, std::string_view direction) {
  const json::array& all = truth.at("handshakes").as_array();
  return std::count_if(all.begin(), all.end(), [direction](const json::value& row) {
    const json::array& words = row.as_array();
    return words.at(0) == json::value(direction) && words.at(2) == json::value("encrypted");
  });
}

/// One side began another handshake, and the other sent an alert instead of its part.
bool renegotiation_was_refused(const json::object& truth) {
  const json::array& alerts = truth.at("alerts").as_array();
  for (const auto& [asker, other] : {std::pair("c2s", "s2c"), std::pair("s2c", "c2s")}) {
    const json::value refuser(other);
    const bool alerted =
        std::any_of(alerts.begin(), alerts.end(), [&refuser](const json::value& alert) {
          return alert.at("dir") == refuser &&
                 alert.as_object().if_contains("encrypted") != nullptr;
        });
    if (encrypted_handshakes(truth, asker) > 1 && encrypted_handshakes(truth, other) == 1 &&
        alerted)
      return true;
  }
  return false;
}

}  // namespace

bool is_healthy(const inspect::Transcript& transcript) {
  constexpr std::uint8_t kFatal = 2;
  return transcript.established && std::none_of(transcript.events.begin(), transcript.events.end(),
                                                [](const inspect::Event& event) {
                                                  return event.kind == inspect::EventKind::alert &&
                                                         event.note.empty() &&
                                                         event.level == kFatal;
                                                });
}

std::vector<inspect::FindingReport> alarms(const inspect::Transcript& transcript) {
  inspect::SessionReport session;
  session.source = "capture";
  session.mode = "observed";
  session.started = "2026-01-01T00:00:00.000Z";
  if (transcript.client_hello) session.sni = transcript.client_hello->sni;
  session.direct_leg = inspect::summarize_leg(transcript);
  inspect::complete_report(session);
  std::vector<inspect::FindingReport> found;
  for (const inspect::FindingReport& finding : session.findings)
    if (finding.severity != "info") found.push_back(finding);
  return found;
}

bool borne_out(const std::string& alarm, const json::object& truth,
               const inspect::Transcript& transcript) {
  std::string suite = suite_name(truth.at("cipher"));
  if (suite.empty() && transcript.server_hello)  // an exception says why the truth has none
    suite = inspect::known_name(transcript.server_hello->cipher);
  if (alarm == "weak-cipher")  // SSL 2.0 has no other
    return is_weak(suite) || offers_weak_only(truth) || truth.at("version") == 2;
  if (alarm == "dh-too-small")
    return suite.find("_DHE_") != std::string::npos && transcript.dh_bits &&
           *transcript.dh_bits < kAmpleDhBits;
  if (alarm == "renegotiation-info-missing") return lacks_renegotiation_info(truth);
  if (alarm == "renegotiation-refused") return renegotiation_was_refused(truth);
  return alarm == "sni-refused" && server_sent_alert(truth, kUnrecognizedName);
}

}  // namespace visavis::corpora
