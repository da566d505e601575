#include "inspect/report/json_leg_reader.h"

namespace visavis::inspect {

void read_json(const JsonField& json, CodePoint& point);
void read_json(const JsonField& json, ClientHelloReport& hello);
void read_json(const JsonField& json, ExtensionReport& extension);
void read_json(const JsonField& json, CertificateRequestReport& request);
void read_json(const JsonField& json, ServerHelloReport& hello);
void read_json(const JsonField& json, EstablishedReport& established);
void read_json(const JsonField& json, CertificateReport& certificate);
void read_json(const JsonField& json, ChainReport& chain);
void read_json(const JsonField& json, ChainProblemReport& problem);
void read_json(const JsonField& json, FoundIssuerReport& issuer);
void read_json(const JsonField& json, StapledOcspReport& stapled);
void read_json(const JsonField& json, StoreReport& store);
void read_json(const JsonField& json, AlertReport& alert);
void read_json(const JsonField& json, CloseReport& close);
void read_json(const JsonField& json, EventReport& event);
void read_json(const JsonField& json, RecordRow& row);
void read_json(const JsonField& json, CaptureView& view);

namespace {

void read_transcript(const JsonField& json, LegReport& leg) {
  json.field("history", leg.history);
  json.inside("record_split", [&](const JsonField& split) {
    split.field("c2s", leg.split_c2s);
    split.field("s2c", leg.split_s2c);
  });
  json.added_field("record_habits", leg.record_habits);
  json.field("events", leg.events);
  json.field("records", leg.records);
  json.field("records_total", leg.records_total);
  json.inside("raw", [&](const JsonField& raw) {
    raw.field("c2s", leg.raw_c2s);
    raw.field("s2c", leg.raw_s2c);
    raw.added_field("cut", leg.raw_cut);
  });
}

}  // namespace

void read_json(const JsonField& json, LegReport& leg) {
  json.inside("endpoints", [&](const JsonField& endpoints) {
    endpoints.field("from", leg.from);
    endpoints.field("to", leg.to);
  });
  json.field("outcome", leg.outcome);
  json.field("reached", leg.reached);
  json.field("established", leg.established);
  json.field("client_hello", leg.client_hello);
  json.field("hello_retry", leg.hello_retry);
  json.field("server_hello", leg.server_hello);
  json.field("certificates", leg.certificates);
  json.field("chain", leg.chain);
  json.added_field("certificate_request", leg.certificate_request);
  json.field("alerts", leg.alerts);
  json.field("close", leg.close);
  json.inside("timing", [&](const JsonField& timing) {
    timing.field("connect_ms", leg.connect_ms);
    timing.field("handshake_ms", leg.handshake_ms);
  });
  read_transcript(json, leg);
  json.added_field("first_bytes", leg.first_bytes);
  json.added_field("failure", leg.failure);
  json.added_field("malformed", leg.malformed);
  json.added_field("client_certificates", leg.client_certificates);
  json.added_field("client_signature", leg.client_signature);
  json.added_field("encrypted_extensions", leg.encrypted_extensions);
  json.added_field("key_exchange_group", leg.key_exchange_group);
  json.added_field("dh_bits", leg.dh_bits);
  json.added_field("stapled_ocsp_bytes", leg.stapled_ocsp_bytes);
  json.added_field("stapled_ocsp", leg.stapled_ocsp);
  json.added_field("key_proof", leg.key_proof);
  json.added_field("session_tickets", leg.session_tickets);
  json.added_field("key_updates", leg.key_updates);
  json.added_field("capture", leg.capture);
}

void read_json(const JsonField& json, CodePoint& point) {
  json.field("id", point.id);
  std::string name;
  json.field("name", name);
  point.name = name;
}

void read_json(const JsonField& json, ClientHelloReport& hello) {
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
  json.added_field("extension_values", hello.extension_values);
}

void read_json(const JsonField& json, ExtensionReport& extension) {
  json.field("id", extension.type.id);
  std::string name;
  json.field("name", name);
  extension.type.name = name;
  json.field("value", extension.value);
}

void read_json(const JsonField& json, CertificateRequestReport& request) {
  json.field("types", request.types);
  json.field("sig_algs", request.sig_algs);
  json.field("issuers", request.issuers);
  json.field("issuers_total", request.issuers_total);
}

void read_json(const JsonField& json, ServerHelloReport& hello) {
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
  json.added_field("extension_values", hello.extension_values);
}

void read_json(const JsonField& json, EstablishedReport& established) {
  json.field("version", established.version);
  json.field("cipher", established.cipher);
  json.field("group", established.group);
  json.field("signature", established.signature);
  json.field("alpn", established.alpn);
  json.field("resumed", established.resumed);
  json.field("encrypt_then_mac", established.encrypt_then_mac);
  json.field("extended_master_secret", established.extended_master_secret);
  json.added_field("dh_bits", established.dh_bits);
}

void read_json(const JsonField& json, CertificateReport& certificate) {
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
  json.added_field("ca", certificate.ca);
  json.added_field("must_staple", certificate.must_staple);
  json.added_field("key_usage", certificate.key_usages);
}

void read_json(const JsonField& json, ChainReport& chain) {
  json.field("trusted", chain.trusted);
  json.field("problems", chain.problems);
  json.field("missing_issuer", chain.missing_issuer);
  json.field("stores", chain.stores);
  json.added_field("found_issuer", chain.found_issuer);
  json.added_field("fetch_problem", chain.fetch_problem);
}

void read_json(const JsonField& json, FoundIssuerReport& issuer) {
  json.field("subject", issuer.subject);
  json.field("sha256", issuer.sha256);
  json.field("where", issuer.where);
  json.added_field("url", issuer.url);
  json.added_field("self_issued", issuer.self_issued);
  json.added_field("trusted", issuer.trusted);
}

void read_json(const JsonField& json, StapledOcspReport& stapled) {
  json.field("status", stapled.status);
  json.field("this_update", stapled.this_update);
  json.field("next_update", stapled.next_update);
  json.field("revoked_at", stapled.revoked_at);
  json.field("for_this_certificate", stapled.for_this_certificate);
  json.field("signature_ok", stapled.signature_ok);
}

void read_json(const JsonField& json, ChainProblemReport& problem) {
  json.field("depth", problem.depth);
  json.field("code", problem.code);
  json.field("hresult", problem.hresult);
}

void read_json(const JsonField& json, StoreReport& store) {
  json.field("name", store.name);
  json.field("trusted", store.trusted);
  json.field("problems", store.problems);
}

void read_json(const JsonField& json, AlertReport& alert) {
  json.field("event", alert.event);
  json.field("sent_by", alert.sent_by);
  json.field("level", alert.level);
  json.field("description", alert.description);
}

void read_json(const JsonField& json, CloseReport& close) {
  json.field("by", close.by);
  json.field("how", close.how);
}

void read_json(const JsonField& json, EventReport& event) {
  json.field("i", event.i);
  json.field("t_us", event.t_us);
  json.field("sender", event.sender);
  json.field("kind", event.kind);
  std::string what;
  json.field("what", what);
  event.what = what;
  json.field("length", event.length);
}

void read_json(const JsonField& json, RecordRow& row) {
  std::string direction;
  json.item(0, row.t_us);
  json.item(1, direction);
  json.item(2, row.content_type);
  json.item(3, row.version);
  json.item(4, row.length);
  json.item(5, row.plaintext_length);
  if (direction != "c2s" && direction != "s2c") json.fail("its direction is neither c2s nor s2c");
  row.c2s = direction == "c2s";
}

}  // namespace visavis::inspect
