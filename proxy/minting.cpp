#include "proxy/minting.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <exception>

namespace visavis::proxy {
namespace {

using LeafPtr = std::shared_ptr<const certs::Leaf>;

}  // namespace

Task<LeafPtr> Minting::leaf_for(const certs::LeafRequest& request) {
  if (LeafPtr known = cache_.find(request)) co_return known;
  const auto start = [this, &request](auto handler) {
    // The guard keeps the session's thread running until the leaf has come.
    const auto executor = asio::get_associated_executor(handler);
    asio::post(thread_, [this, &request, guard = asio::make_work_guard(executor),
                         done = std::move(handler)]() mutable {
      LeafPtr leaf;
      std::exception_ptr failure;
      try {
        leaf = cache_.leaf_for(request);
      } catch (...) {
        failure = std::current_exception();
      }
      asio::post(guard.get_executor(), [done = std::move(done), failure, leaf]() mutable {
        std::move(done)(failure, std::move(leaf));
      });
    });
  };
  auto [failure, leaf] =
      co_await asio::async_initiate<decltype(kUseTask), void(std::exception_ptr, LeafPtr)>(
          start, kUseTask);
  if (failure) std::rethrow_exception(failure);
  co_return leaf;
}

}  // namespace visavis::proxy
