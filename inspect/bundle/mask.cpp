#include "inspect/bundle/mask.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "certs/digest.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kMarker = "masked-";
/// Without a marker, and behind it, so many letters at least tell values apart.
constexpr std::size_t kTokenLetters = 8;
constexpr std::size_t kBlockBytes = 64;  // of SHA-256

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

certs::Sha256 hmac(const Mask::Key& key, std::string_view value, std::uint32_t block) {
  std::array<std::uint8_t, kBlockBytes> inner{};
  std::array<std::uint8_t, kBlockBytes> outer{};
  inner.fill(0x36);
  outer.fill(0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= key[i];
    outer[i] ^= key[i];
  }
  std::array<std::uint8_t, 4> number{};
  for (std::size_t i = 0; i < number.size(); ++i)
    number[i] = static_cast<std::uint8_t>(block >> (8 * i));
  const Bytes first[] = {inner, number, bytes_of(value)};
  const certs::Sha256 digest = certs::sha256_of_parts(first);
  const Bytes second[] = {outer, digest};
  return certs::sha256_of_parts(second);
}

/// The address of "1.2.3.4:5", "[::1]:5", "::1" or "1.2.3.4"; empty: it holds none.
std::string_view address_of(std::string_view endpoint) {
  if (endpoint.starts_with('[')) {
    const std::size_t end = endpoint.find(']');
    return end == std::string_view::npos ? std::string_view{} : endpoint.substr(1, end - 1);
  }
  if (std::count(endpoint.begin(), endpoint.end(), ':') == 1)
    endpoint = endpoint.substr(0, endpoint.find(':'));
  return endpoint;
}

std::string small(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return out;
}

bool is_v4(std::string_view address) {
  return std::count(address.begin(), address.end(), '.') == 3 &&
         address.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_v6(std::string_view address) {
  return std::count(address.begin(), address.end(), ':') >= 2 &&
         address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '_';
}

/// A dot or a colon belongs to what stands there when a word goes on behind it.
bool goes_on(std::string_view rest) {
  if (rest.empty()) return false;
  if (is_word(rest[0])) return true;
  return rest[0] == '.' && rest.size() > 1 && is_word(rest[1]);
}

bool came_from(std::string_view before) {
  return !before.empty() && (is_word(before.back()) || before.back() == '.');
}

}  // namespace

std::string Mask::letters(std::string_view value, std::size_t count) const {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kLetters.size() == 32);
  std::string out;
  out.reserve(count);
  for (std::uint32_t block = 0; out.size() < count; ++block) {
    for (const std::uint8_t byte : hmac(key_, value, block)) {
      if (out.size() == count) break;
      out += kLetters[byte & 31U];
    }
  }
  return out;
}

std::string Mask::text(std::string_view value) const {
  const bool room = value.size() >= kMarker.size() + kTokenLetters;
  if (!room) return letters(value, value.size());
  return std::string(kMarker) + letters(value, value.size() - kMarker.size());
}

std::string Mask::text(Bytes value) const {
  return text(std::string_view(reinterpret_cast<const char*>(value.data()), value.size()));
}

std::string Mask::token(std::string_view value) const {
  return std::string(kMarker) + letters(value, kTokenLetters);
}

AddressMask::Masked AddressMask::masked_of(const std::string& address, unsigned attempt) const {
  const std::string letters = mask_.text(std::string(16, '-') + std::to_string(attempt) + address);
  const certs::Sha256 digest = certs::sha256(bytes_of(letters));
  constexpr std::string_view kMapped = "::ffff:";
  const bool mapped = address.starts_with(kMapped);
  Masked masked;
  auto& bytes = masked.endpoint.address;
  masked.endpoint.v6 = is_v6(address);
  if (masked.endpoint.v6 && !mapped) {
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    bytes[0] = 0x20;
    bytes[1] = 0x01;
    bytes[2] = 0x0d;
    bytes[3] = 0xb8;
  } else {
    const std::size_t at = mapped ? 12 : 0;
    if (mapped) bytes[10] = bytes[11] = 0xff;
    bytes[at] = 198;
    bytes[at + 1] = static_cast<std::uint8_t>(18 + (digest[0] & 1U));
    bytes[at + 2] = digest[1];
    bytes[at + 3] = digest[2];
  }
  masked.text = to_string(masked.endpoint);
  masked.text = address_of(masked.text);
  return masked;
}

void AddressMask::add(std::string_view endpoint) {
  std::string address = small(address_of(endpoint));
  if (!is_v4(address) && !is_v6(address)) return;
  if (address == "0.0.0.0" || address == "::" || masked_.count(address) > 0) return;
  // A network for tests has room for 131,072; where all seem taken, two may share one.
  constexpr unsigned kAttempts = 100;
  Masked masked = masked_of(address, 0);
  for (unsigned attempt = 1; attempt < kAttempts && taken_.count(masked.text) > 0; ++attempt)
    masked = masked_of(address, attempt);
  taken_.insert(masked.text);
  masked_.emplace(std::move(address), std::move(masked));
}

void AddressMask::apply(std::string& text) const {
  for (const auto& [address, masked] : masked_) replace_all(text, address, masked.text);
}

void AddressMask::apply(std::string& text, const std::vector<std::string>& endpoints) const {
  for (const std::string& endpoint : endpoints) {
    const auto found = masked_.find(small(address_of(endpoint)));
    if (found != masked_.end()) replace_all(text, found->first, found->second.text);
  }
}

NetworkEndpoint AddressMask::apply(const NetworkEndpoint& endpoint) const {
  const std::string text = to_string(endpoint);
  const auto found = masked_.find(address_of(text));
  if (found == masked_.end()) return endpoint;
  NetworkEndpoint masked = found->second.endpoint;
  masked.port = endpoint.port;
  return masked;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty() || text.find(what) == std::string::npos) return;
  std::string out;
  std::string_view rest = text;
  std::size_t done = 0;
  for (std::size_t at = rest.find(what); at != std::string_view::npos;
       at = rest.find(what, at + 1)) {
    if (at < done) continue;
    if (came_from(rest.substr(0, at)) || goes_on(rest.substr(at + what.size()))) continue;
    out.append(rest.substr(done, at - done)).append(by);
    done = at + what.size();
  }
  out.append(rest.substr(done));
  text = std::move(out);
}

}  // namespace visavis::inspect
