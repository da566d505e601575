#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace visavis::proxy {

/// CaptureOptions is what `visavis proxy` was told to write down of the wire. Sizes are bytes.
struct CaptureOptions {
  std::string file;      ///< pcapng; empty: none
  bool secrets = false;  ///< put into the capture file, as Decryption Secrets Blocks
  bool handshakes_only = false;
  std::optional<std::uint64_t> limit;         ///< after so much the capture ends
  std::optional<std::uint64_t> snap_session;  ///< payload kept of a leg's direction
  std::uint64_t rotate_bytes = 0;             ///< of one file; 0: no rotation
  unsigned rotate_files = 1;
  std::string key_log;  ///< NSS key log; empty: none
  std::string version;  ///< of visavis, for the file's header

  [[nodiscard]] bool wants_secrets() const { return secrets || !key_log.empty(); }
};

}  // namespace visavis::proxy
