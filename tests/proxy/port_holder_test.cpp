#include "proxy/port_holder.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/test_certificates.h"

namespace visavis::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::TemporaryDirectory;

// Linux 6.1, x86-64; listeners and one connection of a Python process, and one in TIME_WAIT.
constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode                                                     \n"
    "   0: 0100007F:CFAF 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "3444159 1 0000000037aa5964 100 0 0 10 0                   \n"
    "   4: 00000000:E30B 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
    "3444160 1 00000000878ce62f 100 0 0 10 0                   \n"
    "  29: 0100007F:C428 0100007F:CFAF 01 00000000:00000000 00:00000000 00000000     0        0 "
    "3444164 2 000000005156311c 20 0 0 10 -1                   \n"
    "  30: 0100007F:C42A 0100007F:CFAF 06 00000000:00000000 03:00000F5C 00000000     0        0 "
    "0 3 000000005156311c                                      \n";
constexpr std::string_view kTcp6 =
    "  sl  local_address                         remote_address                        st tx_queue "
    "rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0000000000000000FFFF00000100007F:C49D 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 3444163 1 00000000942cc264 100 0 0 10 "
    "0\n"
    "   1: 00000000000000000000000000000000:89D1 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000    33        0 3444162 1 0000000028660146 100 0 0 10 "
    "0\n"
    "   2: 00000000000000000000000001000000:B0D1 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 3444161 1 000000002820ced0 100 0 0 10 "
    "0\n";

TEST(ReadLocalSockets, OfBothFamilies) {
  EXPECT_THAT(read_local_sockets(kTcp),
              ElementsAre(LocalSocket{"127.0.0.1", 53167, true, 0, 3444159},
                          LocalSocket{"0.0.0.0", 58123, true, 1000, 3444160},
                          LocalSocket{"127.0.0.1", 50216, false, 0, 3444164}));
  EXPECT_THAT(read_local_sockets(kTcp6),
              ElementsAre(LocalSocket{"127.0.0.1", 50333, true, 0, 3444163},
                          LocalSocket{"::", 35281, true, 33, 3444162},
                          LocalSocket{"::1", 45265, true, 0, 3444161}));
}

TEST(ReadLocalSockets, NothingThatIsCutOrStrangeIsTakenForASocket) {
  for (std::size_t length = 0; length < kTcp.size(); ++length)
    EXPECT_LE(read_local_sockets(kTcp.substr(0, length)).size(), 3U);
  EXPECT_THAT(read_local_sockets(""), IsEmpty());
  EXPECT_THAT(read_local_sockets("\n\n \n"), IsEmpty());
  const std::string rest = " 00000000:0000 0A 0:0 0:0 0 0 0 7 1\n";
  EXPECT_EQ(read_local_sockets("0: 0100007F:1F90" + rest).size(), 1U);
  for (const char* address : {"0100007F", "0100007:1F90", "0100007G:1F90", "0100007F:1F901",
                              "0100007F:", ":1F90", "0100007F0100007F:1F90", "-100007F:1F90"})
    EXPECT_THAT(read_local_sockets("0: " + std::string(address) + rest), IsEmpty()) << address;
}

TEST(ConflictingSocket, TheOneThatIsInTheWay) {
  const std::vector<LocalSocket> sockets{{"127.0.0.1", 443, false, 0, 1},
                                         {"127.0.0.1", 443, true, 0, 2},
                                         {"192.0.2.1", 443, true, 0, 3},
                                         {"0.0.0.0", 444, true, 0, 4},
                                         {"127.0.0.1", 445, false, 0, 5}};
  const auto inode = [&](const std::string& address, std::uint16_t port) {
    const auto socket = conflicting_socket(sockets, address, port);
    return socket ? socket->inode : 0;
  };
  EXPECT_EQ(inode("127.0.0.1", 443), 2U) << "listeners first";
  EXPECT_EQ(inode("192.0.2.1", 443), 3U) << "of this address";
  EXPECT_EQ(inode("192.0.2.2", 443), 0U) << "not of another";
  EXPECT_EQ(inode("0.0.0.0", 443), 2U) << "the wildcard meets all";
  EXPECT_EQ(inode("::", 443), 2U);
  EXPECT_EQ(inode("192.0.2.1", 444), 4U) << "and all meet the wildcard";
  EXPECT_EQ(inode("127.0.0.1", 445), 5U) << "a connection that uses the port";
  EXPECT_EQ(inode("127.0.0.1", 446), 0U);
}

