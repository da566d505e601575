#include "inspect/compare/comparison.h"

#include <algorithm>
#include <functional>

#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

using Value = std::optional<std::string>;
using ValueOf = std::function<Value(const LegReport&)>;

enum class Origin { hello, answer, split, minted, peer };

std::string yes_no(bool value) { return value ? "yes" : "no"; }

std::string origin_name(Origin origin, const SessionReport& session) {
  const MirrorReport& mirror = session.mirror;
  switch (origin) {
    case Origin::hello:
      return mirror.hello == "mirror" ? "mirrored" : "ours";
    case Origin::answer:
      return mirror.answer == "mirror" ? "mirrored" : "ours";
    case Origin::split:
      return session.split_policy == "keep" ? "mirrored" : "ours";
    case Origin::minted:
      return "ours";
    case Origin::peer:
      return "peer";
  }
  return "peer";
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string joined_names(const std::vector<CodePoint>& points) {
  std::string text;
  text.reserve(points.size() * 40);
  for (const CodePoint& point : points) {
    if (point.name == "GREASE") continue;
    if (!text.empty()) text += ", ";
    text += point.name.view();
  }
  return text;
}

/// on_hello and on_established lift a look at a part of the leg to a look at the leg.
template <class Look>
ValueOf on_hello(Look look) {
  return [look](const LegReport& leg) -> Value {
    if (!leg.client_hello) return std::nullopt;
    return look(*leg.client_hello);
  };
}
template <class Look>
ValueOf on_established(Look look) {
  return [look](const LegReport& leg) -> Value {
    if (!leg.established) return std::nullopt;
    return look(*leg.established);
  };
}

Value version_of(const LegReport& leg) {
  if (leg.established) return leg.established->version.name;
  if (leg.server_hello) return leg.server_hello->version.name;
  return std::nullopt;
}

Value cipher_of(const LegReport& leg) {
  if (leg.established) return leg.established->cipher.name;
  if (leg.server_hello) return leg.server_hello->cipher.name;
  return std::nullopt;
}

Value leaf_of(const LegReport& leg) {
  if (leg.certificates.empty()) return std::nullopt;
  return leg.certificates.front().subject;
}

Value leaf_key_of(const LegReport& leg) {
  if (leg.certificates.empty()) return std::nullopt;
  return leg.certificates.front().key;
}

Value client_leaf_of(const LegReport& leg) {
  if (!leg.client_certificates) return std::nullopt;
  if (leg.client_certificates->empty()) return "none";
  return leg.client_certificates->front().subject;
}

Value close_of(const LegReport& leg) {
  if (!leg.close) return std::nullopt;
  return leg.close->how;
}

struct Aspect {
  std::string_view name;
  Origin origin;
  ValueOf value;
};

const std::vector<Aspect>& aspects() {
  static const std::vector<Aspect> table{
      {"outcome", Origin::peer, [](const LegReport& leg) { return Value(leg.outcome); }},
      {"offered versions", Origin::hello,
       on_hello([](const auto& hello) { return version_range(hello); })},
      {"offered suites", Origin::hello,
       on_hello([](const auto& hello) { return joined_names(hello.ciphers); })},
      {"offered groups", Origin::hello, on_hello([](const auto& hello) -> Value {
         return hello.groups ? Value(joined_names(*hello.groups)) : std::nullopt;
       })},
      {"offered signature algorithms", Origin::hello, on_hello([](const auto& hello) -> Value {
         return hello.sig_algs ? Value(joined_names(*hello.sig_algs)) : std::nullopt;
       })},
      {"offered ALPN", Origin::hello, on_hello([](const auto& hello) -> Value {
         return hello.alpn ? Value(joined(*hello.alpn)) : std::nullopt;
       })},
      {"SNI", Origin::hello, on_hello([](const auto& hello) { return hello.sni; })},
      {"version", Origin::answer, version_of},
      {"suite", Origin::answer, cipher_of},
      {"group", Origin::answer, on_established([](const auto& agreed) -> Value {
         return agreed.group ? Value(agreed.group->name) : std::nullopt;
       })},
      {"DH prime", Origin::minted, on_established([](const auto& agreed) -> Value {
         return agreed.dh_bits ? Value(std::to_string(*agreed.dh_bits) + " bits") : std::nullopt;
       })},
      {"signature", Origin::minted, on_established([](const auto& agreed) -> Value {
         return agreed.signature ? Value(agreed.signature->name) : std::nullopt;
       })},
      {"ALPN", Origin::answer, on_established([](const auto& agreed) { return agreed.alpn; })},
      {"extended master secret", Origin::answer, on_established([](const auto& agreed) {
         return Value(yes_no(agreed.extended_master_secret));
       })},
      {"encrypt-then-MAC", Origin::answer,
       on_established([](const auto& agreed) { return Value(yes_no(agreed.encrypt_then_mac)); })},
      {"resumed", Origin::minted,
       on_established([](const auto& agreed) { return Value(yes_no(agreed.resumed)); })},
      {"hello retry", Origin::answer,
       [](const LegReport& leg) {
         return leg.server_hello ? Value(yes_no(leg.hello_retry)) : std::nullopt;
       }},
      {"certificate", Origin::minted, leaf_of},
      {"certificate key", Origin::minted, leaf_key_of},
      {"client certificate asked for", Origin::answer,
       [](const LegReport& leg) { return leg.certificate_request ? Value("yes") : std::nullopt; }},
      {"client certificate sent", Origin::peer, client_leaf_of},
      {"record split, sent by the TLS client", Origin::split,
       [](const LegReport& leg) {
         return leg.split_c2s == "n/a" ? std::nullopt : Value(leg.split_c2s);
       }},
      {"record split, sent by the TLS server", Origin::answer,
       [](const LegReport& leg) {
         return leg.split_s2c == "n/a" ? std::nullopt : Value(leg.split_s2c);
       }},
      {"close", Origin::peer, close_of},
  };
  return table;
}

std::string relation_of(const Value& client, const Value& backend) {
  if (client && backend) return *client == *backend ? "same" : "differs";
  return client ? "only-client" : "only-backend";
}

}  // namespace

std::string version_range(const ClientHelloReport& hello) {
  if (!hello.supported_versions) return "up to " + hello.legacy_version.name;
  // Named versions only; drafts are listed after the range.
  std::vector<CodePoint> versions;
  std::string others;
  for (const CodePoint& version : *hello.supported_versions) {
    if (version.id >= kSsl3.value && version.id <= kTls13.value)
      versions.push_back(version);
    else if (version.name != "GREASE")
      others += ", " + version.name;
  }
  if (versions.empty()) return others.empty() ? "none" : others.substr(2);
  const auto by_id = [](const CodePoint& a, const CodePoint& b) { return a.id < b.id; };
  const auto [low, high] = std::minmax_element(versions.begin(), versions.end(), by_id);
  if (low->id == high->id) return low->name + " only" + others;
  return low->name + " to " + high->name + others;
}

std::vector<ComparisonRow> compare_legs(const SessionReport& session) {
  std::vector<ComparisonRow> rows;
  if (!session.client_leg && !session.backend_leg) return rows;
  for (const Aspect& aspect : aspects()) {
    Value client = session.client_leg ? aspect.value(*session.client_leg) : std::nullopt;
    Value backend = session.backend_leg ? aspect.value(*session.backend_leg) : std::nullopt;
    if (!client && !backend) continue;
    std::string relation = relation_of(client, backend);
    rows.push_back({std::string(aspect.name), std::move(client), std::move(backend),
                    std::move(relation), origin_name(aspect.origin, session)});
  }
  return rows;
}

}  // namespace visavis::inspect
