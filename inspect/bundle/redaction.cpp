#include "inspect/bundle/redaction.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "certs/digest.h"
#include "inspect/bundle/client_names.h"
#include "inspect/bundle/connection_masking.h"
#include "inspect/bundle/hex_bytes.h"
#include "inspect/bundle/plain_text.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/report/json_reader.h"
#include "inspect/report/json_report.h"

namespace visavis::inspect {
namespace {

/// A text as it stands in a JSON document, between the quotes.
std::string in_json(std::string_view text) {
  std::string out;
  JsonWriter json(out);
  json.value(text);
  return out.substr(1, out.size() - 2);
}

/// A word such as "client" says nothing where it stands alone, and the names of JSON's fields would
/// go with it; a name with a capital, a dot, a space, an @ or foreign letters is looked for
/// everywhere.
bool is_telling(std::string_view value) {
  constexpr std::size_t kShort = 5;
  constexpr std::string_view kOfWords = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return value.size() >= kShort && value.find_first_not_of(kOfWords) != std::string_view::npos;
}

std::array<const std::optional<LegReport>*, 3> legs_of(const SessionReport& session) {
  return {&session.client_leg, &session.backend_leg, &session.direct_leg};
}

std::array<std::optional<LegReport>*, 3> legs_of(SessionReport& session) {
  return {&session.client_leg, &session.backend_leg, &session.direct_leg};
}

/// Of an extension without a name reports have the first bytes: "5 bytes: 68656c6c6f".
void mask_unknown_bytes(ClientHelloReport& hello, const Mask& mask) {
  for (ExtensionReport& extension : hello.extension_values) {
    const std::size_t bytes = extension.value.find(": ");
    const ExtensionType type{static_cast<std::uint16_t>(extension.type.id)};
    if (bytes == std::string::npos || !known_name(type).empty()) continue;
    extension.value.replace(bytes + 2, std::string::npos, mask.token(extension.value));
  }
}

/// Targets are masked in their list; findings name some of them, too.
Redaction::Words mask_targets(std::vector<HttpExchange>& exchanges, const Mask& mask) {
  std::map<std::string, std::string> masked;
  for (HttpExchange& exchange : exchanges) {
    const std::string own = exchange.target;
    exchange.target = mask_target(own, mask, false);
    if (own != exchange.target) masked.emplace(in_json(own), in_json(exchange.target));
    if (exchange.host && exchange.host->find('@') != std::string::npos)
      exchange.host->replace(0, exchange.host->rfind('@'), mask.token(*exchange.host));
  }
  Redaction::Words words(masked.begin(), masked.end());
  std::stable_sort(words.begin(), words.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  return words;
}

/// The ends that are a client's or the proxy's own.
std::vector<std::string> own_endpoints(const SessionReport& session) {
  std::vector<std::string> endpoints{session.client, session.listener};
  for (const auto* leg : legs_of(session))
    if (*leg) endpoints.push_back((*leg)->from);
  return endpoints;
}

}  // namespace

Redaction::Redaction(const Mask::Key& key, bool mask_addresses, Words private_words)
    : mask_(key), mask_addresses_(mask_addresses), private_words_(std::move(private_words)) {}

void Redaction::learn(const SessionReport& session) {
  for (const auto& [name, masked] : names_of(session)) names_.emplace(name, masked);
  std::vector<HttpExchange> exchanges = session.http;
  for (const auto& [target, masked] : mask_targets(exchanges, mask_))
    names_.emplace(target, masked);
  if (!mask_addresses_) return;
  for (const std::string& endpoint : own_endpoints(session)) addresses_.add(endpoint);
}

bool Redaction::is_masked(const CertificateReport& certificate, bool leaf) const {
  return leaf || !certificate.ca;
}

/// What its client certificates say of whom they are, as it stands in JSON, longer names first: one
/// may be a part of another. What a server is called, too, tells nothing of a person.
Redaction::Words Redaction::names_of(const SessionReport& session) const {
  Words names;
  std::set<std::string> of_servers{session.sni.value_or(""),
                                   session.backend.substr(0, session.backend.rfind(':'))};
  for (const auto* leg : legs_of(session)) {
    if (!*leg) continue;
    for (const CertificateReport& certificate : (*leg)->certificates) {
      of_servers.insert(certificate.subject);
      for (const std::string& name : certificate.san)
        of_servers.insert(name.substr(name.find(':') + 1));
    }
    if ((*leg)->client_certificates) add_names(*(*leg)->client_certificates, names);
  }
  std::erase_if(names, [&](const auto& name) {
    return name.first == name.second || of_servers.count(name.first) > 0;
  });
  for (auto& [name, masked] : names) {
    name = in_json(name);
    masked = in_json(masked);
  }
  std::stable_sort(names.begin(), names.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  return names;
}

void Redaction::add_names(const std::vector<CertificateReport>& certificates, Words& names) const {
  for (const CertificateReport& certificate : certificates) {
    if (!is_masked(certificate, &certificate == certificates.data())) continue;
    if (!certificate.subject.empty())
      names.emplace_back(certificate.subject, mask_name(certificate.subject, mask_));
    for (const std::string& value : personal_values(certificate.subject))
      if (is_telling(value)) names.emplace_back(value, mask_name(value, mask_));
    for (const std::string& name : certificate.san) {
      const std::string masked = mask_general_name(name, mask_);
      names.emplace_back(name, masked);
      const std::string value = name.substr(name.find(':') + 1);
      if (!name.starts_with("othername:") && is_telling(value))
        names.emplace_back(value, masked.substr(masked.find(':') + 1));
    }
  }
}

void Redaction::redact(LegReport& leg) const {
  ConnectionMasking masking(mask_);
  masking.set_client(0);
  // The server's side first: it says how the client's is to be read.
  std::array<std::string*, 2> texts{&leg.raw_c2s, &leg.raw_s2c};
  for (const std::size_t side : {std::size_t{1}, std::size_t{0}})
    masking.add(side, hex_bytes(*texts[side]));
  masking.finish();
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    std::vector<std::uint8_t> bytes = hex_bytes(*texts[side]);
    masking.stream(side).apply(0, bytes);
    *texts[side] = certs::hex(bytes);
  }
  if (leg.client_hello) mask_unknown_bytes(*leg.client_hello, mask_);
  if (!leg.client_certificates) return;
  std::vector<CertificateReport>& sent = *leg.client_certificates;
  for (CertificateReport& certificate : sent) {
    if (!is_masked(certificate, &certificate == sent.data())) continue;
    const bool own = certificate.issuer == certificate.subject;
    certificate.subject = mask_name(certificate.subject, mask_);
    if (own) certificate.issuer = certificate.subject;
    for (std::string& name : certificate.san) name = mask_general_name(name, mask_);
  }
}

SessionReport Redaction::redact(const SessionReport& session) const {
  SessionReport copy = session;
  for (std::optional<LegReport>* leg : legs_of(copy))
    if (*leg) redact(**leg);
  const Words targets = mask_targets(copy.http, mask_);
  std::string text = render_json(copy);
  for (const auto& [target, masked] : targets) replace_all(text, target, masked);
  for (const auto& [name, masked] : names_of(session)) replace_all(text, name, masked);
  for (const auto& [word, instead] : private_words_) replace_all(text, word, instead);
  if (mask_addresses_) addresses_.apply(text, own_endpoints(session));
  std::string problem;
  auto redacted = read_session_json(text, &problem);
  if (!redacted) throw std::logic_error("session " + session.id + " can't be redacted: " + problem);
  return std::move(*redacted);
}

std::string Redaction::redact_text(std::string text) const {
  for (const auto& [name, masked] : names_) replace_all(text, name, masked);
  for (const auto& [word, instead] : private_words_) replace_all(text, word, instead);
  if (mask_addresses_) addresses_.apply(text);
  return text;
}

}  // namespace visavis::inspect
