#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/capture/network_address.h"

namespace visavis::inspect {

/// Mask puts something else in the place of what must not leave the house: the same for the same
/// value within one bundle, so that a reader still sees what belongs together, and nothing that
/// could be guessed back, since it depends on a key that is thrown away (HMAC-SHA256, RFC 2104).
class Mask {
 public:
  using Key = std::array<std::uint8_t, 32>;

  /// The key must be random, and of this bundle only.
  explicit Mask(const Key& key) : key_(key) {}

  /// text returns as many letters and digits as the value has bytes, with "masked-" in front where
  /// there is room for it and for enough behind it to tell values apart.
  [[nodiscard]] std::string text(std::string_view value) const;
  [[nodiscard]] std::string text(Bytes value) const;
  /// token returns "masked-" and eight letters, whatever the value's length is.
  [[nodiscard]] std::string token(std::string_view value) const;

 private:
  [[nodiscard]] std::string letters(std::string_view value, std::size_t count) const;

  Key key_;
};

/// AddressMask gives the IP addresses that it was told other ones: of 198.18.0.0/15 (RFC 2544, for
/// tests of networks) and 2001:db8::/32 (RFC 3849, for documentation), no two alike.
class AddressMask {
 public:
  explicit AddressMask(const Mask& mask) : mask_(mask) {}

  /// add takes an address, or an "ip:port" or "[ip]:port" with one; anything else, and the
  /// addresses that mean all of a host's (0.0.0.0, ::), are passed over.
  void add(std::string_view endpoint);
  [[nodiscard]] bool empty() const { return masked_.empty(); }
  /// apply replaces all its addresses in a text, or those of some endpoints.
  void apply(std::string& text) const;
  void apply(std::string& text, const std::vector<std::string>& endpoints) const;
  /// apply returns the endpoint with the other address, or as it is.
  [[nodiscard]] NetworkEndpoint apply(const NetworkEndpoint& endpoint) const;

 private:
  struct Masked {
    NetworkEndpoint endpoint;  // without a port
    std::string text;
  };

  [[nodiscard]] Masked masked_of(const std::string& address, unsigned attempt) const;

  const Mask& mask_;
  std::map<std::string, Masked, std::less<>> masked_;
  std::set<std::string> taken_;
};

/// replace_all replaces a text wherever it stands for itself, and is not a part of a longer word or
/// of a longer dotted name.
void replace_all(std::string& text, std::string_view what, std::string_view by);

}  // namespace visavis::inspect
