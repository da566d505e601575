#include "tests/corpora/observed_stream.h"

#include <algorithm>

#include "certs/digest.h"
#include "inspect/handshake/certificate_message.h"
#include "inspect/transcript/wire_decoder.h"
#include "tests/corpora/hello_facts.h"

namespace visavis::corpora {
namespace {

namespace json = boost::json;
using namespace inspect;

using Lists = PerDirection<json::array>;

json::object by_direction(Lists lists) {
  return {{"c2s", std::move(lists.c2s)}, {"s2c", std::move(lists.s2c)}};
}

/// Collector keeps what the transcript keeps only the first or the last of.
struct Collector : MessageTap {
  Lists client_hellos, server_hellos, certificates, handshakes;
  ProtocolVersion version = kTls12;

  void message(std::int64_t, Direction direction, ProtocolVersion record_version,
               Bytes bytes) override {
    const HandshakeType type{bytes[0]};
    handshakes[direction].push_back(json::array{type.value, bytes.size() - 4});
    if (type == kClientHello) add_client_hello(direction, record_version, bytes);
    if (type == kServerHello) add_server_hello(direction, record_version, bytes);
    if (type == kCertificate) add_certificates(direction, bytes);
  }

 private:
  void add_client_hello(Direction direction, ProtocolVersion record_version, Bytes bytes) {
    auto hello = parse_client_hello(bytes);
    if (!hello.ok()) return;
    hello->record_version = record_version;
    client_hellos[direction].push_back(client_hello_facts(*hello));
  }
  void add_server_hello(Direction direction, ProtocolVersion record_version, Bytes bytes) {
    const auto hello = parse_server_hello(bytes);
    if (!hello.ok()) return;
    version = hello->version();
    server_hellos[direction].push_back(server_hello_facts(*hello, record_version, bytes.size()));
  }
  void add_certificates(Direction direction, Bytes bytes) {
    const auto message = parse_certificate_message(bytes, version);
    if (!message.ok()) return;
    for (const auto& der : message->certificates)
      certificates[direction].push_back(certificate_facts(der));
  }
};

/// RecordList lists all records of a direction; the transcript keeps 400.
struct RecordList {
  json::array& records;
  void fragment(const RecordHeader&, Bytes) const {}
  void record(const RecordHeader& header) const {
    if (header.sslv2)
      records.push_back(json::array{nullptr, header.version.value, header.length});
    else
      records.push_back(json::array{header.type.value, header.version.value, header.length});
  }
};

json::array digests(const std::vector<std::vector<std::uint8_t>>& certificates) {
  json::array values;
  for (const auto& der : certificates) values.emplace_back(certs::hex(certs::sha256(der)));
  return values;
}

/// Encrypted handshake messages follow on a direction's ChangeCipherSpec, up to TLS 1.2.
void add_encrypted_handshakes(const Lists& records, bool tls13, Lists& handshakes) {
  for (const Direction direction : {Direction::c2s, Direction::s2c}) {
    bool changed = false;
    for (const json::value& record : records[direction]) {
      const json::value& type = record.as_array()[0];
      if (type == 20) changed = true;
      if (type == 22 && changed && !tls13)
        handshakes[direction].push_back(json::array{nullptr, "encrypted"});
    }
  }
}

Lists alerts_of(const Transcript& transcript) {
  Lists alerts;
  for (const Event& event : transcript.events) {
    if (event.kind != EventKind::alert) continue;
    auto& list = alerts[event.sender == Party::client ? Direction::c2s : Direction::s2c];
    if (event.note.empty())
      list.push_back(json::object{{"level", event.level}, {"desc", event.code}});
    else
      list.push_back(json::object{{"encrypted", true}, {"len", event.length}});
  }
  return alerts;
}

void add_sslv2(const Transcript& transcript, Collector& collected) {
  if (transcript.client_hello && transcript.client_hello->sslv2) {
    collected.client_hellos.c2s.push_back(client_hello_facts(*transcript.client_hello));
    collected.handshakes.c2s.insert(collected.handshakes.c2s.begin(), json::array{1, "sslv2"});
  }
  if (transcript.sslv2_server_hello) {
    const Sslv2ServerHello& hello = *transcript.sslv2_server_hello;
    collected.server_hellos.s2c.push_back(sslv2_server_hello_facts(hello));
    collected.certificates.s2c.push_back(certificate_facts(hello.certificate));
    collected.handshakes.s2c.push_back(json::array{4, "sslv2"});
  }
  if (transcript.sslv2_cipher) collected.handshakes.c2s.push_back(json::array{2, "sslv2"});
}

json::value version_of(const Transcript& transcript) {
  if (transcript.sslv2_server_hello) return transcript.sslv2_server_hello->version.value;
  if (transcript.server_hello) return transcript.server_hello->version().value;
  return nullptr;
}

json::object facts_of(const Transcript& transcript, Collector collected, Lists records) {
  const auto& hello = transcript.server_hello;
  add_sslv2(transcript, collected);
  add_encrypted_handshakes(records, hello && hello->version() >= kTls13, collected.handshakes);
  json::object facts;
  facts["version"] = version_of(transcript);
  facts["cipher"] = hello ? json::value(hello->cipher.value) : json::value(nullptr);
  facts["established"] = transcript.established;
  facts["resumed"] = transcript.resumed;
  facts["hello_segments"] = transcript.hello_segments.size();
  facts["chain"] = digests(transcript.certificates);
  facts["client_chain"] =
      transcript.client_certificates ? digests(*transcript.client_certificates) : json::array{};
  facts["records_total"] = transcript.records_total;
  facts["client_hellos"] = by_direction(std::move(collected.client_hellos));
  facts["server_hellos"] = by_direction(std::move(collected.server_hellos));
  facts["certificates"] = by_direction(std::move(collected.certificates));
  facts["handshakes"] = by_direction(std::move(collected.handshakes));
  facts["alerts"] = by_direction(alerts_of(transcript));
  facts["records"] = by_direction(std::move(records));
  return facts;
}

}  // namespace

Observed observe_stream(const test::CapturedStream& stream, std::string_view client,
                        std::size_t skip_c2s, std::size_t skip_s2c, std::size_t piece) {
  const bool first_is_client = stream.first == client;
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  Collector collected;
  decoder.set_message_tap(&collected);
  PerDirection<RecordReader> readers;
  PerDirection<std::size_t> skip{skip_c2s, skip_s2c};
  Lists records;
  for (const test::StreamPart& part : stream.parts) {
    const Direction direction =
        part.from_first == first_is_client ? Direction::c2s : Direction::s2c;
    Bytes bytes(part.bytes);
    const std::size_t skipped = std::min(skip[direction], bytes.size());
    skip[direction] -= skipped;
    bytes = bytes.subspan(skipped);
    readers[direction].feed(bytes, RecordList{records[direction]});
    while (!bytes.empty()) {
      const std::size_t count = piece == 0 ? bytes.size() : std::min(piece, bytes.size());
      decoder.observe(part.frame, direction, bytes.first(count));
      bytes = bytes.subspan(count);
    }
  }
  const Transcript& seen = builder.transcript();
  return {facts_of(seen, std::move(collected), std::move(records)),
          first_is_client ? stream.first_lost : stream.second_lost,
          first_is_client ? stream.second_lost : stream.first_lost,
          seen.client_hello || seen.server_hello || seen.sslv2_server_hello || seen.established,
          seen};
}

}  // namespace visavis::corpora
