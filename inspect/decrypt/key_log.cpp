#include "inspect/decrypt/key_log.h"

#include <algorithm>
#include <span>

namespace visavis::inspect {
namespace {

constexpr std::size_t kMasterSecretBytes = 48;
constexpr std::size_t kMinTrafficSecretBytes = 32;
constexpr std::size_t kMaxTrafficSecretBytes = 64;

/// Written by some editors before a text's first line.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

/// The text has two digits for each byte of `into`.
bool read_hex(std::string_view text, std::span<std::uint8_t> into) {
  if (text.size() != 2 * into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    into[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

/// Cuts the next word off a line.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

Secret SessionSecrets::*place_of(std::string_view label) {
  if (label == "CLIENT_RANDOM") return &SessionSecrets::master_secret;
  if (label == "CLIENT_HANDSHAKE_TRAFFIC_SECRET") return &SessionSecrets::client_handshake_traffic;
  if (label == "SERVER_HANDSHAKE_TRAFFIC_SECRET") return &SessionSecrets::server_handshake_traffic;
  if (label == "CLIENT_TRAFFIC_SECRET_0") return &SessionSecrets::client_traffic;
  if (label == "SERVER_TRAFFIC_SECRET_0") return &SessionSecrets::server_traffic;
  if (label == "CLIENT_EARLY_TRAFFIC_SECRET") return &SessionSecrets::client_early_traffic;
  return nullptr;
}

bool is_label(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') || letter == '_';
  });
}

bool is_hex(std::string_view word) {
  return !word.empty() && word.size() % 2 == 0 &&
         std::all_of(word.begin(), word.end(), [](char letter) { return digit(letter) >= 0; });
}

bool right_size(std::string_view label, std::size_t bytes) {
  if (label == "CLIENT_RANDOM") return bytes == kMasterSecretBytes;
  return bytes >= kMinTrafficSecretBytes && bytes <= kMaxTrafficSecretBytes;
}

}  // namespace

void KeyLog::add(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t") != std::string_view::npos && line.front() != '#')
      add_line(line);
  }
}

void KeyLog::add_line(std::string_view line) {
  const std::string_view label = next_word(line);
  const std::string_view random = next_word(line);
  const std::string_view value = next_word(line);
  const bool whole = is_label(label) && is_hex(random) && is_hex(value) && next_word(line).empty();
  const auto place = place_of(label);
  // A label of NSS or of RFC 9850 that takes no part in reading records: RSA, EXPORTER_SECRET ...
  if (whole && place == nullptr) return;
  HelloRandom client_random{};
  if (!whole || !read_hex(random, client_random) || !right_size(label, value.size() / 2)) {
    ++bad_lines_;
    return;
  }
  Secret secret(value.size() / 2);
  read_hex(value, secret);
  session(client_random).*place = std::move(secret);
}

SessionSecrets& KeyLog::session(const HelloRandom& client_random) {
  const auto found = sessions_.find(client_random);
  if (found != sessions_.end()) return found->second;
  if (sessions_.size() >= max_sessions_ && !order_.empty()) {
    sessions_.erase(order_.front());
    order_.pop_front();
    ++forgotten_;
  }
  order_.push_back(client_random);
  return sessions_[client_random];
}

const SessionSecrets* KeyLog::find(const HelloRandom& client_random) const {
  const auto found = sessions_.find(client_random);
  return found == sessions_.end() ? nullptr : &found->second;
}

}  // namespace visavis::inspect
