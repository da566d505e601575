#include "inspect/bundle/bundle_capture.h"

#include <algorithm>

#include "inspect/bundle/connection_masking.h"
#include "inspect/bundle/masked_packet.h"
#include "inspect/capture/capture_reader.h"
#include "inspect/capture/leg_label.h"
#include "inspect/capture/tcp_table.h"
#include "inspect/report/session_note.h"

namespace visavis::inspect {

/// ConnectionMasks is what of a connection may be shown, and where its streams begin.
class ConnectionMasks {
 public:
  ConnectionMasks(const Mask& mask, NetworkEndpoint opener)
      : masking(mask), first(std::move(opener)) {}

  struct Side {
    std::uint64_t position = 0;         // of the next byte that the stream brings
    std::optional<std::uint32_t> base;  // sequence number of the stream's first byte
    std::int64_t last = 0;              // position of the packet written last
  };

  ConnectionMasking masking;
  NetworkEndpoint first;
  Side sides[2];

  /// The payload of a packet as it may be shown. Sequence numbers wrap: what is nearest to the
  /// packet before is meant.
  std::vector<std::uint8_t> masked(const TcpSegment& segment) {
    const std::size_t index = segment.from == first ? 0 : 1;
    Side& side = sides[index];
    std::vector<std::uint8_t> payload(segment.payload.begin(), segment.payload.end());
    // A reset's is words about the reason, if anything: RFC 9293 3.5.3.
    if (!side.base || segment.rst) {
      std::fill(payload.begin(), payload.end(), MaskedStream::kBlank);
      return payload;
    }
    const std::uint32_t sequence = segment.sequence + (segment.syn ? 1U : 0U);
    const auto expected = *side.base + static_cast<std::uint32_t>(side.last);
    side.last += static_cast<std::int32_t>(sequence - expected);
    const auto before = static_cast<std::size_t>(
        std::clamp<std::int64_t>(-side.last, 0, static_cast<std::int64_t>(payload.size())));
    std::fill_n(payload.begin(), before, MaskedStream::kBlank);  // a keep-alive's byte
    const std::uint64_t position = side.last < 0 ? 0 : static_cast<std::uint64_t>(side.last);
    masking.stream(index).apply(position, std::span(payload).subspan(before));
    return payload;
  }
};

namespace {

/// Of connections that nobody chose nothing is kept.
class NoSink : public TcpStreamSink {
 public:
  void data(bool, const TcpSegment&, Bytes) override {}
  void gap(bool, const TcpSegment&, std::uint64_t) override {}
  void ended(bool, const TcpSegment&, StreamEnd) override {}
};

/// StudySink brings a connection's streams to what masks them.
class StudySink : public TcpStreamSink {
 public:
  explicit StudySink(ConnectionMasks& masks) : masks_(masks) {}

  void data(bool first, const TcpSegment& segment, Bytes bytes) override {
    const std::size_t index = first ? 0 : 1;
    auto& side = masks_.sides[index];
    // What was held back lies elsewhere by now; it is behind something that did not.
    const Bytes payload = segment.payload;
    if (!payload.empty() && bytes.data() >= payload.data() &&
        bytes.data() < payload.data() + payload.size())
      side.base = segment.sequence + static_cast<std::uint32_t>(bytes.data() - payload.data()) -
                  static_cast<std::uint32_t>(side.position);
    masks_.masking.add(index, bytes);
    side.position += bytes.size();
  }
  void gap(bool first, const TcpSegment& /*segment*/, std::uint64_t count) override {
    const std::size_t index = first ? 0 : 1;
    masks_.masking.lost(index, count);
    masks_.sides[index].position += count;
  }
  void ended(bool, const TcpSegment&, StreamEnd) override {}

 private:
  ConnectionMasks& masks_;
};

/// The opener of a connection, as TcpConnection sees it.
NetworkEndpoint opener_of(const TcpSegment& first) {
  return first.syn && first.ack ? first.to : first.from;
}

}  // namespace

/// Study finds the masks of the connections that were chosen.
class BundleCapture::Study : public TcpObserver {
 public:
  explicit Study(BundleCapture& capture) : capture_(capture) {}

  std::unique_ptr<TcpStreamSink> opened(std::uint64_t number, const TcpSegment& first) override {
    if (!capture_.chosen_.has(first)) return std::make_unique<NoSink>();
    auto& masks = capture_.masks_[number];
    masks = std::make_unique<ConnectionMasks>(capture_.redaction_.mask(), opener_of(first));
    return std::make_unique<StudySink>(*masks);
  }
  bool wants_more(std::uint64_t number, TcpStreamSink& /*sink*/) override {
    return capture_.masks_.count(number) > 0;
  }
  bool closed(std::uint64_t number, std::unique_ptr<TcpStreamSink> /*sink*/) override {
    const auto found = capture_.masks_.find(number);
    if (found != capture_.masks_.end()) found->second->masking.finish();
    return false;
  }
  void passed(std::uint64_t /*number*/) override {}

 private:
  BundleCapture& capture_;
};

/// Copy writes their packets. The table answers as it did when they were studied, so that the
/// connections have the same numbers.
class BundleCapture::Copy : public TcpObserver {
 public:
  explicit Copy(BundleCapture& capture) : capture_(capture) {}

