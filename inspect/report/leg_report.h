#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/codepoint/code_point.h"
#include "inspect/report/certificate_report.h"
#include "inspect/report/hello_report.h"
#include "inspect/transcript/capture_view.h"

namespace visavis::inspect {

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
  /// Of the ServerKeyExchange of a handshake that did not come about; else `established` has them.
  std::optional<CodePoint> key_exchange_group;
  std::optional<std::uint32_t> dh_bits;  ///< of the prime
  std::optional<std::uint32_t> stapled_ocsp_bytes;
  std::optional<StapledOcspReport> stapled_ocsp;
  /// Of a leg that failed: whether the server's signature is by its certificate's key: valid,
  /// invalid, wrong-key, not-checked; absent: nothing was signed, or the leg's client accepted it.
  std::optional<std::string> key_proof;
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
  std::optional<CaptureView> capture;  ///< of a leg out of a capture: how much of it that shows

  friend bool operator==(const LegReport&, const LegReport&) = default;
};

}  // namespace visavis::inspect
