#pragma once
#include <string_view>

#include "inspect/bytes/byte_reader.h"
#include "inspect/bytes/result.h"

namespace visavis::inspect {

/// Protocol is what the first bytes of one direction of a connection look like.
enum class Protocol {
  tls,            ///< a TLS record header: type 20-24, version 3.x
  sslv2_hello,    ///< ClientHello in the SSL 2.0 form, RFC 5246 E.2
  http_request,   ///< method and a space
  http2_preface,  ///< "PRI * HTTP/2.0" without TLS, RFC 9113 3.4
  http_response,  ///< "HTTP/"
  ssh,            ///< "SSH-", RFC 4253 4.2
  smtp_or_ftp,    ///< "220", RFC 5321 and RFC 959
  imap,           ///< "* OK" / "* PREAUTH", RFC 9051
  pop3,           ///< "+OK", RFC 1939
  proxy_header,   ///< PROXY protocol version 1 or 2
  rdp,            ///< TPKT version 3, RFC 2126 (X.224 connection request)
  mysql,          ///< a MySQL server's greeting
  postgresql,     ///< SSLRequest or StartupMessage
  socks,          ///< SOCKS 4 or 5 greeting
  smb,            ///< NetBIOS session header and 0xff/0xfe "SMB"
  nntp,           ///< "200 " or "201 ", RFC 3977
  vnc,            ///< "RFB 003.", RFC 6143
  redis,          ///< "-ERR "
  telnet,         ///< IAC DO or IAC WILL, RFC 854
  http2_frames,   ///< a SETTINGS frame on stream 0, RFC 9113 3.4
  unknown,        ///< none of these
};

/// name returns words for a report: "plain HTTP request", "SSH banner" ...
std::string_view name(Protocol protocol);

/// detect_first_bytes tells which protocol a stream begins with. It asks for more while what is
/// there is a proper prefix of something it knows; 24 bytes always suffice. Never an error: unknown
/// is an answer.
StreamResult<Protocol> detect_first_bytes(Bytes bytes);

}  // namespace visavis::inspect
