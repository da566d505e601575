#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/findings/chain_facts.h"

namespace visavis::inspect {

/// parse_time reads RFC 3339 in UTC ("2026-01-02T03:04:05Z", fractions of a second are cut off) as
/// Unix time; nothing for anything else.
std::optional<std::int64_t> parse_time(std::string_view text);

/// duration_words puts a time span into words, rounded down: "59 days", "3 hours", "1 minute".
std::string duration_words(std::int64_t seconds);

/// since_words is how long it is from one moment to a later one: "59 days"; empty when either can't
/// be read.
std::string since_words(std::string_view from, std::string_view to);

/// clock_words names the clock that a date was held against: "by the proxy's clock (2026-...)".
std::string clock_words(const SessionReport& session);

/// DateFault is one end of the validity of certificates, and what is said where it is missed.
struct DateFault {
  std::string_view word;  ///< of certs/chain_verdict.h: expired, not-yet-valid
  std::string_view code;  ///< X509_V_ERR_...
};

/// FaultyDates is where a date fault was found.
struct FaultyDates {
  LegSide side;
  std::vector<std::size_t> positions;  ///< as sent; empty: it is a certificate of our store
  bool in_use = false;                 ///< the path that we validated needs it
  bool all = false;                    ///< several certificates, and every one has the fault
};

/// find_faulty_dates returns nothing for a chain without the fault.
std::optional<FaultyDates> find_faulty_dates(const SessionReport& session, const DateFault& fault);

/// is_replaced_by_store is true where the path that we validated does without the faulty
/// certificates, and no other certificate was sent in their place: the store has the same issuer.
bool is_replaced_by_store(const FaultyDates& dates);

/// date_finding begins the finding on them: severity, confidence, evidence; its x509 code.
FindingReport date_finding(const FaultyDates& dates, const DateFault& fault);

}  // namespace visavis::inspect
