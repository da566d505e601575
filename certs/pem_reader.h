#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::certs {

/// PemBlock is one block of a PEM text. Source: RFC 7468 3, headers: RFC 1421 4.6.
struct PemBlock {
  std::string label;                ///< "CERTIFICATE", "EC PRIVATE KEY" …
  std::string headers;              ///< "Proc-Type: 4,ENCRYPTED\nDEK-Info: …\n", or empty
  std::vector<std::uint8_t> bytes;  ///< decoded; empty when the block is broken
  std::size_t line = 0;             ///< of its BEGIN, from 1
  std::string problem;              ///< empty when fine: "it has no END line"
};

/// read_pem_blocks returns all blocks in order, the broken ones too. Text between blocks, a byte
/// order mark in front, line ends of any kind and lines of any length are accepted.
[[nodiscard]] std::vector<PemBlock> read_pem_blocks(std::string_view text);

/// is_certificate_label returns whether a block with this label holds a certificate.
[[nodiscard]] bool is_certificate_label(std::string_view label);

}  // namespace visavis::certs
