#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace visavis::certs {

/// DerElement is one tag-length-value: where it stands in the bytes that it was read from.
struct DerElement {
  std::uint8_t tag = 0;     ///< the identifier octet: 0x30 is a SEQUENCE, 0xa0 is [0] constructed
  std::size_t offset = 0;   ///< of the identifier octet
  std::size_t content = 0;  ///< of the first content octet
  std::size_t end = 0;      ///< one past the last content octet
  bool indefinite = false;  ///< BER's form without a length: `end` is then that of the bytes given
};

/// DerProblem is where a structure breaks, and how.
struct DerProblem {
  std::size_t offset = 0;  ///< of the first octet that can't be what it should be
  std::string what;        ///< "a length of 300 bytes where 12 are left"
};

/// read_der reads the element at `offset` of bytes[0, end) into `element`. Returns the problem when
/// there is none that fits. Single-octet tags and lengths of up to 4 octets only, which is more
/// than a file here can need; nothing of the content is looked at. Source: X.690 8.1 and 10.1.
[[nodiscard]] std::optional<DerProblem> read_der(std::span<const std::uint8_t> bytes,
                                                 std::size_t offset, std::size_t end,
                                                 DerElement& element);

/// find_der_problem returns where the elements that `outer` holds break, at any depth up to 32
/// (SEQUENCE, SET and constructed context tags are entered); nothing when all of them fit. The
/// content of primitive ones is not looked at.
[[nodiscard]] std::optional<DerProblem> find_der_problem(std::span<const std::uint8_t> bytes,
                                                         const DerElement& outer);

/// tag_text names a tag: "SEQUENCE", "INTEGER", "[0]", "tag 0x1f".
[[nodiscard]] std::string tag_text(std::uint8_t tag);

}  // namespace visavis::certs