  void add(const TcpSegment& segment, const CapturedPacket& packet, TcpTable& table) {
    segment_ = &segment;
    packet_ = &packet;
    table.add(segment);
  }

  std::unique_ptr<TcpStreamSink> opened(std::uint64_t number, const TcpSegment&) override {
    if (capture_.masks_.count(number) == 0) return std::make_unique<NoSink>();
    return std::make_unique<Sink>(*this, number);
  }
  bool wants_more(std::uint64_t number, TcpStreamSink& /*sink*/) override {
    return capture_.masks_.count(number) > 0;
  }
  bool closed(std::uint64_t, std::unique_ptr<TcpStreamSink>) override { return true; }
  void passed(std::uint64_t number) override { write(number); }

 private:
  class Sink : public NoSink {
   public:
    Sink(Copy& copy, std::uint64_t number) : copy_(copy), number_(number) {}
    void packet(bool, const TcpSegment&) override { copy_.write(number_); }

   private:
    Copy& copy_;
    std::uint64_t number_;
  };

  void write(std::uint64_t number) {
    const auto found = capture_.masks_.find(number);
    if (found == capture_.masks_.end()) return;
    capture_.write(*segment_, *packet_, found->second->masked(*segment_));
  }

  BundleCapture& capture_;
  const TcpSegment* segment_ = nullptr;
  const CapturedPacket* packet_ = nullptr;
};

BundleCapture::BundleCapture(const ChosenSessions& chosen, const Redaction& redaction,
                             bool with_secrets)
    : chosen_(chosen), redaction_(redaction), with_secrets_(with_secrets) {}

BundleCapture::~BundleCapture() = default;

void BundleCapture::add_secrets(std::string_view key_log) {
  if (!with_secrets_) return;
  while (!key_log.empty()) {
    const std::size_t end = std::min(key_log.find('\n'), key_log.size() - 1) + 1;
    std::string_view line = key_log.substr(0, end);
    key_log.remove_prefix(end);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    // "LABEL <hex of ClientHello.random> <hex of the secret>": RFC 9850 2.
    const std::size_t random = line.find(' ') + 1;
    const std::size_t secret = line.find(' ', random);
    if (random == 0 || secret == std::string_view::npos) continue;
    std::string name(line.substr(random, secret - random));
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter | 0x20) : letter;
    });
    if (!chosen_.has_random(name) || secrets_.size() + line.size() > kMaxSecretBytes) continue;
    if (!secret_lines_.emplace(line).second) continue;
    secrets_.append(line).append("\n");
  }
}

void BundleCapture::study(ByteStream& stream) {
  masks_.clear();
  CaptureReader reader(stream);
  PacketOpener opener;
  Study study(*this);
  TcpTable table(study);
  CapturedPacket packet;
  while (reader.next(packet)) {
    add_secrets(reader.take_secrets());
    if (const OpenedPacket opened = opener.open(packet); opened.tcp) table.add(*opened.tcp);
  }
  table.finish();
}

void BundleCapture::copy(ByteStream& stream) {
  CaptureReader reader(stream);
  PacketOpener opener;
  Copy copying(*this);
  TcpTable table(copying);
  CapturedPacket packet;
  while (reader.next(packet)) {
    (void)reader.take_secrets();
    const OpenedPacket opened = opener.open(packet);
    if (opened.tcp) copying.add(*opened.tcp, packet, table);
  }
  table.finish();
  masks_.clear();
}

void BundleCapture::begin() {
  writer_.section({"", "", "visavis " VISAVIS_VERSION,
                   with_secrets_ ? "masked, with the secrets that decrypt it" : "masked"});
  if (!secrets_.empty()) writer_.secrets(secrets_);
}

/// Other names than those of legs may say something of the machine.
std::uint32_t BundleCapture::interface_of(std::string_view name) {
  const std::string shown(leg_of_interface(name) ? name : "capture");
  const auto known = std::find(interfaces_.begin(), interfaces_.end(), shown);
  if (known == interfaces_.end()) {
    writer_.interface(shown);
    interfaces_.push_back(shown);
    return static_cast<std::uint32_t>(interfaces_.size() - 1);
  }
  return static_cast<std::uint32_t>(known - interfaces_.begin());
}

void BundleCapture::write(const TcpSegment& segment, const CapturedPacket& packet,
                          std::vector<std::uint8_t> payload) {
  if (out_.size() + packet.bytes.size() > kMaxBytes) {
    ++left_out_;
    return;
  }
  if (out_.empty()) begin();
  const std::uint32_t interface = interface_of(packet.interface_name);
  const MaskedPacket masked = masked_packet(segment, std::move(payload), redaction_.addresses());
  // What others wrote to a packet may say anything.
  const bool ours = leg_of_interface(packet.interface_name).has_value();
  const std::string comment = ours ? own_comment(packet.comment) : std::string();
  std::string problem;
  const auto read = ours && !packet.note.empty() ? read_note(packet.note, problem) : std::nullopt;
  const std::string note = read ? render_note(*read) : std::string();
  const auto text = [this](const std::string& own) {
    return own.empty() ? own : redaction_.redact_text(own);
  };
  writer_.packet(interface, packet.time_ns / 1000, masked.headers, masked.payload,
                 masked.original_length, text(comment), text(note));
  ++packets_;
}

std::vector<std::uint8_t> BundleCapture::take() { return std::move(out_); }

}  // namespace visavis::inspect
