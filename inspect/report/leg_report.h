#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ExtensionReport is one extension with its body in words, where our parser knows it.
struct ExtensionReport {
  CodePoint type;
  std::string value;  ///< "ocsp", "zlib, brotli", "16385" ...; empty: an empty body

  friend bool operator==(const ExtensionReport&, const ExtensionReport&) = default;
};

/// ClientHelloReport is the JSON contract's HELLO.
struct ClientHelloReport {
  CodePoint record_version;
  CodePoint legacy_version;
  std::string random;      ///< hex
  std::string session_id;  ///< hex
  std::vector<CodePoint> ciphers;
  std::vector<int> compression;
  std::vector<CodePoint> extensions;
  std::optional<std::string> sni;
  std::optional<std::vector<CodePoint>> supported_versions;
  std::optional<std::vector<CodePoint>> groups;
  std::optional<std::vector<CodePoint>> sig_algs;
  std::optional<std::vector<int>> ec_point_formats;
  std::optional<std::vector<std::string>> alpn;
  std::optional<std::vector<CodePoint>> key_share_groups;
  std::optional<int> session_ticket_len;
  int psk_identities = 0;
  /// Beyond the contract's fields: the extensions that have no field of their own, decoded.
  std::vector<ExtensionReport> extension_values{};
  std::uint32_t length = 0;             ///< the handshake message's length field
  std::vector<std::uint32_t> segments;  ///< TCP payload sizes in which the hello arrived
  bool segments_exact = false;
  bool sslv2 = false;
  std::string ja3;
  std::string ja3_full;
  std::string ja4;

  friend bool operator==(const ClientHelloReport&, const ClientHelloReport&) = default;
};

/// CertificateRequestReport is what a server asks of its client's certificate.
struct CertificateRequestReport {
  std::vector<CodePoint> types;                    ///< up to TLS 1.2
  std::optional<std::vector<CodePoint>> sig_algs;  ///< TLS 1.2 and 1.3
  std::vector<std::string> issuers;                ///< RFC 2253; none: any issuer will do
  std::uint32_t issuers_total = 0;

  friend bool operator==(const CertificateRequestReport&,
                         const CertificateRequestReport&) = default;
};

struct ServerHelloReport {
  CodePoint legacy_version;
  CodePoint version;  ///< the chosen one: selected_version where present
  std::string random;
  std::string session_id;
  CodePoint cipher;
  int compression = 0;
  std::vector<CodePoint> extensions;
  std::optional<CodePoint> key_share_group;
  std::optional<std::string> alpn;
  std::string ja3s;
  std::vector<ExtensionReport> extension_values;  ///< beyond the contract's fields, as in a HELLO

  friend bool operator==(const ServerHelloReport&, const ServerHelloReport&) = default;
};

struct EstablishedReport {
  CodePoint version;
  CodePoint cipher;
  std::optional<CodePoint> group;
  std::optional<CodePoint> signature;
  std::optional<std::string> alpn;
  bool resumed = false;
  bool encrypt_then_mac = false;
  bool extended_master_secret = false;
  std::optional<std::uint32_t> dh_bits{};  ///< of a DHE key exchange's prime

  friend bool operator==(const EstablishedReport&, const EstablishedReport&) = default;
};

struct CertificateReport {
  std::string subject;  ///< RFC 2253
  std::string issuer;
  std::string serial;      ///< hex
  std::string not_before;  ///< RFC 3339
  std::string not_after;
  std::vector<std::string> san;  ///< "DNS:...", "IP:..."
  std::string key;               ///< "RSA 2048"
  std::string signature;         ///< "sha256WithRSAEncryption"
  std::string sha256;
  std::vector<std::string> problems;

  friend bool operator==(const CertificateReport&, const CertificateReport&) = default;
};

struct ChainProblemReport {
  int depth = 0;
  std::string code;     ///< X509_V_ERR_...
  std::string hresult;  ///< 0x........

