#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who holds a port that we can't have: what `ss -ltnp` knows, from Linux' /proc.
namespace visavis::proxy {

/// LocalSocket is one line of /proc/net/tcp or tcp6.
struct LocalSocket {
  std::string address;  ///< "127.0.0.1", "::1"; IPv4 in IPv6 ("::ffff:…") as IPv4
  std::uint16_t port = 0;
  bool listens = false;
  std::uint32_t user = 0;  ///< user id of its owner
  std::uint64_t inode = 0;

  friend bool operator==(const LocalSocket&, const LocalSocket&) = default;
};

/// read_local_sockets reads the text of /proc/net/tcp or /proc/net/tcp6. Lines that are not of that
/// form, and sockets without an owner (TIME_WAIT), are passed over.
/// Source: Linux, Documentation/networking/proc_net_tcp.rst.
[[nodiscard]] std::vector<LocalSocket> read_local_sockets(std::string_view text);

/// conflicting_socket returns the socket that keeps us from listening: of the port, and of the same
/// address or one of the two being the wildcard; a listening one first, then one of exactly this
/// address.
[[nodiscard]] std::optional<LocalSocket> conflicting_socket(const std::vector<LocalSocket>& sockets,
                                                            const std::string& address,
                                                            std::uint16_t port);

/// HolderProcess is a process that has the socket open.
struct HolderProcess {
  std::uint64_t id = 0;
  std::string name;     ///< /proc/PID/comm
  std::string command;  ///< the first words of its command line; never all: passwords stand there
  std::uint64_t start_ticks = 0;
};

/// read_start_ticks returns field 22 of /proc/PID/stat, the process' start since boot; 0 when it
/// can't be read. The name in field 2 may contain anything. Source: proc(5).
[[nodiscard]] std::uint64_t read_start_ticks(std::string_view stat);

/// first_words returns the first three words of /proc/PID/cmdline, at most 80 characters.
[[nodiscard]] std::string first_words(std::string_view command_line);

/// port_holder_text says who holds `address`:`port`, as the end of a sentence: "; nginx, pid 7
/// (nginx: master process), listens on 0.0.0.0:443, with 2 more processes". Where that can't be
/// seen it says so, and what to run. Bounded: 8 MiB of sockets, 200,000 descriptors.
[[nodiscard]] std::string port_holder_text(const std::string& address, std::uint16_t port,
                                           const std::filesystem::path& proc = "/proc");

}  // namespace visavis::proxy
