#include "inspect/compare/hello_difference.h"

#include <algorithm>

namespace visavis::inspect {
namespace {

using Points = std::vector<CodePoint>;

constexpr std::string_view kNotInLibrary = "not in our TLS library (OpenSSL 3.0)";

bool is_grease_point(const CodePoint& point) { return point.name == "GREASE"; }

Points without_grease(const Points& points) {
  Points kept;
  std::remove_copy_if(points.begin(), points.end(), std::back_inserter(kept), is_grease_point);
  return kept;
}

bool has(const Points& points, const CodePoint& wanted) {
  return std::any_of(points.begin(), points.end(),
                     [&wanted](const CodePoint& point) { return point.id == wanted.id; });
}

/// Names of those in `from` that `in` lacks, GREASE and signalling suites aside.
std::string missing_names(const Points& from, const Points& in) {
  std::string names;
  for (const CodePoint& point : from) {
    if (is_grease_point(point) || has(in, point) || point.name.view().ends_with("_SCSV")) continue;
    names += (names.empty() ? "" : ", ") + point.name;
  }
  return names;
}

Points common(const Points& from, const Points& in) {
  Points kept;
  for (const CodePoint& point : from)
    if (has(in, point)) kept.push_back(point);
  return kept;
}

class Differences {
 public:
  void add(std::string feature, std::string reason) {
    found_.push_back({"backend_leg", std::move(feature), std::move(reason)});
  }

  void compare_list(const std::string& what, const std::optional<Points>& client,
                    const std::optional<Points>& proxy, std::string_view limit = kNotInLibrary) {
    if (!client && !proxy) return;
    if (!client) return add(what, "the client sends none; OpenSSL always sends its own");
    if (!proxy) return add(what, "not sent: OpenSSL sends none with this configuration");
    if (*client == *proxy) return;
    const std::string missing = missing_names(*client, *proxy);
    if (!missing.empty()) add(what + ": " + missing, std::string(limit));
    const std::string added = missing_names(*proxy, *client);
    if (!added.empty()) add(what + ": " + added + " added", "OpenSSL sends them by itself");
    if (common(*client, *proxy) != common(*proxy, *client))
      add(what + ": order", "OpenSSL keeps an order of its own");
  }

  void compare_extensions(const Points& client, const Points& proxy) {
    const std::string missing = missing_names(client, proxy);
    if (!missing.empty()) add("extensions: " + missing, "OpenSSL can't send them for us");
    const std::string added = missing_names(proxy, client);
    if (!added.empty()) add("extensions: " + added + " added", "OpenSSL sends them by itself");
    if (common(client, proxy) != common(proxy, client))
      add("extensions: order", "OpenSSL sends extensions in an order of its own");
  }

  void compare_grease(const ClientHelloReport& client) {
    const auto greased = [](const Points& points) {
      return std::any_of(points.begin(), points.end(), is_grease_point);
    };
    if (greased(client.ciphers) || greased(client.extensions) ||
        (client.groups && greased(*client.groups)))
      add("GREASE", "OpenSSL sends no GREASE values (RFC 8701)");
  }

  std::vector<UnmirroredFeature> take() { return std::move(found_); }

 private:
  std::vector<UnmirroredFeature> found_;
};

std::optional<Points> shares(const ClientHelloReport& hello) {
  if (!hello.key_share_groups) return std::nullopt;
  return without_grease(*hello.key_share_groups);
}

void compare_rest(const ClientHelloReport& client, const ClientHelloReport& proxy,
                  Differences& differences) {
  if (client.sslv2) differences.add("SSL 2.0 format", "OpenSSL sends hellos in TLS format only");
  if (client.legacy_version != proxy.legacy_version)
    differences.add("legacy_version " + client.legacy_version.name,
                    "OpenSSL sent " + proxy.legacy_version.name);
  if (client.session_id.empty() != proxy.session_id.empty())
    differences.add(client.session_id.empty() ? "no session id" : "session id",
                    "every backend leg is a handshake of its own, not a resumption");
  if (client.session_ticket_len.value_or(0) > 0)
    differences.add("session ticket", "the ticket is between client and backend: not resumed");
  if (client.psk_identities > 0)
    differences.add("pre-shared key", "the key is between client and backend: not resumed");
  // RFC 5246 E.2: a hello of that form has no list, and null is what it can get.
  if (!client.sslv2 && client.compression != proxy.compression)
    differences.add("compression methods", "OpenSSL offers none but null");
  if (client.ec_point_formats != proxy.ec_point_formats && client.ec_point_formats)
    differences.add("point formats", "OpenSSL sends a list of its own");
  if (client.sni != proxy.sni) differences.add("SNI", "the proxy sent another name or none");
  if (client.alpn != proxy.alpn) differences.add("ALPN", "the proxy sent another list or none");
}

}  // namespace

std::vector<UnmirroredFeature> diff_hellos(const ClientHelloReport& client,
                                           const ClientHelloReport& proxy) {
  Differences differences;
  differences.compare_list("supported_versions", client.supported_versions,
                           proxy.supported_versions);
  differences.compare_list("suites", client.ciphers, proxy.ciphers);
  differences.compare_list("groups", client.groups, proxy.groups,
                           proxy.supported_versions
                               ? kNotInLibrary
                               : "not in our TLS library (OpenSSL 3.0) below TLS 1.3");
  differences.compare_list("signature algorithms", client.sig_algs, proxy.sig_algs);
  differences.compare_list("key shares", shares(client), shares(proxy),
                           "OpenSSL 3.0 sends one key share, of a group that it has");
  differences.compare_extensions(client.extensions, proxy.extensions);
  differences.compare_grease(client);
  compare_rest(client, proxy, differences);
  return differences.take();
}

std::vector<UnmirroredFeature> diff_answers(const LegReport& client_leg,
                                            const LegReport& backend_leg) {
  std::vector<UnmirroredFeature> found;
  const auto add = [&found](std::string feature, std::string reason) {
    found.push_back({"client_leg", std::move(feature), std::move(reason)});
  };
  if (!client_leg.established || !backend_leg.established) return found;
  const EstablishedReport& client = *client_leg.established;
  const EstablishedReport& backend = *backend_leg.established;
  if (client.version != backend.version)
    add("version " + backend.version.name, "answered with " + client.version.name);
  if (client.cipher != backend.cipher)
    add("suite " + backend.cipher.name, "answered with " + client.cipher.name);
  if (client.group != backend.group && backend.group)
    add("group " + backend.group->name,
        "answered with " + (client.group ? client.group->name.str() : std::string("none")));
  if (client.alpn != backend.alpn)
    add("ALPN " + backend.alpn.value_or("none"), "answered with " + client.alpn.value_or("none"));
  if (client.extended_master_secret != backend.extended_master_secret)
    add("extended master secret", "the client did not offer it, or our library does it otherwise");
  if (client.encrypt_then_mac != backend.encrypt_then_mac)
    add("encrypt-then-MAC", "the client did not offer it, or our library does it otherwise");
  if (backend_leg.split_s2c == "0/n" && client_leg.split_s2c != "0/n")
    add(std::string(kRecordSplitFeature),
        "the backend's empty records (0/n) can't be repeated: OpenSSL fixes that at key setup");
  return found;
}

std::vector<UnmirroredFeature> diff_split(const LegReport& client_leg,
                                          const LegReport& backend_leg) {
  if (client_leg.split_c2s != "0/n" || backend_leg.split_c2s == "0/n") return {};
  return {{"backend_leg", std::string(kRecordSplitFeature),
           "the client's empty records (0/n) were not repeated to the backend"}};
}

}  // namespace visavis::inspect
