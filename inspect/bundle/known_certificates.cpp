#include "inspect/bundle/known_certificates.h"

#include <algorithm>

#include "certs/digest.h"
#include "inspect/bundle/hex_bytes.h"
#include "inspect/capture/capture_sessions.h"
#include "inspect/transcript/wire_decoder.h"

namespace visavis::inspect {
void KnownCertificates::add(const SessionReport& session) {
  for (const auto* leg : {&session.client_leg, &session.backend_leg, &session.direct_leg}) {
    if (!*leg || (*leg)->certificates.empty()) continue;
    for (const CertificateReport& certificate : (*leg)->certificates)
      by_sha256_.try_emplace(certificate.sha256);
    if ((*leg)->outcome == "not-tls") continue;
    TranscriptBuilder builder(LegKind::direct_leg);
    WireDecoder decoder(builder);
    decoder.observe(0, Direction::c2s, hex_bytes((*leg)->raw_c2s));
    decoder.observe(0, Direction::s2c, hex_bytes((*leg)->raw_s2c));
    take(builder.transcript().certificates);
  }
}

bool KnownCertificates::complete() const {
  return std::none_of(by_sha256_.begin(), by_sha256_.end(),
                      [](const auto& known) { return known.second.empty(); });
}

void KnownCertificates::take(const std::vector<std::vector<std::uint8_t>>& certificates) {
  for (const auto& der : certificates) {
    const auto wanted = by_sha256_.find(certs::hex(certs::sha256(der)));
    if (wanted != by_sha256_.end()) wanted->second = der;
  }
}

void KnownCertificates::look_into(ByteStream& capture, KeyLog& secrets) {
  CaptureReader reader(capture);
  CaptureSessions sessions(
      [this](CapturedSession session) {
        take(session.transcript.certificates);
        for (const CapturedSession& other : session.others) take(other.transcript.certificates);
      },
      {&secrets, {}});
  CapturedPacket packet;
  while (reader.next(packet)) {
    if (const std::string found = reader.take_secrets(); !found.empty()) secrets.add(found);
    sessions.add(packet);
  }
  sessions.finish();
}

const std::vector<std::uint8_t>* KnownCertificates::find(const std::string& sha256) const {
  const auto found = by_sha256_.find(sha256);
  return found == by_sha256_.end() || found->second.empty() ? nullptr : &found->second;
}

}  // namespace visavis::inspect