  friend bool operator==(const ChainProblemReport&, const ChainProblemReport&) = default;
};

struct StoreReport {
  std::string name;
  bool trusted = false;
  std::vector<std::string> problems;

  friend bool operator==(const StoreReport&, const StoreReport&) = default;
};

struct ChainReport {
  bool trusted = false;
  std::vector<ChainProblemReport> problems;
  std::optional<std::string> missing_issuer;
  std::vector<StoreReport> stores;

  friend bool operator==(const ChainReport&, const ChainReport&) = default;
};

struct AlertReport {
  std::uint32_t event = 0;
  std::string sent_by;
  std::string level;  ///< warning, fatal, or the hex form
  CodePoint description;

  friend bool operator==(const AlertReport&, const AlertReport&) = default;
};

struct CloseReport {
  std::string by;   ///< client, backend, proxy
  std::string how;  ///< close_notify, fin, rst, timeout

  friend bool operator==(const CloseReport&, const CloseReport&) = default;
};

struct EventReport {
  std::uint32_t i = 0;
  std::int64_t t_us = 0;
  std::string sender;
  std::string kind;  ///< tcp, record, message, alert, close
  Name what;         ///< a name, or an alert in words
  std::uint64_t length = 0;

  friend bool operator==(const EventReport&, const EventReport&) = default;
};

/// RecordRow is one row of the record ledger.
struct RecordRow {
  std::int64_t t_us = 0;
  bool c2s = true;
  std::uint8_t content_type = 0;
  std::uint16_t version = 0;
  std::uint16_t length = 0;  ///< ciphertext bytes, the header's length field
  std::optional<std::uint32_t> plaintext_length;

  friend bool operator==(const RecordRow&, const RecordRow&) = default;
};

/// LegReport is the JSON contract's LEG.
struct LegReport {
  std::string from;  ///< ip:port
  std::string to;
  std::string outcome = "incomplete";  ///< established, failed, not-tls, incomplete
  std::string reached = "none";  ///< none, tcp, client_hello, server_hello, certificate, finished
  std::optional<EstablishedReport> established;
  std::optional<ClientHelloReport> client_hello;
  bool hello_retry = false;
  std::optional<ServerHelloReport> server_hello;
  std::vector<CertificateReport> certificates;
  std::optional<ChainReport> chain;
  std::optional<CertificateRequestReport> certificate_request;
  /// What the leg's client sent; absent: no Certificate message of its was seen; empty: it sent
  /// none.
  std::optional<std::vector<CertificateReport>> client_certificates;
  std::optional<CodePoint> client_signature;    ///< how the client proved its key; TLS 1.2 and 1.3
  std::vector<CodePoint> encrypted_extensions;  ///< TLS 1.3
  std::optional<std::uint32_t> stapled_ocsp_bytes;
  std::uint32_t session_tickets = 0;
  std::uint32_t key_updates = 0;
  std::vector<AlertReport> alerts;
  std::optional<CloseReport> close;
  std::optional<double> connect_ms;
  std::optional<double> handshake_ms;
  std::string history;
  std::string split_c2s = "n/a";
  std::string split_s2c = "n/a";
  /// How each direction makes its records, in words: "c2s: handshake messages coalesced" ...
  std::vector<std::string> record_habits;
  std::vector<EventReport> events;
  std::vector<RecordRow> records;
  std::uint64_t records_total = 0;
  std::string raw_c2s;  ///< hex of the bytes up to the end of the handshake
  std::string raw_s2c;
  bool raw_cut = false;
  std::optional<std::string> first_bytes;  ///< what a leg that is not TLS began with
  std::optional<std::string> failure;  ///< our own library's numeric reason, or a timeout's name
  std::vector<std::string> malformed;  ///< messages that could not be parsed: what and where

  friend bool operator==(const LegReport&, const LegReport&) = default;
};

}  // namespace visavis::inspect
