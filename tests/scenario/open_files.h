#pragma once
#include <gtest/gtest.h>

#include <cstddef>

#include "tests/support/proxy_process.h"

namespace visavis::testing {

/// expect_open_files asserts that the proxy lets go of all that it held for its sessions, until it
/// has as many open files as before them.
inline void expect_open_files(ProxyProcess& proxy, std::size_t files) {
  EXPECT_TRUE(wait_until([&] { return proxy.process().open_files() == files; }))
      << proxy.process().open_files() << " open files instead of " << files;
}

}  // namespace visavis::testing
