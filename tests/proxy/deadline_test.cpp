#include "proxy/deadline.h"

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>

namespace visavis::proxy {
namespace {

using Clock = std::chrono::steady_clock;

class DeadlineTest : public ::testing::Test {
 protected:
  /// Runs until the deadline has expired, and then forgets it.
  void run_until_expired(Deadline& deadline, Watchdog::Ticket ticket) {
    while (!deadline.expired && context_.run_one() > 0) continue;
    watchdog_.forget(ticket);
    context_.run();
  }

  asio::io_context context_;
  Watchdog watchdog_{context_.get_executor()};
};

TEST_F(DeadlineTest, ExpiresOnceAndNotEarly) {
  Deadline deadline;
  int calls = 0;
  deadline.on_expiry = [&calls] { ++calls; };
  const auto began = Clock::now();
  deadline.set(Milliseconds(150));
  run_until_expired(deadline, watchdog_.watch(deadline));
  EXPECT_GE(Clock::now() - began, Milliseconds(150));
  deadline.expire();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(deadline.stopped);
}

TEST_F(DeadlineTest, ZeroIsNoLimit) {
  Deadline deadline;
  deadline.set(Milliseconds(0));
  EXPECT_EQ(deadline.at, Clock::time_point::max());
  deadline.set_idle(Milliseconds(0));
  EXPECT_EQ(deadline.at, Clock::time_point::max());
  EXPECT_EQ(deadline.idle.count(), 0);
}

TEST_F(DeadlineTest, ProgressRenewsAnIdleLimitFromWhenItWasMade) {
  Deadline deadline;
  deadline.set_idle(Milliseconds(1000));
  const auto ticket = watchdog_.watch(deadline);
  const auto first = deadline.at;
  context_.run_one();
  EXPECT_EQ(deadline.at, first);
  deadline.progress += 1;
  context_.run_one();
  EXPECT_GT(deadline.at, first);
  EXPECT_LE(deadline.at, Clock::now() + Milliseconds(1000));
  const auto renewed = deadline.at;
  context_.run_one();
  EXPECT_EQ(deadline.at, renewed);
  watchdog_.forget(ticket);
  context_.run();
}

TEST_F(DeadlineTest, ALimitOfItsOwnIsNotRenewed) {
  Deadline deadline;
  deadline.set_idle(Milliseconds(60'000));
  deadline.set(Milliseconds(1));
  deadline.progress += 1;
  run_until_expired(deadline, watchdog_.watch(deadline));
  EXPECT_TRUE(deadline.expired);
}

TEST_F(DeadlineTest, AStopExpiresAllThatHaveNot) {
  Deadline waiting;
  Deadline late;
  int calls = 0;
  waiting.on_expiry = late.on_expiry = [&calls] { ++calls; };
  const auto first = watchdog_.watch(waiting);
  const auto second = watchdog_.watch(late);
  late.expire();
  watchdog_.expire_all();
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(waiting.expired);
  EXPECT_TRUE(waiting.stopped);
  EXPECT_FALSE(late.stopped);
  watchdog_.forget(first);
  watchdog_.forget(second);
}

TEST_F(DeadlineTest, TheWatchdogRestsWhenThereIsNothingToWatch) {
  Deadline deadline;
  watchdog_.forget(watchdog_.watch(deadline));
  context_.run();  // returns
  EXPECT_TRUE(context_.stopped());
}

}  // namespace
}  // namespace visavis::proxy
