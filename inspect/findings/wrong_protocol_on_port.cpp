#include <algorithm>
#include <array>

#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kUnknownBytes = "unknown bytes";
constexpr std::size_t kMostShown = 60;

/// first_line is how the backend's bytes begin, as far as they can be read: they are in the report
/// as hex.
std::string first_line(std::string_view hex) {
  const auto digit = [](char letter) {
    return static_cast<unsigned>(letter >= 'a' ? letter - 'a' + 10 : letter - '0');
  };
  std::string line;
  for (std::size_t i = 0; i + 1 < hex.size() && line.size() < kMostShown; i += 2) {
    const unsigned byte = digit(hex[i]) << 4U | digit(hex[i + 1]);
    if (byte < 0x20 || byte > 0x7e) break;
    line += static_cast<char>(byte);
  }
  return line;
}

/// Service is what listens where TLS was due, and what is to be done about it.
struct Service {
  std::string_view first_bytes;
  std::string_view word;  ///< in the first line; empty: any
  std::string_view is;
  std::string_view remedy;
};

constexpr std::array kServices{
    Service{"plain HTTP response", "", "a web server without TLS on this port",
            "Point the client at the TLS port, or enable TLS for this listener on the backend "
            "(IIS: an https binding with a certificate; nginx: listen ... ssl; Apache: SSLEngine "
            "on in this virtual host; a load balancer: an HTTPS target, not an HTTP one)."},
    Service{"plain HTTP/2 frames", "", "an HTTP/2 server without TLS (h2c) on this port",
            "Let the client speak HTTP/2 without TLS (gRPC: plaintext, usePlaintext), or enable "
            "TLS on the backend's listener."},
    Service{"SSH banner", "", "an SSH server",
            "Look which program owns the port (Windows: netstat -ano; Linux: ss -ltnp): a service "
            "was moved to it, or a gateway shares it by protocol (sslh)."},
    Service{"SMTP or FTP banner", "SMTP", "a mail server (SMTP) that expects STARTTLS",
            "Use the port that begins with TLS (submissions, 465), or switch the client to "
            "STARTTLS (curl: smtp:// with --ssl-reqd; openssl s_client: -starttls smtp)."},
    Service{"SMTP or FTP banner", "FTP", "an FTP server that expects AUTH TLS",
            "Use implicit FTPS (990), or switch the client to explicit FTPS (curl: ftp:// with "
            "--ssl-reqd; openssl s_client: -starttls ftp)."},
    Service{"SMTP or FTP banner", "", "a mail or FTP server that expects STARTTLS",
            "Use the port that begins with TLS (SMTP 465, FTP 990), or switch the client to "
            "STARTTLS or AUTH TLS."},
    Service{"IMAP banner", "", "an IMAP server that expects STARTTLS",
            "Use the port that begins with TLS (993), or switch the client to STARTTLS (openssl "
            "s_client: -starttls imap)."},
    Service{"POP3 banner", "", "a POP3 server that expects STLS",
            "Use the port that begins with TLS (995), or switch the client to STLS (openssl "
            "s_client: -starttls pop3)."},
    Service{"MySQL greeting", "", "a MySQL or MariaDB server, which turns to TLS after a greeting",
            "Let the client speak MySQL's protocol with TLS in it (ssl-mode=REQUIRED; openssl "
            "s_client: -starttls mysql); a TLS proxy in front can't know when it begins."},
    Service{"NNTP banner", "", "a news server that expects STARTTLS",
            "Use the port that begins with TLS (563), or switch the client to STARTTLS."},
    Service{"VNC banner", "", "a VNC server",
            "Look which program owns the port (netstat -ano, ss -ltnp); VNC has TLS inside its own "
            "protocol (VeNCrypt)."},
    Service{"Redis answer", "", "a Redis server without TLS on this port",
            "Enable TLS on the backend (tls-port, and port 0), or let the client connect without."},
    Service{"Telnet negotiation", "", "a Telnet server",
            "Use the port that begins with TLS (992), or the device's HTTPS port."},
};

constexpr Service kOther{
    "", "", "another service than a TLS server",
    "Look which program owns the port on the backend (Windows: netstat -ano and tasklist; Linux: "
    "ss -ltnp), and give the client the port that speaks TLS from the first byte."};

const Service& service_of(std::string_view what, std::string_view line) {
  const auto* const found =
      std::find_if(kServices.begin(), kServices.end(), [&](const Service& service) {
        return service.first_bytes == what && line.find(service.word) != std::string_view::npos;
      });
  return found == kServices.end() ? kOther : *found;
}

/// True when the backend's first bytes are in the list before the ClientHello is: its record, where
/// there is one, since our library tells of its own hello before that is sent.
bool spoke_first(const LegReport& leg, const EventReport& words) {
  const EventReport* hello = first_event(leg, "message", "ClientHello");
  if (hello != nullptr)
    if (const EventReport* sent = first_event(leg, "record", "handshake", hello->sender))
      hello = sent;
  return hello == nullptr || words.i < hello->i;
}

std::string cause(const LegSide& side, const Service& service, std::string_view what, bool first,
                  bool named) {
  std::string text = first ? "The backend spoke before it was asked"
                           : "The backend answered the " + std::string(side.client) +
                                 "'s ClientHello with something that is no TLS";
  if (named)
    text += " (" + std::string(what) + "). Behind this port is " + std::string(service.is) + '.';
  else
    text +=
        ". The bytes are of no protocol that visavis knows: another service has the port, or "
        "something between damages what the backend says.";
  if (first) text += " In TLS the client speaks first.";
  return text;
}

}  // namespace

/// A TLS server's first byte is that of a handshake or alert record. Anything else to a ClientHello
/// is another service's; who sent no hello may speak plain itself (plaintext-on-tls-port).
std::optional<FindingReport> diagnose_wrong_protocol_on_port(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || side.leg->outcome != "not-tls" || !side.leg->first_bytes) return std::nullopt;
  const LegReport& leg = *side.leg;
  const std::string& what = *leg.first_bytes;
  const EventReport* words = first_event(leg, "tcp", what);
  if (words == nullptr || words->sender != "backend") return std::nullopt;
  if (side.direct() && !leg.client_hello) return std::nullopt;

  const bool named = what != kUnknownBytes;
  const std::string line = first_line(leg.raw_s2c);
  const Service& service = service_of(what, line);
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = named ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend does not speak TLS on this port: " + what;
  finding.cause = cause(side, service, what, spoke_first(leg, *words), named);
  finding.expected = "a TLS ServerHello (first byte 0x16)";
  finding.presented = line.empty() ? what : what + ": " + line;
  finding.remedy = service.remedy;
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello sent by the " + std::string(side.client));
  finding.evidence.push_back(evidence_of(side.name, *words));
  finding.codes.hresult = "0x80090308";
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox = "SSL_ERROR_RX_RECORD_TOO_LONG";
  finding.codes.java = "SSLException: Unsupported or unrecognized SSL message";
  finding.source = "RFC 8446 5.1";
  return finding;
}

}  // namespace visavis::inspect
