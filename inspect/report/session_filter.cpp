#include "inspect/report/session_filter.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

namespace visavis::inspect {
namespace {

constexpr std::array<std::string_view, 7> kKeys{"name",    "address", "port", "verdict",
                                                "finding", "version", "id"};

std::string small_letters(std::string_view text) {
  std::string small(text);
  for (char& letter : small)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return small;
}

std::string without_brackets(std::string host) {
  return host.size() > 2 && host.front() == '[' ? host.substr(1, host.size() - 2) : host;
}

/// "ip:port" apart.
std::string host_of(const std::string& endpoint) {
  return without_brackets(endpoint.substr(0, endpoint.rfind(':')));
}
std::string port_of(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  return colon == std::string::npos ? std::string() : endpoint.substr(colon + 1);
}

/// "tls 1.2", "tlsv1.2", "tls1.2" and "1.2" mean the same.
std::string plain_version(std::string_view text) {
  std::string plain;
  for (const char letter : small_letters(text))
    if (letter != ' ' && letter != 'v' && letter != '_') plain += letter;
  return plain.starts_with("tls") ? plain.substr(3) : plain;
}

bool name_matches(const std::string& wanted, const std::string& name) {
  const std::string small = small_letters(name);
  if (!wanted.starts_with("*.")) return small == wanted;
  return small.size() > wanted.size() - 1 && small.ends_with(wanted.substr(1));
}

bool version_matches(const std::string& wanted, const SessionReport& session) {
  for (const auto* leg : {&session.direct_leg, &session.client_leg, &session.backend_leg}) {
    if (!*leg) continue;
    const auto& report = **leg;
    if (report.server_hello && plain_version(report.server_hello->version.name.view()) == wanted)
      return true;
  }
  return false;
}

bool matches(const std::string& key, const std::string& value, const SessionReport& session) {
  const std::string backend = session.backend_address.value_or(session.backend);
  if (key == "name") return session.sni && name_matches(value, *session.sni);
  if (key == "address")
    return host_of(session.client) == without_brackets(value) ||
           host_of(backend) == without_brackets(value) ||
           small_letters(host_of(session.backend)) == without_brackets(value);
  if (key == "port") return port_of(session.client) == value || port_of(backend) == value;
  if (key == "verdict") return session.verdict.verdict_class == value;
  if (key == "version") return version_matches(plain_version(value), session);
  if (key == "id") return small_letters(session.id) == value;
  return std::any_of(session.findings.begin(), session.findings.end(),
                     [&value](const FindingReport& finding) { return finding.id == value; });
}

}  // namespace

void SessionFilter::add(std::string_view condition) {
  const std::size_t equals = condition.find('=');
  const std::string key(condition.substr(0, equals));
  if (equals == std::string_view::npos || equals + 1 == condition.size())
    throw std::invalid_argument("'" + std::string(condition) + "' is no condition: KEY=VALUE");
  if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
    std::string known;
    for (const std::string_view each : kKeys)
      known += (known.empty() ? "" : ", ") + std::string(each);
    throw std::invalid_argument("no key '" + key + "'; there are " + known);
  }
  conditions_.push_back({key, small_letters(condition.substr(equals + 1))});
}

bool SessionFilter::takes(const SessionReport& session) const {
  return std::all_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
    bool asked = false;
    for (const Condition& condition : conditions_) {
      if (condition.key != key) continue;
      asked = true;
      if (matches(condition.key, condition.value, session)) return true;
    }
    return !asked;
  });
}

}  // namespace visavis::inspect
