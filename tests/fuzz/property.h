#pragma once
#include <cstdio>
#include <cstdlib>

namespace visavis::fuzz {

/// property stops the process when what must hold for every input does not.
inline void property(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

}  // namespace visavis::fuzz
