#include "inspect/compare/message_packing.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kHeaderBytes = 4;  // a message's type and length, RFC 8446 4
constexpr std::size_t kAlertBytes = 2;   // RFC 8446 6

/// PackingReader walks over the records of one direction, as far as they are in clear.
class PackingReader {
 public:
  MessagePacking read(Bytes raw) {
    while (raw.size() >= kRecordHeaderBytes) {
      const std::size_t length = (std::size_t{raw[3]} << 8U) + raw[4];
      const bool in_clear = raw[0] == kHandshake.value && raw[1] == 3;
      if (!in_clear || raw.size() < kRecordHeaderBytes + length) break;
      add_record(raw.subspan(kRecordHeaderBytes, length));
      raw = raw.subspan(kRecordHeaderBytes + length);
    }
    return packing_;
  }

 private:
  void add_record(Bytes body) {
    if (body.empty()) ++packing_.empty_records;
    std::size_t begun = 0;
    bool in_message = header_read_ > 0;  // of the record before
    if (in_message && !body.empty()) ++records_;
    while (!body.empty()) {
      if (!in_message) {
        in_message = true;
        ++begun;
        records_ = 1;
      }
      body = body.subspan(take(body));
      if (header_read_ == kHeaderBytes && left_ == 0) {
        end_message();
        in_message = false;
      }
    }
    packing_.messages = std::max(packing_.messages, begun);
  }

  /// The rest of the message's header, or of its body, as far as it is here.
  std::size_t take(Bytes body) {
    if (header_read_ == kHeaderBytes) {
      const std::size_t count = std::min(left_, body.size());
      left_ -= count;
      return count;
    }
    if (header_read_ == 0)
      type_ = HandshakeType{body[0]};
    else
      left_ = (left_ << 8U) + body[0];
    ++header_read_;
    return 1;
  }

  void end_message() {
    if (records_ > packing_.records) {
      packing_.records = records_;
      packing_.most_cut = name(type_);
    }
    header_read_ = 0;
  }

  MessagePacking packing_;
  HandshakeType type_;
  std::size_t header_read_ = 0;  // bytes of the message's header that were read
  std::size_t left_ = 0;         // of its body; while the header is read: the length so far
  std::size_t records_ = 0;      // that the message lies in
};

/// What is not application data in an encrypted record of TLS 1.3.
struct Item {
  std::string_view name;
  std::size_t bytes = 0;
  bool alert = false;
};

/// An encrypted record's header says how much longer it is than its content: one byte of inner type
/// and the tag. RFC 8446 5.2, RFC 5116 5, RFC 6655 6.1. Nothing: not a suite of TLS 1.3.
std::optional<std::size_t> overhead(const EstablishedReport& agreed) {
  constexpr std::uint32_t kAes128Ccm8 = 0x1305;
  if (agreed.version.id != kTls13.value) return std::nullopt;
  if (agreed.cipher.id < 0x1301 || agreed.cipher.id > kAes128Ccm8) return std::nullopt;
  return 1 + (agreed.cipher.id == kAes128Ccm8 ? 8U : 16U);
}

bool is_in_clear(std::string_view message) {
  constexpr std::string_view kInClear[] = {"ClientHello", "ServerHello", "HelloRetryRequest",
                                           "ChangeCipherSpec"};
  return std::find(std::begin(kInClear), std::end(kInClear), message) != std::end(kInClear);
}

/// The direction's encrypted messages and alerts, in order; empty: they were not seen.
std::vector<Item> items_of(const LegReport& leg, bool c2s) {
  std::string_view client;  // whoever sent the hello
  std::vector<Item> items;
  for (const EventReport& event : leg.events) {
    const bool message = event.kind == "message";
    if (message && event.what == "ClientHello") client = event.sender;
    if (client.empty() || (!message && event.kind != "alert")) continue;
    if ((event.sender == client) != c2s) continue;
    if (!message)
      items.push_back({"alert", kAlertBytes, true});
    else if (!is_in_clear(event.what))
      items.push_back({event.what, static_cast<std::size_t>(event.length), false});
  }
  return items;
}