TEST(PortHolder, FieldsOfAProcess) {
  EXPECT_EQ(read_start_ticks("18907 (python3) R 18905 18905 16076 0 -1 4194304 3043 6599 0 0 3 1 3 "
                             "0 20 0 1 0 1595604 18604032 3573 18446744073709551615\n"),
            1595604U);
  EXPECT_EQ(read_start_ticks("7 (a) b (c 1 2) S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 13 14 15 16 99 0"),
            99U);
  EXPECT_EQ(read_start_ticks(""), 0U);
  EXPECT_EQ(read_start_ticks("7 (x) S 1 2"), 0U);

  EXPECT_EQ(first_words(std::string_view("python3\0/srv/a.py\0--port\0008443\0-p\0geheim\0", 41)),
            "python3 /srv/a.py --port");
  EXPECT_EQ(first_words("nginx: master process /usr/sbin/nginx -g daemon on;"),
            "nginx: master process");
  EXPECT_EQ(first_words(""), "");
  EXPECT_EQ(first_words("a\nb"), "a\\0Ab") << "one line";
  EXPECT_EQ(first_words(std::string(5000, 'x')), std::string(80, 'x'));
}

/// FakeProc is a /proc with processes of its own.
class FakeProc {
 public:
  FakeProc() { std::filesystem::create_directory(root() / "net"); }

  [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }

  void sockets(std::string_view tcp, std::string_view tcp6) const {
    folder_.write("net/tcp", tcp);
    folder_.write("net/tcp6", tcp6);
  }

  void process(const std::string& id, const std::string& name, int start, int inode) const {
    const auto fd = root() / id / "fd";
    std::filesystem::create_directories(fd);
    std::filesystem::create_symlink("/dev/null", fd / "0");
    std::filesystem::create_symlink("socket:[" + std::to_string(inode) + "]", fd / "9");
    folder_.write(id + "/comm", name + "\n");
    folder_.write(id + "/cmdline", name + ": process " + id + " of several");
    folder_.write(id + "/stat", id + " (" + name +
                                    ") S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 13 14 15 16 " +
                                    std::to_string(start) + " 0");
  }

 private:
  TemporaryDirectory folder_;
};

TEST(PortHolder, TheOldestOfSeveralIsNamed) {
  const FakeProc proc;
  proc.sockets(kTcp, kTcp6);
  proc.process("300", "worker", 50, 3444162);
  proc.process("40", "worker", 51, 3444162);
  proc.process("200", "nginx", 7, 3444162);
  proc.process("100", "other", 1, 3444160);
  EXPECT_EQ(port_holder_text("127.0.0.1", 35281, proc.root()),
            "; nginx, pid 200 (nginx: process 200), listens on [::]:35281, with 2 more processes");
  EXPECT_EQ(port_holder_text("192.0.2.1", 58123, proc.root()),
            "; other, pid 100 (other: process 100), listens on 0.0.0.0:58123");
  proc.process("101", "other", 2, 3444160);
  EXPECT_EQ(port_holder_text("0.0.0.0", 58123, proc.root()),
            "; other, pid 100 (other: process 100), listens on 0.0.0.0:58123, with 1 more process");
  proc.process("50", "client", 2, 3444164);
  EXPECT_EQ(port_holder_text("127.0.0.1", 50216, proc.root()),
            "; client, pid 50 (client: process 50), has a connection from 127.0.0.1:50216");
}

TEST(PortHolder, WhatCanNotBeSeenIsSaid) {
  const FakeProc proc;
  proc.sockets(kTcp, kTcp6);
  EXPECT_EQ(port_holder_text("0.0.0.0", 58123, proc.root()),
            "; a process of user id 1000 listens on 0.0.0.0:58123, and can't be seen from here; as "
            "root, ss -tlnp 'sport = :58123' names it");
  const std::string nobody =
      "; who holds it can't be seen from here; as root, ss -tlnp 'sport = :1' names it";
  EXPECT_EQ(port_holder_text("0.0.0.0", 1, proc.root()), nobody);
  EXPECT_EQ(port_holder_text("0.0.0.0", 1, proc.root() / "none"), nobody);
}

TEST(PortHolder, ThisVeryProcessInTheRealProc) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  const std::string text = port_holder_text("127.0.0.1", port);
  EXPECT_THAT(text,
              ::testing::StartsWith("; proxy_tests, pid " + std::to_string(::getpid()) + " ("));
  EXPECT_THAT(text, ::testing::EndsWith("), listens on 127.0.0.1:" + std::to_string(port)));
  ::close(listener);
}

}  // namespace
}  // namespace visavis::proxy
