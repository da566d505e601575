#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "inspect/bundle/chosen_sessions.h"
#include "inspect/bundle/redaction.h"
#include "inspect/capture/byte_stream.h"
#include "inspect/capture/pcapng_writer.h"
#include "inspect/decrypt/key_log.h"

namespace visavis::inspect {

class ConnectionMasks;

/// BundleCapture takes the chosen sessions' packets out of captures, masked byte for byte in place,
/// into one pcapng: raw IP, with the comments and the names of the legs. It reads each capture
/// twice: what a message holds is known only when it is whole, and some of its packets are past by
/// then, or come again.
class BundleCapture {
 public:
  /// What a bundle's capture holds at most: it is for one mail, and lies in memory. Further packets
  /// are left out, and counted.
  static constexpr std::size_t kMaxBytes = 128U * 1024 * 1024;
  /// Secrets that are kept: a session has some 600 bytes.
  static constexpr std::size_t kMaxSecretBytes = 4U * 1024 * 1024;

  /// All must outlive it. Without `with_secrets` no secret gets into the bundle.
  BundleCapture(const ChosenSessions& chosen, const Redaction& redaction, bool with_secrets);
  ~BundleCapture();
  BundleCapture(const BundleCapture&) = delete;
  BundleCapture& operator=(const BundleCapture&) = delete;

  /// add_secrets takes those lines of a TLS key log that are the sessions'.
  void add_secrets(std::string_view key_log);
  /// study reads a capture for what is in it, as far as it can be read.
  void study(ByteStream& stream);
  /// copy reads the capture that was studied last again, and adds its packets.
  void copy(ByteStream& stream);
  /// take returns the pcapng; empty: no packet of the sessions was in the captures.
  [[nodiscard]] std::vector<std::uint8_t> take();

  /// has_secrets says whether the pcapng holds some.
  [[nodiscard]] bool has_secrets() const { return packets_ > 0 && !secrets_.empty(); }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  class Study;
  class Copy;

  void begin();
  std::uint32_t interface_of(std::string_view name);
  void write(const TcpSegment& segment, const CapturedPacket& packet,
             std::vector<std::uint8_t> payload);

  const ChosenSessions& chosen_;
  const Redaction& redaction_;
  bool with_secrets_;
  std::string secrets_;
  std::set<std::string, std::less<>> secret_lines_;
  std::map<std::uint64_t, std::unique_ptr<ConnectionMasks>> masks_;  // by the connection's number
  std::vector<std::uint8_t> out_;
  PcapngWriter writer_{out_};
  std::vector<std::string> interfaces_;
  std::uint64_t packets_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace visavis::inspect
