#include <openssl/err.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "certs/der.h"
#include "certs/ocsp_response.h"
#include "tests/fuzz/property.h"

/// A stapled OCSP response as a peer sends it, and behind it the chain that it came with: each
/// element at the front is one of them.
namespace visavis::certs {
namespace {

using fuzz::property;

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kMostParts = 6;

std::vector<std::vector<std::uint8_t>> parts_of(Bytes bytes) {
  std::vector<std::vector<std::uint8_t>> parts;
  for (std::size_t at = 0; at < bytes.size() && parts.size() < kMostParts;) {
    DerElement element;
    const bool broken = read_der(bytes, at, bytes.size(), element) || element.indefinite;
    const std::size_t end = broken ? bytes.size() : element.end;
    parts.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                       bytes.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return parts;
}

bool is_line(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_time(const std::string& text) {
  return text.empty() || (text.size() == 20 && text[10] == 'T' && text.back() == 'Z');
}

void check(Bytes response, const std::vector<std::vector<std::uint8_t>>& chain) {
  const OcspFacts facts = read_ocsp_response(response, chain);
  property(!facts.status.empty() && is_line(facts.status), "there is a status, in words");
  property(is_time(facts.this_update) && is_time(facts.next_update.value_or("")) &&
               is_time(facts.revoked_at.value_or("")),
           "times are times");
  property(!facts.revoked_at || facts.status == "revoked", "only what is revoked has a date of it");
  property(!facts.for_this_certificate || !chain.empty(), "it is for a certificate that was sent");
  property(!facts.signature_ok || chain.size() > 1, "nobody's signature is no issuer's");
  property(facts == read_ocsp_response(response, chain), "it says the same again");
}

}  // namespace
}  // namespace visavis::certs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::certs;
  auto parts = parts_of({data, size});
  const std::vector<std::uint8_t> response =
      parts.empty() ? std::vector<std::uint8_t>() : std::move(parts.front());
  if (!parts.empty()) parts.erase(parts.begin());
  check(response, parts);
  check(response, {});
  check({data, size}, parts);
  visavis::fuzz::property(ERR_peek_error() == 0, "nothing stays in OpenSSL's queue");
  return 0;
}
