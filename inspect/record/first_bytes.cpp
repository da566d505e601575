#include "inspect/record/first_bytes.h"

#include <algorithm>
#include <array>

namespace visavis::inspect {
namespace {

using namespace std::string_view_literals;

struct Opening {
  std::string_view prefix;
  Protocol protocol;
};

constexpr std::array kOpenings{
    Opening{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv, Protocol::http2_preface},
    Opening{"GET "sv, Protocol::http_request},
    Opening{"POST "sv, Protocol::http_request},
    Opening{"HEAD "sv, Protocol::http_request},
    Opening{"PUT "sv, Protocol::http_request},
    Opening{"DELETE "sv, Protocol::http_request},
    Opening{"OPTIONS "sv, Protocol::http_request},
    Opening{"PATCH "sv, Protocol::http_request},
    Opening{"TRACE "sv, Protocol::http_request},
    Opening{"CONNECT "sv, Protocol::http_request},
    Opening{"PROPFIND "sv, Protocol::http_request},
    Opening{"HTTP/"sv, Protocol::http_response},
    Opening{"SSH-"sv, Protocol::ssh},
    Opening{"220 "sv, Protocol::smtp_or_ftp},
    Opening{"220-"sv, Protocol::smtp_or_ftp},
    Opening{"421 "sv, Protocol::smtp_or_ftp},
    Opening{"554 "sv, Protocol::smtp_or_ftp},
    Opening{"554-"sv, Protocol::smtp_or_ftp},
    Opening{"* OK"sv, Protocol::imap},
    Opening{"* PREAUTH"sv, Protocol::imap},
    Opening{"+OK"sv, Protocol::pop3},
    Opening{"PROXY TCP"sv, Protocol::proxy_header},
    Opening{"PROXY UNKNOWN"sv, Protocol::proxy_header},
    Opening{"\r\n\r\n\0\r\nQUIT\n"sv, Protocol::proxy_header},
    Opening{"\x03\x00"sv, Protocol::rdp},
    Opening{"\x05\x01\x00"sv, Protocol::socks},
    Opening{"\x05\x02\x00"sv, Protocol::socks},
    Opening{"\x04\x01"sv, Protocol::socks},
    Opening{"200 "sv, Protocol::nntp},
    Opening{"201 "sv, Protocol::nntp},
    Opening{"RFB 003."sv, Protocol::vnc},
    Opening{"-ERR "sv, Protocol::redis},
    Opening{"\xff\xfb"sv, Protocol::telnet},
    Opening{"\xff\xfd"sv, Protocol::telnet},
    Opening{"\0\0\0\x08\x04\xd2\x16\x2f"sv, Protocol::postgresql},
};

enum class Match { no, partial, yes };

Match match(Bytes bytes, std::string_view prefix) {
  const std::size_t common = std::min(bytes.size(), prefix.size());
  const bool same = std::equal(
      bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(common), prefix.begin(),
      [](std::uint8_t byte, char letter) { return byte == static_cast<std::uint8_t>(letter); });
  if (!same) return Match::no;
  return common == prefix.size() ? Match::yes : Match::partial;
}

/// A TLS record's header: an assigned type and major version 3. Two bytes decide.
Match match_tls(Bytes bytes) {
  if (bytes[0] < 20 || bytes[0] > 24) return Match::no;
  if (bytes.size() < 2) return Match::partial;
  return bytes[1] == 3 ? Match::yes : Match::no;
}

/// RFC 5246 E.2: high bit, length, type 1, then version 2.0 or 3.x.
Match match_sslv2(Bytes bytes) {
  if ((bytes[0] & 0x80) == 0) return Match::no;
  if (bytes.size() < 4) return bytes.size() >= 3 && bytes[2] != 1 ? Match::no : Match::partial;
  return bytes[2] == 1 && (bytes[3] == 3 || bytes[3] == 0) ? Match::yes : Match::no;
}

/// MySQL's greeting: 3 bytes of little-endian length, sequence number 0, protocol version 10
/// (0x0a).
Match match_mysql(Bytes bytes) {
  return bytes[0] == 0 ? Match::no : match(bytes.subspan(1), "\0\0\0\x0a"sv);
}

/// PostgreSQL's StartupMessage: 4 bytes of length, below 64 KiB, then protocol version 3.0.
Match match_postgresql(Bytes bytes) {
  const Match length = match(bytes, "\0\0"sv);
  if (length != Match::yes || bytes.size() <= 4)
    return length == Match::no ? length : Match::partial;
  return match(bytes.subspan(4), "\0\x03\0\0"sv);
}

/// A server's connection preface: 3 bytes of length, a multiple of 6, type 4 (SETTINGS), flags 0,
/// stream 0. A server that can't read its client's sends it, and GOAWAY behind it.
Match match_http2_frames(Bytes bytes) {
  if (bytes[0] != 0) return Match::no;
  if (bytes.size() < 3) return Match::partial;
  if (bytes[1] != 0 || bytes[2] % 6 != 0) return Match::no;
  return match(bytes.subspan(3), "\x04\0\0\0\0\0"sv);
}

/// NetBIOS session message: type 0, three bytes of length, then the SMB magic.
Match match_smb(Bytes bytes) {
  if (bytes[0] != 0) return Match::no;
  if (bytes.size() <= 4) return Match::partial;
  return bytes[4] == 0xff || bytes[4] == 0xfe ? match(bytes.subspan(5), "SMB"sv) : Match::no;
}

}  // namespace

std::string_view name(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls:
      return "TLS";
    case Protocol::sslv2_hello:
      return "SSL 2.0 ClientHello";
    case Protocol::http_request:
      return "plain HTTP request";
    case Protocol::http2_preface:
      return "plain HTTP/2 preface";
    case Protocol::http_response:
      return "plain HTTP response";
    case Protocol::ssh:
      return "SSH banner";
    case Protocol::smtp_or_ftp:
      return "SMTP or FTP banner";
    case Protocol::imap:
      return "IMAP banner";
    case Protocol::pop3:
      return "POP3 banner";
    case Protocol::proxy_header:
      return "PROXY protocol header";
    case Protocol::rdp:
      return "RDP (TPKT) packet";
    case Protocol::mysql:
      return "MySQL greeting";
    case Protocol::postgresql:
      return "PostgreSQL SSLRequest";
    case Protocol::socks:
      return "SOCKS greeting";
    case Protocol::smb:
      return "SMB packet";
    case Protocol::nntp:
      return "NNTP banner";
    case Protocol::vnc:
      return "VNC banner";
    case Protocol::redis:
      return "Redis answer";
    case Protocol::telnet:
      return "Telnet negotiation";
    case Protocol::http2_frames:
      return "plain HTTP/2 frames";
    case Protocol::unknown:
      return "unknown bytes";
  }
  return "?";
}

StreamResult<Protocol> detect_first_bytes(Bytes bytes) {
  if (bytes.empty()) return NeedMore{1};
  bool partial = false;
  const auto settle = [&partial](Match found) {
    partial = partial || found == Match::partial;
    return found == Match::yes;
  };
  if (settle(match_tls(bytes))) return Protocol::tls;
  if (settle(match_sslv2(bytes))) return Protocol::sslv2_hello;
  for (const auto& [prefix, protocol] : kOpenings)
    if (settle(match(bytes, prefix))) return protocol;
  if (settle(match_http2_frames(bytes))) return Protocol::http2_frames;
  if (settle(match_smb(bytes))) return Protocol::smb;
  if (settle(match_postgresql(bytes))) return Protocol::postgresql;
  if (settle(match_mysql(bytes))) return Protocol::mysql;
  if (partial) return NeedMore{1};
  return Protocol::unknown;
}

}  // namespace visavis::inspect
