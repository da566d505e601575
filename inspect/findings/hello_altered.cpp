#include <algorithm>

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kShownNames = 8;

using Points = std::vector<CodePoint>;

std::string words(const std::string& text) { return text.empty() ? "none" : text; }
std::string words(const CodePoint& point) { return point.name.str(); }
std::string words(int number) { return std::to_string(number); }
template <class T>
std::string words(const std::vector<T>& values) {
  std::vector<std::string> texts;
  for (const T& value : values) texts.push_back(words(value));
  return texts.empty() ? "none" : listed(texts, kShownNames);
}
template <class T>
std::string words(const std::optional<T>& value) {
  return value ? words(*value) : "none";
}

Points missing(const Points& from, const Points& in) {
  Points points;
  std::copy_if(from.begin(), from.end(), std::back_inserter(points), [&in](const CodePoint& point) {
    return std::find(in.begin(), in.end(), point) == in.end();
  });
  return points;
}

/// Changes collects what a hello has otherwise than it was sent.
class Changes {
 public:
  void list(const std::string& what, const Points& sent, const Points& got) {
    if (sent == got) return;
    const Points out = missing(sent, got);
    const Points in = missing(got, sent);
    if (!out.empty()) found_.push_back(what + ": " + words(out) + " taken out");
    if (!in.empty()) found_.push_back(what + ": " + words(in) + " put in");
    if (out.empty() && in.empty()) found_.push_back(what + ": in another order");
  }
  void list(const std::string& what, const std::optional<Points>& sent,
            const std::optional<Points>& got) {
    list(what, sent.value_or(Points{}), got.value_or(Points{}));
  }
  template <class T>
  void value(const std::string& what, const T& sent, const T& got) {
    if (sent != got) found_.push_back(what + ": " + words(sent) + " became " + words(got));
  }
  /// Bodies that say little in words: only that they changed.
  template <class T>
  void bytes(const std::string& what, const T& sent, const T& got) {
    if (sent != got) found_.push_back(what + " changed");
  }
  /// Extensions without a field of their own: those that both have, with another body.
  void bodies(const std::vector<ExtensionReport>& sent, const std::vector<ExtensionReport>& got) {
    for (const ExtensionReport& each : sent) {
      const auto other = std::find_if(got.begin(), got.end(), [&each](const ExtensionReport& one) {
        return one.type == each.type;
      });
      if (other == got.end() || other->value == each.value) continue;
      found_.push_back(each.type.name.str() + ": " + words(each.value) + " became " +
                       words(other->value));
    }
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(found_); }

 private:
  std::vector<std::string> found_;
};

std::vector<std::string> changes_of(const ClientHelloReport& sent, const ClientHelloReport& got) {
  Changes changes;
  changes.value("record version", sent.record_version, got.record_version);
  changes.value("legacy_version", sent.legacy_version, got.legacy_version);
  changes.bytes("random", sent.random, got.random);
  changes.bytes("session id", sent.session_id, got.session_id);
  changes.list("suites", sent.ciphers, got.ciphers);
  changes.value("compression", sent.compression, got.compression);
  changes.list("extensions", sent.extensions, got.extensions);
  changes.value("server name", sent.sni, got.sni);
  changes.list("supported_versions", sent.supported_versions, got.supported_versions);
  changes.list("groups", sent.groups, got.groups);
  changes.list("signature algorithms", sent.sig_algs, got.sig_algs);
  changes.value("point formats", sent.ec_point_formats, got.ec_point_formats);
  changes.value("ALPN", sent.alpn, got.alpn);
  changes.list("key shares", sent.key_share_groups, got.key_share_groups);
  if (sent.session_ticket_len && got.session_ticket_len)
    changes.bytes("session ticket", *sent.session_ticket_len, *got.session_ticket_len);
  changes.bytes("pre-shared keys", sent.psk_identities, got.psk_identities);
  changes.bodies(sent.extension_values, got.extension_values);
  return changes.take();
}

std::vector<std::string> changes_of(const ServerHelloReport& sent, const ServerHelloReport& got) {
  Changes changes;
  changes.value("legacy_version", sent.legacy_version, got.legacy_version);
  changes.value("version", sent.version, got.version);
  changes.bytes("random", sent.random, got.random);
  changes.bytes("session id", sent.session_id, got.session_id);
  changes.value("suite", sent.cipher, got.cipher);
  changes.value("compression", sent.compression, got.compression);
  changes.list("extensions", sent.extensions, got.extensions);
  changes.value("key share", sent.key_share_group, got.key_share_group);
  changes.value("ALPN", sent.alpn, got.alpn);
  changes.bodies(sent.extension_values, got.extension_values);
  return changes.take();
}

std::vector<std::string> changes_of(const Way& way) {
  if (way.c2s) {
    if (!way.sent->client_hello || !way.got->client_hello) return {};
    return changes_of(*way.sent->client_hello, *way.got->client_hello);
  }
  // The last ServerHello counts: where only one end shows that of a HelloRetryRequest, they are
  // two.
  if (!way.sent->server_hello || !way.got->server_hello ||
      way.sent->hello_retry != way.got->hello_retry)
    return {};
  return changes_of(*way.sent->server_hello, *way.got->server_hello);
}

FindingReport finding_for(const TwoEnds& ends, const Way& way, const Alteration& altered,
                          std::vector<std::string> changes) {
  const std::string message = way.c2s ? "ClientHello" : "ServerHello";
  FindingReport finding = network_finding(ends, "hello-altered");
  finding.title = "The " + message + " is changed on its way to the " + std::string(way.receiver);
  const std::string place = "byte " + std::to_string(altered.first) + " of the stream";
  const bool named = !changes.empty();
  if (!named) changes.push_back("something that has no name here changed, from " + place + " on");
  finding.cause = "What arrives is not what the " + std::string(way.sender) +
                  " sent: " + listed(changes, kShownNames) +
                  ". Both sides compute their keys, or the hash that Finished proves, from the "
                  "hello as they have seen it, so such a handshake can't come to its end, unless "
                  "the change is in a record's header alone.";
  finding.expected = "the " + message + " as it was sent";
  finding.presented = listed(changes, kShownNames);
  finding.remedy =
      "Find the device on the way that takes part in the handshake without ending it (a firewall, "
      "intrusion prevention, a filter or accelerator that \"normalises\" TLS), update it or switch "
      "its TLS inspection off for this connection.";
  add_end_evidence(finding, way.sender_end, first_event(*way.sent, "message", message),
                   message + " as sent, differs from " + place + " on");
  add_end_evidence(finding, way.receiver_end, first_event(*way.got, "message", message),
                   message + " as it arrived");
  finding.codes.hresult = "0x8009030f";  // SEC_E_MESSAGE_ALTERED
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.source = "RFC 8446 4.4.1 and 9.3; RFC 5246 7.4.9";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_hello_altered(const TwoEnds& ends) {
  for (const Way& way : ways(ends)) {
    const auto altered = find_alteration(way);
    if (!altered || !altered->in_raw) continue;
    const bool both = way.c2s ? true : way.sent->server_hello && way.got->server_hello;
    auto changes = changes_of(way);
    const std::uint64_t end = std::min(hello_end(way.raw_sent()), hello_end(way.raw_got()));
    if (both && (altered->first < end || !changes.empty()))
      return finding_for(ends, way, *altered, std::move(changes));
  }
  return std::nullopt;
}

}  // namespace visavis::inspect
