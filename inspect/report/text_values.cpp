#include "inspect/report/text_values.h"

#include <algorithm>
#include <utility>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/comparison.h"
#include "inspect/report/json_writer.h"
#include "inspect/report/text_lists.h"
#include "inspect/report/visible_text.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMaxDataRecords = 4;  // a direction; enough to see a split
constexpr std::size_t kMaxSegments = 8;

std::string reached_words(const LegReport& leg) {
  if (leg.reached == "none") return "before anything was sent";
  if (leg.reached == "tcp") return "after the TCP connection";
  if (leg.reached == "client_hello") return "after the ClientHello";
  if (leg.reached == "server_hello") return "after the ServerHello";
  if (leg.reached == "certificate") return "after the certificate";
  if (leg.reached == "finished") return "after Finished";
  return "after " + leg.reached;
}

std::string or_none(const std::string& address) { return address.empty() ? "none" : address; }

std::string data_line(const LegReport& leg, bool c2s) {
  const bool lengths_known =
      leg.history.find('o') != std::string::npos ||
      std::any_of(leg.records.begin(), leg.records.end(),
                  [](const RecordRow& r) { return r.plaintext_length.has_value(); });
  std::vector<RecordRow> data;
  for (const RecordRow& record : leg.records) {
    // TLS 1.3's handshake is application data too; who saw EncryptedExtensions ('o') sees inside.
    if (record.c2s != c2s || record.content_type != kApplicationData.value) continue;
    if (record.plaintext_length || !lengths_known) data.push_back(record);
  }
  if (data.empty()) return {};
  return (c2s ? "c2s " : "s2c ") + join(data, kMaxDataRecords, [](const RecordRow& record) {
           std::string text = std::to_string(record.length);
           if (record.plaintext_length)
             text += " (" + std::to_string(*record.plaintext_length) + ")";
           return text;
         });
}

void add_split(Cell& cell, const std::string& direction, const std::string& kind) {
  if (kind.empty() || kind == "none" || kind == "n/a") return;
  cell.push_back(direction + (kind == "split-unknown" ? " split, kind unknown" : " split " + kind));
}

std::vector<std::string> items_of(const std::string& list) {
  std::vector<std::string> items;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(", ", start), list.size());
    items.push_back(visible(std::string_view(list).substr(start, end - start)));
    start = end + 2;
  }
  return items;
}

}  // namespace

Cell only_here(const std::optional<std::string>& value, const std::optional<std::string>& other) {
  if (!value) return {};
  const std::vector<std::string> items = items_of(*value);
  if (!other || items.size() < 2) return cell_with(*value);
  std::vector<std::string> others = items_of(*other);
  std::sort(others.begin(), others.end());
  std::vector<std::string> only;
  for (const std::string& item : items) {
    if (!std::binary_search(others.begin(), others.end(), item)) only.push_back(item);
  }
  const std::string both = std::to_string(items.size() - only.size()) + " of both";
  if (!only.empty()) return {both, "only here: " + join(only, kMaxItems, same)};
  return cell_with(both + (items.size() == others.size() ? ", in another order" : ""));
}

Cell endpoints_cell(const LegReport& leg) {
  return cell_with(or_none(leg.from) + " -> " + or_none(leg.to));
}

Cell outcome_cell(const LegReport& leg) {
  Cell cell;
  if (leg.outcome == "established") {
    cell.push_back("established");
  } else if (leg.outcome == "not-tls") {
    cell.push_back("not TLS");
  } else {
    cell.push_back(leg.outcome + " " + reached_words(leg));
  }
  if (leg.established && leg.established->resumed)
    cell.push_back("resumed: no certificate was sent");
  if (leg.hello_retry) cell.push_back("after a HelloRetryRequest");
  return cell;
}

Cell reason_cell(const LegReport& leg) {
  Cell cell;
  if (leg.first_bytes) cell.push_back("began with: " + *leg.first_bytes);
  if (leg.failure) cell.push_back("seen by the proxy: " + *leg.failure);
  return cell;
}

Cell offered_cell(const LegReport& leg) {
  if (!leg.client_hello) return {};
  const ClientHelloReport& hello = *leg.client_hello;
  Cell cell = cell_with(version_range(hello));
  cell.push_back(counted(hello.ciphers.size(), "suite") + ", " +
                 counted(hello.extensions.size(), "extension"));
  if (hello.sslv2) cell.push_back("in the SSL 2.0 form");
  return cell;
}

Cell hello_size_cell(const LegReport& leg) {
  if (!leg.client_hello) return {};
  const ClientHelloReport& hello = *leg.client_hello;
  std::string text = std::to_string(hello.length) + " bytes";
  if (!hello.segments.empty()) {
    text += hello.segments_exact ? " in " : " in about ";
    text +=
        counted(hello.segments.size(), "segment") + ": " +
        join(hello.segments, kMaxSegments, [](std::uint32_t size) { return std::to_string(size); });
  }
  return cell_with(std::move(text));
}

