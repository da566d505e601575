#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "certs/known_issuers.h"
#include "proxy/issuer_fetcher.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {

/// Issuers of one chain that are looked for, one above the other: public chains have one or two
/// intermediates, company ones three.
inline constexpr std::size_t kMaxLackedIssuers = 3;

/// FoundChain is what was found for a chain that lacks issuers.
struct FoundChain {
  std::optional<certs::FoundIssuer> issuer;  ///< the first that it lacks
  bool trusted = false;                      ///< with all that was found
  std::optional<WantedIssuer> wanted;        ///< what it still lacks; its addresses may be none
};

/// find_lacked_issuers looks for what `chain` (DER, leaf first), as judged for `host` at `now_s`,
/// lacks, among the certificates that are known.
[[nodiscard]] FoundChain find_lacked_issuers(const std::vector<std::vector<std::uint8_t>>& chain,
                                             const std::string& missing_issuer,
                                             const std::string& host, std::int64_t now_s,
                                             ReportServices& services);

/// wanted_issuer is the first certificate of a session whose issuer may be fetched; nothing without
/// a fetcher, too.
[[nodiscard]] std::optional<WantedIssuer> wanted_issuer(const SessionFacts& facts,
                                                        ReportServices& services);

/// fetch_lacked_issuers fetches what a session's chains lack, and waits for it.
void fetch_lacked_issuers(const SessionFacts& facts, ReportServices& services);

}  // namespace visavis::proxy
