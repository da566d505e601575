#include <algorithm>

#include "inspect/findings/end_findings.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view record_name(std::uint8_t type) {
  switch (type) {
    case 20:
      return "change_cipher_spec";
    case 21:
      return "alert";
    case 22:
      return "handshake";
    case 23:
      return "application_data";
    default:
      return "unknown";
  }
}

/// Which record it is in, as it was sent: "record 3 (application_data, 512 bytes)".
std::string record_words(const Way& way, std::uint64_t byte) {
  std::uint64_t end = 0;
  std::size_t number = 0;
  for (const RecordRow& row : way.sent->records) {
    if (row.c2s != way.c2s) continue;
    ++number;
    end += kRecordHeaderBytes + row.length;
    if (byte < end)
      return "record " + std::to_string(number) + " (" +
             std::string(record_name(row.content_type)) + ", " + count_of(row.length, "byte") + ")";
  }
  return {};
}

std::string place(const Way& way, const Alteration& altered) {
  std::string text = altered.first == altered.last
                         ? "byte " + std::to_string(altered.first)
                         : "a byte between " + std::to_string(altered.first) + " and " +
                               std::to_string(altered.last);
  const std::string first = record_words(way, altered.first);
  const std::string last = record_words(way, altered.last);
  if (!first.empty()) text += ", in " + first;
  if (!last.empty() && last != first) text += " to " + last;
  return text;
}

FindingReport finding_for(const TwoEnds& ends, const Way& way, const std::string& what,
                          const std::string& where) {
  const std::string sender(way.sender);
  FindingReport finding = network_finding(ends, "bytes-altered");
  finding.severity = severity::kError;  // no TLS takes it for what was sent
  finding.title =
      "What the " + sender + " sends is changed on its way to the " + std::string(way.receiver);
  finding.cause =
      what +
      ". TCP's checksum was right, or the packet would not have been taken: a device on "
      "the way, or a network card or driver, wrote what it passed on anew. TLS notices "
      "it: a changed handshake message fails at Finished or before, a changed record at "
      "its authentication code (bad_record_mac).";
  finding.expected = "the bytes as they were sent";
  finding.presented = "other bytes from " + where + " on";
  finding.remedy =
      "Take the devices on the way out one by one (accelerators, filters, VPN gateways, load "
      "balancers), switch off TCP offloading on both machines, and capture closer to the middle to "
      "find where the bytes change.";
  add_end_evidence(
      finding, way.sender_end, nullptr,
      std::to_string(way.bytes_sent()) + " bytes sent; from " + where + " on they differ");
  add_end_evidence(finding, way.receiver_end, nullptr,
                   std::to_string(way.bytes_got()) + " bytes arrived");
  finding.codes.hresult = "0x8009030f";  // SEC_E_MESSAGE_ALTERED
  finding.codes.chrome = "ERR_SSL_BAD_RECORD_MAC_ALERT";
  finding.source = "RFC 8446 5.2; RFC 5246 6.2.3";
  return finding;
}

}  // namespace

/// What a change of a hello or an alert explains better is left to those.
std::optional<FindingReport> diagnose_bytes_altered(const TwoEnds& ends) {
  if (diagnose_hello_altered(ends)) return std::nullopt;
  for (const Way& way : ways(ends)) {
    const auto put_in = find_put_in(ends, way);
    if (put_in && put_in->alert != nullptr) continue;
    if (const auto altered = find_alteration(way))
      return finding_for(ends, way,
                         "The bytes that arrive are not those that the " + std::string(way.sender) +
                             " sent, from " + place(way, *altered) + " on",
                         place(way, *altered));
    // Without its FIN the sender may have sent more than its end's capture shows.
    const EventReport* end = tcp_close(*way.sent, way.sender);
    if (put_in && end != nullptr && end->what == "fin")
      return finding_for(ends, way,
                         std::to_string(way.bytes_got() - put_in->first) +
                             " bytes arrive behind all that the " + std::string(way.sender) +
                             " sent",
                         "byte " + std::to_string(put_in->first));
  }
  return std::nullopt;
}

}  // namespace visavis::inspect
