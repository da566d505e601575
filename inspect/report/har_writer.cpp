#include "inspect/report/har_writer.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "inspect/report/har_entry.h"
#include "inspect/report/json_writer.h"

namespace visavis::inspect {
namespace {

/// What is not kept: HAR wants the lists all the same.
void write_nothing(JsonWriter& json, std::initializer_list<std::string_view> lists) {
  for (const std::string_view name : lists) {
    json.key(name);
    json.list([] {});
  }
}

/// The parameters as the target has them: not decoded, and masked where the session masks them.
void write_query(JsonWriter& json, std::string_view target) {
  json.key("queryString");
  json.list([&] {
    const std::size_t mark = target.find('?');
    if (mark == target.npos) return;
    std::string_view left = target.substr(mark + 1);
    left = left.substr(0, left.find('#'));
    while (!left.empty()) {
      const std::string_view part = left.substr(0, left.find('&'));
      left.remove_prefix(std::min(part.size() + 1, left.size()));
      if (part.empty()) continue;
      const std::size_t equals = std::min(part.find('='), part.size());
      json.object([&] {
        json.field("name", part.substr(0, equals));
        json.field("value", part.substr(std::min(equals + 1, part.size())));
      });
    }
  });
}

void write_request(JsonWriter& json, const SessionReport& session, const HttpExchange& exchange) {
  json.key("request");
  json.object([&] {
    json.field("method", exchange.method);
    json.field("url", har_url(session, exchange));
    json.field("httpVersion", har_http_version(exchange.protocol));
    write_nothing(json, {"cookies", "headers"});
    write_query(json, exchange.target);
    json.field("headersSize", -1);
    json.field("bodySize", exchange.request_bytes);
  });
}

void write_response(JsonWriter& json, const HttpExchange& exchange) {
  json.key("response");
  json.object([&] {
    json.field("status", exchange.status.value_or(0));
    json.field("statusText", "");
    json.field("httpVersion", har_http_version(exchange.protocol));
    write_nothing(json, {"cookies", "headers"});
    json.key("content");
    json.object([&] {
      json.field("size", exchange.response_bytes);
      json.field("mimeType", exchange.content_type.value_or(""));
    });
    json.field("redirectURL", "");
    json.field("headersSize", -1);
    json.field("bodySize", exchange.response_bytes);
    if (const auto error = har_error(exchange)) json.field("_error", *error);
  });
}

void write_timings(JsonWriter& json, const HarTimings& timings) {
  json.key("timings");
  json.object([&] {
    json.field("blocked", -1);
    json.field("dns", -1);
    json.field("connect", timings.connect);
    json.field("send", timings.send);
    json.field("wait", timings.wait);
    json.field("receive", timings.receive);
    json.field("ssl", timings.ssl);
  });
}

void write_agreed(JsonWriter& json, const LegReport* leg) {
  const EstablishedReport* agreed =
      leg != nullptr && leg->established ? &*leg->established : nullptr;
  const auto name = [](const std::optional<CodePoint>& point) {
    return point ? std::optional<std::string>(point->name.view()) : std::nullopt;
  };
  json.field("version", name(agreed ? std::optional(agreed->version) : std::nullopt));
  json.field("cipher", name(agreed ? std::optional(agreed->cipher) : std::nullopt));
  json.field("group", name(agreed ? agreed->group : std::nullopt));
  json.field("alpn", agreed ? agreed->alpn : std::nullopt);
  json.field("resumed", agreed != nullptr && agreed->resumed);
}

/// The TLS to the server, and in `client_leg` what the client has with us instead.
void write_tls(JsonWriter& json, const SessionReport& session) {
  json.key("_tls");
  json.object([&] {
    json.field("session", session.id);
    json.field("mode", session.mode);
    json.field("verdict", session.verdict.verdict_class);
    json.field("headline", session.verdict.headline);
    json.field("sni", session.sni);
    write_agreed(json, har_server_leg(session));
    if (session.client_leg) {
      json.key("client_leg");
      json.object([&] { write_agreed(json, &*session.client_leg); });
    }
    json.key("findings");
    json.list([&] {
      for (const FindingReport& finding : session.findings) json.value(finding.id);
    });
  });
}

/// The client's part of an entry begins with its connection, where it had to wait for one.
void write_entry(JsonWriter& json, const SessionReport& session, std::size_t index) {
  const HttpExchange& exchange = session.http[index];
  const HarTimings timings = har_timings(session, index);
  const double began =
      std::max(exchange.started_ms.value_or(0) - std::max(timings.connect, 0.0), 0.0);
  json.object([&] {
    json.field("startedDateTime", later(session.started, began));
    json.field("time", timings.total());
    write_request(json, session, exchange);
    write_response(json, exchange);
    json.key("cache");
    json.object([] {});
    write_timings(json, timings);
    if (const std::string address = har_address(session); !address.empty())
      json.field("serverIPAddress", address);
    json.field("connection", session.id);
    write_tls(json, session);
  });
}

}  // namespace

std::string HarWriter::begin() {
  std::string out = R"({"log":)";
  std::string log;
  JsonWriter json(log);
  json.object([&] {
    json.field("version", "1.2");
    json.key("creator");
    json.object([&] {
      json.field("name", "visavis");
      json.field("version", version_);
    });
  });
  log.back() = ',';  // the object goes on with the entries
  first_ = true;
  return out + log + "\"entries\":[";
}

std::string HarWriter::session(const SessionReport& session) {
  std::string entries;
  for (std::size_t index = 0; index < session.http.size(); ++index) {
    if (!first_) entries += ",";
    entries += "\n";
    first_ = false;
    std::string entry;
    JsonWriter json(entry);
    write_entry(json, session, index);
    entries += entry;
  }
  return entries;
}

std::string HarWriter::end() { return "\n]}}\n"; }

}  // namespace visavis::inspect