Cell fingerprint_cell(const LegReport& leg) {
  if (!leg.client_hello || leg.client_hello->ja4.empty()) return {};
  return cell_with(leg.client_hello->ja4);
}

Cell version_cell(const LegReport& leg) {
  if (leg.established) return cell_with(leg.established->version.name);
  return leg.server_hello ? cell_with(leg.server_hello->version.name) : Cell();
}

Cell suite_cell(const LegReport& leg) {
  if (leg.established) return cell_with(leg.established->cipher.name);
  return leg.server_hello ? cell_with(leg.server_hello->cipher.name) : Cell();
}

Cell group_cell(const LegReport& leg) {
  if (leg.established && leg.established->group) return cell_with(leg.established->group->name);
  if (leg.established && leg.established->dh_bits)
    return cell_with("DH, a prime of " + std::to_string(*leg.established->dh_bits) + " bits");
  const bool shared = leg.server_hello && leg.server_hello->key_share_group;
  return shared ? cell_with(leg.server_hello->key_share_group->name) : Cell();
}

Cell signature_cell(const LegReport& leg) {
  const bool known = leg.established && leg.established->signature;
  return known ? cell_with(leg.established->signature->name) : Cell();
}

Cell alpn_cell(const LegReport& leg) {
  const bool offered = leg.client_hello && leg.client_hello->alpn;
  const auto& chosen = leg.established    ? leg.established->alpn
                       : leg.server_hello ? leg.server_hello->alpn
                                          : std::optional<std::string>();
  if (!offered && !chosen) return {};
  std::string text = chosen ? *chosen : "none chosen";
  if (offered) text += ", offered " + join(*leg.client_hello->alpn, kMaxItems, same);
  return cell_with(std::move(text));
}

Cell options_cell(const LegReport& leg) {
  if (!leg.established || leg.established->version.id >= kTls13.value) return {};
  const auto word = [](bool on) { return std::string(on ? "yes" : "no"); };
  return {"extended master secret " + word(leg.established->extended_master_secret),
          "encrypt-then-MAC " + word(leg.established->encrypt_then_mac)};
}

Cell alerts_cell(const LegReport& leg) {
  Cell cell;
  add_lines(cell, leg.alerts, [](const AlertReport& alert) {
    return std::string("#").append(std::to_string(alert.event)) + " " + alert.sent_by + ": " +
           alert.level + " " + alert.description.name + " (" +
           std::to_string(alert.description.id) + ")";
  });
  return cell;
}

Cell history_cell(const LegReport& leg) {
  return leg.history.empty() ? Cell() : cell_with(leg.history);
}

Cell records_cell(const LegReport& leg) {
  if (leg.records_total == 0 && leg.records.empty()) return {};
  const auto c2s = std::count_if(leg.records.begin(), leg.records.end(),
                                 [](const RecordRow& record) { return record.c2s; });
  const auto listed = static_cast<std::ptrdiff_t>(leg.records.size());
  std::string text = std::to_string(leg.records_total) + ": ";
  if (leg.records_total > leg.records.size())
    text += "of the first " + std::to_string(listed) + ", ";
  text += std::to_string(c2s) + " c2s, " + std::to_string(listed - c2s) + " s2c";
  Cell cell = cell_with(std::move(text));
  add_split(cell, "c2s", leg.split_c2s);
  add_split(cell, "s2c", leg.split_s2c);
  return cell;
}

Cell data_cell(const LegReport& leg) {
  Cell cell;
  for (const bool c2s : {true, false}) {
    if (std::string text = data_line(leg, c2s); !text.empty()) cell.push_back(std::move(text));
  }
  return cell;
}

Cell habits_cell(const LegReport& leg) {
  Cell cell;
  add_lines(cell, leg.record_habits, same);
  return cell;
}

Cell malformed_cell(const LegReport& leg) {
  Cell cell;
  add_lines(cell, leg.malformed, same);
  return cell;
}

Cell close_cell(const LegReport& leg) {
  if (!leg.close) return {};
  return cell_with(leg.close->how + " by the " + leg.close->by);
}

Cell close_how_cell(const LegReport& leg) { return leg.close ? cell_with(leg.close->how) : Cell(); }

Cell timing_cell(const LegReport& leg) {
  Cell cell;
  if (leg.connect_ms) cell.push_back("connect " + decimal(*leg.connect_ms) + " ms");
  if (leg.handshake_ms) cell.push_back("handshake " + decimal(*leg.handshake_ms) + " ms");
  return cell;
}

}  // namespace visavis::inspect
