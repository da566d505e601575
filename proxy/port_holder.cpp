#include "proxy/port_holder.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <system_error>

#include "certs/name_text.h"

namespace visavis::proxy {
namespace {

namespace fs = std::filesystem;

// A line is 150 bytes, and listening sockets stand first: the rest of a longer text is not missed.
constexpr std::size_t kMaxSocketTextBytes = 8U << 20;
// A microsecond each.
constexpr std::size_t kMaxDescriptors = 200'000;
constexpr std::size_t kMaxCommandWords = 3;
constexpr std::size_t kMaxCommandBytes = 80;

constexpr std::string_view kListen = "0A";

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::string_view word = line.substr(0, line.find(' '));
    words.push_back(word);
    line.remove_prefix(word.size());
  }
}

template <class Number>
bool read_number(std::string_view text, Number& number, int base = 10) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stop == end;
}

// The kernel prints an address as words of 32 bits in the machine's own order.
std::string address_text(std::string_view digits) {
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = digits.size() / 8;
  if ((count != 1 && count != 4) || digits.size() % 8 != 0) return {};
  for (std::size_t i = 0; i < count; ++i)
    if (!read_number(digits.substr(8 * i, 8), words.at(i), 16)) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = count == 1 ? AF_INET : AF_INET6;
  if (inet_ntop(family, words.data(), text.data(), text.size()) == nullptr) return {};
  constexpr std::string_view kMapped = "::ffff:";
  const std::string_view written = text.data();
  const bool mapped = written.starts_with(kMapped) && written.find('.') != std::string_view::npos;
  return std::string(mapped ? written.substr(kMapped.size()) : written);
}

bool is_wildcard(std::string_view address) { return address == "0.0.0.0" || address == "::"; }

std::string shown(const LocalSocket& socket) {
  const bool v6 = socket.address.find(':') != std::string::npos;
  return (v6 ? "[" + socket.address + "]" : socket.address) + ":" + std::to_string(socket.port);
}

std::string text_of(const fs::path& file, std::size_t limit) {
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  std::array<char, 65536> chunk{};
  while (stream && text.size() < limit) {
    stream.read(chunk.data(), static_cast<std::streamsize>(std::min(chunk.size(), limit)));
    text.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

std::string one_line(std::string text) {
  text = text.substr(0, text.find('\n'));
  return certs::printable_utf8(text);
}

// Search goes through all processes and their descriptors.
class Search {
 public:
  Search(const fs::path& proc, std::uint64_t inode)
      : proc_(proc), target_("socket:[" + std::to_string(inode) + "]") {}

  // Oldest first.
  std::vector<HolderProcess> run() {
    std::vector<HolderProcess> found;
    std::error_code error;
    for (fs::directory_iterator entry(proc_, error), end; !error && entry != end;
         entry.increment(error)) {
      std::uint64_t id = 0;
      if (!read_number(entry->path().filename().native(), id)) continue;
      if (holds(entry->path())) found.push_back(describe(entry->path(), id));
    }
    std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
      return std::pair(left.start_ticks, left.id) < std::pair(right.start_ticks, right.id);
    });
    return found;
  }

 private:
  bool holds(const fs::path& process) {
    std::error_code error;
    std::array<char, 64> target{};
    for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
         entry.increment(error)) {
      if (++looked_at_ > kMaxDescriptors) return false;
      const ssize_t length = ::readlink(entry->path().c_str(), target.data(), target.size());
      if (length > 0 &&
          std::string_view(target.data(), static_cast<std::size_t>(length)) == target_)
        return true;
    }
    return false;
  }

  static HolderProcess describe(const fs::path& process, std::uint64_t id) {
    constexpr std::size_t kEnough = 4096;
    return {id, one_line(text_of(process / "comm", kEnough)),
            first_words(text_of(process / "cmdline", kEnough)),
            read_start_ticks(text_of(process / "stat", kEnough))};
  }

  fs::path proc_;
  std::string target_;
  std::size_t looked_at_ = 0;
};

std::string advice(std::uint16_t port) {
  return "as root, ss -tlnp 'sport = :" + std::to_string(port) + "' names it";
}

}  // namespace

std::vector<LocalSocket> read_local_sockets(std::string_view text) {
  std::vector<LocalSocket> sockets;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode
    const auto words = words_of(line);
    if (words.size() < 10) continue;
    const std::size_t colon = words[1].find(':');
    LocalSocket socket;
    socket.address = address_text(words[1].substr(0, colon));
    socket.listens = words[3] == kListen;
    if (colon == std::string_view::npos || socket.address.empty() ||
        !read_number(words[1].substr(colon + 1), socket.port, 16) ||
        !read_number(words[7], socket.user) || !read_number(words[9], socket.inode) ||
        socket.inode == 0)
      continue;
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

std::optional<LocalSocket> conflicting_socket(const std::vector<LocalSocket>& sockets,
                                              const std::string& address, std::uint16_t port) {
  const LocalSocket* best = nullptr;
  const auto rank = [&](const LocalSocket& socket) {
    return 2 * static_cast<int>(socket.listens) + static_cast<int>(socket.address == address);
  };
  for (const LocalSocket& socket : sockets) {
    const bool meets =
        socket.address == address || is_wildcard(socket.address) || is_wildcard(address);
    if (socket.port != port || !meets) continue;
    if (best == nullptr || rank(socket) > rank(*best)) best = &socket;
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

std::uint64_t read_start_ticks(std::string_view stat) {
  constexpr std::size_t kStartTime = 22 - 3;  // field 3 is the first one behind the name
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return 0;
  const auto words = words_of(stat.substr(name_end + 1));
  std::uint64_t ticks = 0;
  return words.size() > kStartTime && read_number(words[kStartTime], ticks) ? ticks : 0;
}

std::string first_words(std::string_view command_line) {
  std::string spaced(command_line.substr(0, 4 * kMaxCommandBytes));
  std::replace(spaced.begin(), spaced.end(), '\0', ' ');
  std::string text;
  const auto words = words_of(spaced);
  for (std::size_t i = 0; i < words.size() && i < kMaxCommandWords; ++i)
    text += (i == 0 ? "" : " ") + std::string(words[i]);
  return certs::printable_utf8(std::string_view(text).substr(0, kMaxCommandBytes));
}

std::string port_holder_text(const std::string& address, std::uint16_t port, const fs::path& proc) {
  auto sockets = read_local_sockets(text_of(proc / "net/tcp", kMaxSocketTextBytes));
  const auto v6 = read_local_sockets(text_of(proc / "net/tcp6", kMaxSocketTextBytes));
  sockets.insert(sockets.end(), v6.begin(), v6.end());
  const auto socket = conflicting_socket(sockets, address, port);
  if (!socket) return "; who holds it can't be seen from here; " + advice(port);
  const std::vector<HolderProcess> holders = Search(proc, socket->inode).run();
  const std::string what = socket->listens ? " listens on " : " has a connection from ";
  if (holders.empty())
    return "; a process of user id " + std::to_string(socket->user) + what + shown(*socket) +
           ", and can't be seen from here; " + advice(port);
  const HolderProcess& first = holders.front();
  std::string text = "; " + first.name + ", pid " + std::to_string(first.id);
  if (!first.command.empty()) text += " (" + first.command + ")";
  text += "," + what + shown(*socket);
  if (holders.size() > 1)
    text += ", with " + std::to_string(holders.size() - 1) + " more process" +
            (holders.size() > 2 ? "es" : "");
  return text;
}

}  // namespace visavis::proxy
