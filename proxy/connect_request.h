#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "inspect/http/http1_reader.h"
#include "proxy/backend_address.h"

namespace visavis::proxy {

/// ConnectRefusal is why a request to open a tunnel is turned down.
struct ConnectRefusal {
  int status = 400;    ///< the HTTP status of the answer
  std::string reason;  ///< one line without an end, for the client and for the report

  friend bool operator==(const ConnectRefusal&, const ConnectRefusal&) = default;
};

/// ConnectTunnel is what a client asked for before its session began.
struct ConnectTunnel {
  HostPort asked;    ///< what CONNECT named
  HostPort backend;  ///< where that leads: what a route or the fixed backend renames it to
  /// The client's TCP segments with data before the session's first byte; nothing: not known.
  std::optional<std::uint32_t> segments_before;
};

/// segments_before is what a session subtracts from the kernel's count of the client's segments;
/// null: 0.
[[nodiscard]] inline std::optional<std::uint32_t> segments_before(const ConnectTunnel* tunnel) {
  return tunnel != nullptr ? tunnel->segments_before : 0U;
}

/// ConnectReader reads a request for a tunnel, "CONNECT host:port HTTP/1.1" and its header section,
/// in any pieces and bounded by limits::kMaxHttpHeaderBytes. The fields say nothing to us, and none
/// is kept (Proxy-Authorization is a secret). Source: RFC 9110 9.3.6, RFC 9112 3.2.3.
class ConnectReader {
 public:
  using Result = std::variant<HostPort, ConnectRefusal>;

  /// read takes the request's next bytes and returns how many of them are the request's: what
  /// follows is said inside the tunnel. After a result it takes none.
  std::size_t read(inspect::Bytes bytes);

  /// result is the host and port that were asked for, or why there will be no tunnel; nothing while
  /// the request goes on.
  [[nodiscard]] const std::optional<Result>& result() const { return result_; }
  /// begun is true once a byte was read.
  [[nodiscard]] bool begun() const { return read_bytes_ > 0; }

 private:
  [[nodiscard]] ConnectRefusal why_not_understood(const inspect::Http1Head& head) const;
  void keep_first(inspect::Bytes bytes);

  inspect::Http1Reader<true> reader_;
  std::array<std::uint8_t, 24> first_{};  ///< what detect_first_bytes asks for at most
  std::size_t first_size_ = 0;
  std::size_t read_bytes_ = 0;
  std::optional<Result> result_;
};

/// judge_connect is what a request's first line asks for.
[[nodiscard]] ConnectReader::Result judge_connect(const inspect::Http1Head& head);

/// connect_tunnel finds where a tunnel leads: a route for the name that was asked for comes before
/// the fixed backend, which comes before that name itself.
[[nodiscard]] ConnectTunnel connect_tunnel(HostPort asked, const std::vector<Route>& routes,
                                           const std::optional<HostPort>& fixed);

/// kTunnelOpen answers a request whose tunnel is open.
inline constexpr std::string_view kTunnelOpen = "HTTP/1.1 200 Connection Established\r\n\r\n";

/// refusal_response is the whole HTTP response that says why not; its body is one line of text.
[[nodiscard]] std::string refusal_response(const ConnectRefusal& refusal);

}  // namespace visavis::proxy
