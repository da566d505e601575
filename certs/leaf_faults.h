#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "certs/chain_verdict.h"

namespace visavis::certs {

/// LeafIssuer is who signs a minted leaf.
enum class LeafIssuer : std::uint8_t {
  authority,            ///< our CA, which clients were told to trust
  self,                 ///< the leaf itself
  unknown,              ///< a CA of the backend's issuer's name that nobody trusts, sent along
  unsent_intermediate,  ///< a CA under ours that is not sent
};

/// LeafFaults are the faults of the backend's certificate that a minted leaf repeats, so that a
/// client which refuses the backend's certificate refuses ours for the same reason.
struct LeafFaults {
  bool dates = false;  ///< the backend's validity instead of a current one: expired, not yet valid
  bool names = false;  ///< the backend's names alone, without the one that the client asks for
  bool usage = false;  ///< the backend's extended key usage
  LeafIssuer issuer = LeafIssuer::authority;

  [[nodiscard]] bool any() const {
    return dates || names || usage || issuer != LeafIssuer::authority;
  }
  friend bool operator==(const LeafFaults&, const LeafFaults&) = default;
};

/// faults_to_repeat returns what of a verdict on the backend's chain a leaf can repeat. What is
/// wrong with issuers (expired, of wrong usage ...) it can't.
[[nodiscard]] LeafFaults faults_to_repeat(const ChainVerdict& verdict);

/// describe_faults lists them by the ids of the findings that they are about: "expired",
/// "not-yet-valid", "name-mismatch", "wrong-usage", "self-signed", "untrusted-root",
/// "incomplete-chain". The verdict is the one that they were read off.
[[nodiscard]] std::vector<std::string> describe_faults(const LeafFaults& faults,
                                                       const ChainVerdict& verdict);

}  // namespace visavis::certs
