#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http_url.h"
#include "proxy/task.h"

namespace visavis::proxy {

/// IssuerFetch is one GET within the limits of IssuerFetcher. It keeps itself until its end.
class IssuerFetch : public std::enable_shared_from_this<IssuerFetch> {
 public:
  /// `done` is called once, on the executor's thread: with a body, or with what went wrong, in
  /// words that follow the address.
  using Done = std::function<void(const std::vector<std::uint8_t>& body, std::string problem)>;

  IssuerFetch(Executor executor, HttpUrl url, Done done);
  void start();

 private:
  void connect(const asio::ip::tcp::resolver::results_type& addresses);
  void send();
  void receive();
  void judge(error_code error);
  void fail(const std::string& doing, error_code error);
  void finish(const std::vector<std::uint8_t>& body, std::string problem);

  HttpUrl url_;
  Done done_;
  Timer timer_;
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver_;
  Socket socket_;
  boost::beast::http::request<boost::beast::http::empty_body> request_;
  boost::beast::http::response_parser<boost::beast::http::vector_body<std::uint8_t>> response_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace visavis::proxy
