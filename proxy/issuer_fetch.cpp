#include "proxy/issuer_fetch.h"

#include <boost/asio/connect.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>

#include "proxy/issuer_fetcher.h"

namespace visavis::proxy {

namespace http = boost::beast::http;

namespace {

constexpr unsigned kHttp11 = 11;

std::string kib(std::size_t bytes) { return std::to_string(bytes / 1024) + " KiB"; }

}  // namespace

IssuerFetch::IssuerFetch(Executor executor, HttpUrl url, Done done)
    : url_(std::move(url)),
      done_(std::move(done)),
      timer_(executor),
      resolver_(executor),
      socket_(executor),
      buffer_(IssuerFetcher::kMaxBodyBytes) {
  response_.body_limit(IssuerFetcher::kMaxBodyBytes);
  response_.header_limit(IssuerFetcher::kMaxHeaderBytes);
}

void IssuerFetch::start() {
  timer_.expires_after(IssuerFetcher::kTimeLimit);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    // A name that is being resolved can't be called back: its answer finds us done.
    if (!error)
      self->finish({}, "no whole answer within " +
                           std::to_string(IssuerFetcher::kTimeLimit.count() / 1000) + " seconds");
  });
  resolver_.async_resolve(url_.host, std::to_string(url_.port),
                          [self = shared_from_this()](error_code error, auto addresses) {
                            if (!self->done_) return;
                            if (error) return self->fail("no address", error);
                            self->connect(addresses);
                          });
}

void IssuerFetch::connect(const asio::ip::tcp::resolver::results_type& addresses) {
  asio::async_connect(socket_, addresses, [self = shared_from_this()](error_code error, auto&&) {
    if (!self->done_) return;
    if (error) return self->fail("no connection", error);
    self->send();
  });
}

void IssuerFetch::send() {
  request_ = {http::verb::get, url_.target, kHttp11};
  request_.set(http::field::host, url_.authority);
  request_.set(http::field::user_agent, "visavis");
  request_.set(http::field::accept, "*/*");
  request_.set(http::field::connection, "close");
  http::async_write(socket_, request_, [self = shared_from_this()](error_code error, std::size_t) {
    if (!self->done_) return;
    if (error) return self->fail("the request was not taken", error);
    self->receive();
  });
}

void IssuerFetch::receive() {
  http::async_read(socket_, buffer_, response_,
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (self->done_) self->judge(error);
                   });
}

void IssuerFetch::judge(error_code error) {
  if (error == http::error::body_limit)
    return finish({}, "more than " + kib(IssuerFetcher::kMaxBodyBytes) + " came");
  if (error) return fail("no answer that can be read", error);
  const unsigned status = response_.get().result_int();
  if (status == 200) return finish(response_.get().body(), {});
  const bool redirect = status >= 300 && status < 400;
  finish({}, "HTTP status " + std::to_string(status) +
                 (redirect ? ", a redirect, which is not followed" : ""));
}

void IssuerFetch::fail(const std::string& doing, error_code error) {
  finish({}, doing + " (" + error.message() + ")");
}

void IssuerFetch::finish(const std::vector<std::uint8_t>& body, std::string problem) {
  if (!done_) return;
  const Done done = std::exchange(done_, nullptr);
  timer_.cancel();
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
  done(body, std::move(problem));
}

}  // namespace visavis::proxy