/// How much longer each record of application data is than it must be: JSSE's engine pads them all
/// by 16 bytes. Nothing: they differ, as where sizes are to be hidden.
std::optional<std::size_t> padding_of(const LegReport& leg, bool c2s, std::size_t extra) {
  std::optional<std::size_t> padding;
  for (const RecordRow& record : leg.records) {
    if (record.c2s != c2s || record.content_type != kApplicationData.value) continue;
    if (!record.plaintext_length) continue;
    const std::size_t known = *record.plaintext_length + extra;
    if (record.length < known) return std::nullopt;
    if (padding && *padding != record.length - known) return std::nullopt;
    padding = record.length - known;
  }
  return padding.value_or(0);
}

/// What the direction's records hold that come before its first application data; empty: that can't
/// be told.
std::vector<std::size_t> contents_of(const LegReport& leg, bool c2s) {
  const auto extra = overhead(*leg.established);
  const auto padding = extra ? padding_of(leg, c2s, *extra) : std::nullopt;
  std::vector<std::size_t> contents;
  if (!padding) return contents;
  for (const RecordRow& record : leg.records) {
    if (record.c2s != c2s || record.content_type != kApplicationData.value) continue;
    if (record.plaintext_length) break;
    if (record.length <= *extra + *padding) return {};
    contents.push_back(record.length - *extra - *padding);
  }
  return contents;
}

/// FlightPacker puts messages into records, both known by their lengths only.
class FlightPacker {
 public:
  explicit FlightPacker(std::span<const std::size_t> contents) : contents_(contents) {}

  /// False: it does not fit, so what is known of the records is not so.
  bool add(const Item& item) {
    if (item.alert || key_changed_) {
      // Neither may an alert share a record, nor may messages around a change of keys: RFC 8446 5.1
      if (used_ != 0) return false;
      key_changed_ = false;
    }
    if (item.alert) {
      if (contents_.front() != kAlertBytes) return false;
      contents_ = contents_.subspan(1);
      return true;
    }
    place(item);
    key_changed_ = item.name == "Finished" || item.name == "KeyUpdate";
    return true;
  }
  [[nodiscard]] bool full() const { return contents_.empty(); }
  [[nodiscard]] const MessagePacking& packing() const { return packing_; }

 private:
  void place(const Item& item) {
    if (used_ == 0) begun_ = 0;
    packing_.messages = std::max(packing_.messages, ++begun_);
    std::size_t records = 0;
    for (std::size_t left = item.bytes; left > 0 && !contents_.empty();) {
      const std::size_t count = std::min(left, contents_.front() - used_);
      ++records;
      left -= count;
      used_ += count;
      if (used_ < contents_.front()) break;
      contents_ = contents_.subspan(1);
      used_ = 0;
      if (left > 0) begun_ = 0;
    }
    if (records <= packing_.records) return;
    packing_.records = records;
    packing_.most_cut = item.name;
  }

  std::span<const std::size_t> contents_;  // of the records that are not full yet
  std::size_t used_ = 0;                   // of the first one
  std::size_t begun_ = 0;                  // messages that begin in it
  bool key_changed_ = false;
  MessagePacking packing_;
};

}  // namespace

MessagePacking packing_in_clear(Bytes raw) { return PackingReader().read(raw); }

MessagePacking packing_encrypted(const LegReport& leg, bool c2s) {
  if (!leg.established) return {};
  const std::vector<std::size_t> contents = contents_of(leg, c2s);
  std::size_t left = 0;
  for (const std::size_t content : contents) left += content;
  if (left == 0) return {};
  FlightPacker packer(contents);
  bool finished = false;
  for (const Item& item : items_of(leg, c2s)) {
    if (left == 0) break;
    if (item.bytes > left || !packer.add(item)) return {};
    left -= item.bytes;
    finished = finished || item.name == "Finished";
  }
  return left == 0 && finished && packer.full() ? packer.packing() : MessagePacking{};
}

}  // namespace visavis::inspect
