#include "inspect/report/json_report.h"

// One leg in JSON: LEG and HELLO of the contract, in the contract's order.
namespace visavis::inspect {

void write_json(JsonWriter& json, const ClientHelloReport& hello);
void write_json(JsonWriter& json, const ExtensionReport& extension);
void write_json(JsonWriter& json, const CertificateRequestReport& request);
void write_json(JsonWriter& json, const ServerHelloReport& hello);
void write_json(JsonWriter& json, const EstablishedReport& established);
void write_json(JsonWriter& json, const ChainProblemReport& problem);
void write_json(JsonWriter& json, const StoreReport& store);
void write_json(JsonWriter& json, const FoundIssuerReport& issuer);
void write_json(JsonWriter& json, const StapledOcspReport& stapled);
void write_json(JsonWriter& json, const AlertReport& alert);
void write_json(JsonWriter& json, const CloseReport& close);
void write_json(JsonWriter& json, const EventReport& event);
void write_json(JsonWriter& json, const RecordRow& row);
void write_json(JsonWriter& json, const CaptureView& view);

namespace {

/// What a leg holds beside its messages: events, records and raw bytes.
void write_transcript(JsonWriter& json, const LegReport& leg) {
  json.field("history", leg.history);
  json.key("record_split");
  json.object([&] {
    json.field("c2s", leg.split_c2s);
    json.field("s2c", leg.split_s2c);
  });
  json.field("record_habits", leg.record_habits);
  json.field("events", leg.events);
  json.field("records", leg.records);
  json.field("records_total", leg.records_total);
  json.key("raw");
  json.object([&] {
    json.field("c2s", leg.raw_c2s);
    json.field("s2c", leg.raw_s2c);
    json.field("cut", leg.raw_cut);
  });
}

}  // namespace

void write_json(JsonWriter& json, const LegReport& leg) {
  json.object([&] {
    json.key("endpoints");
    json.object([&] {
      json.field("from", leg.from);
      json.field("to", leg.to);
    });
    json.field("outcome", leg.outcome);
    json.field("reached", leg.reached);
    json.field("established", leg.established);
    json.field("client_hello", leg.client_hello);
    json.field("hello_retry", leg.hello_retry);
    json.field("server_hello", leg.server_hello);
    json.field("certificates", leg.certificates);
    json.field("chain", leg.chain);
    json.field("certificate_request", leg.certificate_request);
    json.field("alerts", leg.alerts);
    json.field("close", leg.close);
    json.key("timing");
    json.object([&] {
      json.field("connect_ms", leg.connect_ms);
      json.field("handshake_ms", leg.handshake_ms);
    });
    write_transcript(json, leg);
    json.field("first_bytes", leg.first_bytes);
    json.field("failure", leg.failure);
    json.field("malformed", leg.malformed);
    json.field("client_certificates", leg.client_certificates);
    json.field("client_signature", leg.client_signature);
    json.field("encrypted_extensions", leg.encrypted_extensions);
    if (leg.key_exchange_group) json.field("key_exchange_group", leg.key_exchange_group);
    if (leg.dh_bits) json.field("dh_bits", leg.dh_bits);
    json.field("stapled_ocsp_bytes", leg.stapled_ocsp_bytes);
    json.field("stapled_ocsp", leg.stapled_ocsp);
    json.field("key_proof", leg.key_proof);
    json.field("session_tickets", leg.session_tickets);
    json.field("key_updates", leg.key_updates);
    if (leg.capture) json.field("capture", leg.capture);
  });
}

void write_json(JsonWriter& json, const CodePoint& point) {
  if (point.name.is_registered())
    return json.verbatim("{\"id\":", point.id, ",\"name\":\"", point.name.view(), "\"}");
  json.object([&] {
    json.field("id", point.id);
    json.field("name", point.name);
  });
}

void write_json(JsonWriter& json, const ClientHelloReport& hello) {
  json.object([&] {
    json.field("record_version", hello.record_version);
    json.field("legacy_version", hello.legacy_version);
    json.field("random", hello.random);
    json.field("session_id", hello.session_id);
    json.field("ciphers", hello.ciphers);
    json.field("compression", hello.compression);
    json.field("extensions", hello.extensions);
    json.field("sni", hello.sni);
    json.field("supported_versions", hello.supported_versions);
    json.field("groups", hello.groups);
    json.field("sig_algs", hello.sig_algs);
    json.field("ec_point_formats", hello.ec_point_formats);
    json.field("alpn", hello.alpn);
    json.field("key_share_groups", hello.key_share_groups);
    json.field("session_ticket_len", hello.session_ticket_len);
    json.field("psk_identities", hello.psk_identities);
    json.field("length", hello.length);
    json.field("segments", hello.segments);
    json.field("segments_exact", hello.segments_exact);
    json.field("sslv2", hello.sslv2);
    json.field("ja3", hello.ja3);
    json.field("ja3_full", hello.ja3_full);
    json.field("ja4", hello.ja4);
    json.field("extension_values", hello.extension_values);
  });
}

void write_json(JsonWriter& json, const ExtensionReport& extension) {
  json.object([&] {
    json.field("id", extension.type.id);
    json.field("name", extension.type.name);
    json.field("value", extension.value);
  });
}

void write_json(JsonWriter& json, const CertificateRequestReport& request) {
  json.object([&] {
    json.field("types", request.types);
    json.field("sig_algs", request.sig_algs);
    json.field("issuers", request.issuers);
    json.field("issuers_total", request.issuers_total);
  });
}

void write_json(JsonWriter& json, const ServerHelloReport& hello) {
  json.object([&] {
    json.field("legacy_version", hello.legacy_version);
    json.field("version", hello.version);
    json.field("random", hello.random);
    json.field("session_id", hello.session_id);
    json.field("cipher", hello.cipher);
    json.field("compression", hello.compression);
    json.field("extensions", hello.extensions);
    json.field("key_share_group", hello.key_share_group);
    json.field("alpn", hello.alpn);
    json.field("ja3s", hello.ja3s);
    json.field("extension_values", hello.extension_values);
  });
}

void write_json(JsonWriter& json, const EstablishedReport& established) {
  json.object([&] {
    json.field("version", established.version);
    json.field("cipher", established.cipher);
    json.field("group", established.group);
    json.field("signature", established.signature);
    json.field("alpn", established.alpn);
    json.field("resumed", established.resumed);
    json.field("encrypt_then_mac", established.encrypt_then_mac);
    json.field("extended_master_secret", established.extended_master_secret);
    json.field("dh_bits", established.dh_bits);
  });
}

void write_json(JsonWriter& json, const CertificateReport& certificate) {
  json.object([&] {
    json.field("subject", certificate.subject);
    json.field("issuer", certificate.issuer);
    json.field("serial", certificate.serial);
    json.field("not_before", certificate.not_before);
    json.field("not_after", certificate.not_after);
    json.field("san", certificate.san);
    json.field("key", certificate.key);
    json.field("signature", certificate.signature);
    json.field("sha256", certificate.sha256);
    json.field("problems", certificate.problems);
    json.field("ca", certificate.ca);
    json.field("must_staple", certificate.must_staple);
    json.field("key_usage", certificate.key_usages);
  });
}

void write_json(JsonWriter& json, const ChainReport& chain) {
  json.object([&] {
    json.field("trusted", chain.trusted);
    json.field("problems", chain.problems);
    json.field("missing_issuer", chain.missing_issuer);
    json.field("stores", chain.stores);
    json.field("found_issuer", chain.found_issuer);
    json.field("fetch_problem", chain.fetch_problem);
  });
}

void write_json(JsonWriter& json, const FoundIssuerReport& issuer) {
  json.object([&] {
    json.field("subject", issuer.subject);
    json.field("sha256", issuer.sha256);
    json.field("where", issuer.where);
    json.field("url", issuer.url);
    json.field("self_issued", issuer.self_issued);
    json.field("trusted", issuer.trusted);
  });
}

void write_json(JsonWriter& json, const StapledOcspReport& stapled) {
  json.object([&] {
    json.field("status", stapled.status);
    json.field("this_update", stapled.this_update);
    json.field("next_update", stapled.next_update);
    json.field("revoked_at", stapled.revoked_at);
    json.field("for_this_certificate", stapled.for_this_certificate);
    json.field("signature_ok", stapled.signature_ok);
  });
}

void write_json(JsonWriter& json, const ChainProblemReport& problem) {
  json.object([&] {
    json.field("depth", problem.depth);
    json.field("code", problem.code);
    json.field("hresult", problem.hresult);
  });
}

void write_json(JsonWriter& json, const StoreReport& store) {
  json.object([&] {
    json.field("name", store.name);
    json.field("trusted", store.trusted);
    json.field("problems", store.problems);
  });
}

void write_json(JsonWriter& json, const AlertReport& alert) {
  json.object([&] {
    json.field("event", alert.event);
    json.field("sent_by", alert.sent_by);
    json.field("level", alert.level);
    json.field("description", alert.description);
  });
}

void write_json(JsonWriter& json, const CloseReport& close) {
  json.object([&] {
    json.field("by", close.by);
    json.field("how", close.how);
  });
}

void write_json(JsonWriter& json, const EventReport& event) {
  if (event.what.is_registered() && JsonWriter::is_plain(event.sender) &&
      JsonWriter::is_plain(event.kind))
    return json.verbatim("{\"i\":", event.i, ",\"t_us\":", event.t_us, ",\"sender\":\"",
                         event.sender, "\",\"kind\":\"", event.kind, "\",\"what\":\"",
                         event.what.view(), "\",\"length\":", event.length, '}');
  json.object([&] {
    json.field("i", event.i);
    json.field("t_us", event.t_us);
    json.field("sender", event.sender);
    json.field("kind", event.kind);
    json.field("what", event.what);
    json.field("length", event.length);
  });
}

void write_json(JsonWriter& json, const RecordRow& row) {
  constexpr std::string_view directions[] = {",\"s2c\",", ",\"c2s\","};
  const std::string_view direction = directions[row.c2s ? 1 : 0];
  if (row.plaintext_length)
    json.verbatim('[', row.t_us, direction, row.content_type, ',', row.version, ',', row.length,
                  ',', *row.plaintext_length, ']');
  else
    json.verbatim('[', row.t_us, direction, row.content_type, ',', row.version, ',', row.length,
                  ",null]");
}

}  // namespace visavis::inspect
