#pragma once
#include <string>
#include <vector>

#include "tests/support/legs.h"

namespace visavis::testing {

/// Passed is what became of the same calls through visavis, in their order.
struct Passed {
  Mode mode;
  std::vector<Spoken> spoken;
  std::vector<Session> sessions;
};

/// expect_same_both_ways makes calls directly, then through visavis in both modes (the calls'
/// ports and roots are filled in), and asserts that the direct ones work, that the others do not
/// differ in outcome, version, suite, group, ALPN and body, and that visavis has the hello as it
/// was on the wire, sends each hello once more as a direct twin where it ends the TLS (all of them
/// must differ in shape), calls them healthy as far as it can know, and finds nothing.
[[nodiscard]] std::vector<Passed> expect_same_both_ways(Client client, const Backend& backend,
                                                        const Credentials& credentials,
                                                        std::vector<Call> calls,
                                                        std::vector<Spoken>* direct = nullptr);

}  // namespace visavis::testing
