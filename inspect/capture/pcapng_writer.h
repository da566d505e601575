#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// PcapngWriter makes the blocks of a pcapng file, one section, in this machine's byte order; it
/// writes nothing itself. Each function adds whole blocks to `out`, so that a file that is cut
/// between calls can be read. Source: draft-ietf-opsawg-pcapng.
class PcapngWriter {
 public:
  struct Section {
    std::string hardware;
    std::string system;
    std::string application;
    std::string comment;  ///< empty: none
    std::string part{};   ///< a second comment; empty: none
  };

  explicit PcapngWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  void section(const Section& section);
  /// interface describes the next interface, of raw IP packets (LINKTYPE_RAW) with times in
  /// microseconds; the first is number 0.
  void interface(std::string_view name);
  /// secrets adds TLS key log lines: before the packets that need them.
  void secrets(std::string_view key_log);
  /// packet adds a packet, which begins with `headers` and goes on with `payload`;
  /// `original_length` is larger than both where not all of it is kept. Times are since 1970 in
  /// UTC. `note` is a second comment, behind the first.
  void packet(std::uint32_t interface, std::int64_t time_us, Bytes headers, Bytes payload,
              std::size_t original_length, std::string_view comment = {},
              std::string_view note = {});
  /// packet_around adds the same block without the payload, which belongs in the place that it
  /// returns: so many bytes behind the block's begin.
  std::size_t packet_around(std::uint32_t interface, std::int64_t time_us, Bytes headers,
                            Bytes payload, std::size_t original_length,
                            std::string_view comment = {}, std::string_view note = {});
  /// set_time gives the packet that `block` holds another time.
  static void set_time(std::span<std::uint8_t> block, std::int64_t time_us);

  /// An option's text is cut to this: its length has two bytes.
  static constexpr std::size_t kMaxOptionBytes = 0xffff;

 private:
  void number16(std::uint16_t value);
  void number32(std::uint32_t value);
  void bytes(Bytes bytes);
  void pad();
  void option(std::uint16_t code, std::string_view text);
  void begin(std::uint32_t type);
  void begin_packet(std::uint32_t interface, std::int64_t time_us, Bytes headers, Bytes payload,
                    std::size_t original_length);
  void end_packet(std::string_view comment, std::string_view note);
  void end();

  std::vector<std::uint8_t>& out_;
  std::size_t block_ = 0;     // where it begins
  std::size_t left_out_ = 0;  // bytes of it
};

}  // namespace visavis::inspect
