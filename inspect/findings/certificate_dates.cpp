#include "inspect/findings/certificate_dates.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace visavis::inspect {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

/// Days from 1970-01-01 in the Gregorian calendar; `month` from 1.
constexpr std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  // The year begins in March, so that the leap day is its last.
  const std::int64_t shifted = month <= 2 ? year - 1 : year;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const std::int64_t year_of_era = shifted - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

std::optional<std::int64_t> number(std::string_view text, std::size_t at, std::size_t digits) {
  std::int64_t value = 0;
  const char* end = text.data() + at + digits;
  const auto [stopped, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc{} || stopped != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size() || text.back() != 'Z') return std::nullopt;
  if (text.size() > kShape.size() + 1 && text[kShape.size()] != '.') return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] != '0' && text[i] != kShape[i]) return std::nullopt;
  const auto year = number(text, 0, 4);
  const auto month = number(text, 5, 2);
  const auto day = number(text, 8, 2);
  const auto hour = number(text, 11, 2);
  const auto minute = number(text, 14, 2);
  const auto second = number(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  return days_from_civil(*year, *month, *day) * kDay + *hour * kHour + *minute * kMinute + *second;
}

std::string duration_words(std::int64_t seconds) {
  const auto in = [seconds](std::int64_t unit, std::string_view noun) {
    return count_of(static_cast<std::size_t>(seconds / unit), noun);
  };
  if (seconds >= 2 * kDay) return in(kDay, "day");
  if (seconds >= 2 * kHour) return in(kHour, "hour");
  return seconds >= kMinute ? in(kMinute, "minute") : in(1, "second");
}

std::string since_words(std::string_view from, std::string_view to) {
  const auto begin = parse_time(from);
  const auto end = parse_time(to);
  return begin && end && *begin <= *end ? duration_words(*end - *begin) : std::string();
}

std::string clock_words(const SessionReport& session) {
  return (session.mode == "observed" ? "at the time of the capture (" : "by the proxy's clock (") +
         session.started + ')';
}

std::optional<FaultyDates> find_faulty_dates(const SessionReport& session, const DateFault& fault) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  FaultyDates dates{side, path_with(*side.leg, fault.word), false, false};
  dates.in_use = chain_problem(*side.leg, fault.code) != nullptr;
  if (!dates.in_use && dates.positions.empty()) return std::nullopt;
  dates.all = dates.positions.size() > 1 && dates.positions.size() == path_length(*side.leg);
  return dates;
}

bool is_replaced_by_store(const FaultyDates& dates) {
  if (dates.in_use || dates.positions.empty()) return false;
  const auto& sent = dates.side.leg->certificates;
  const std::string& subject = sent[dates.positions.front()].subject;
  return std::none_of(sent.begin(), sent.end(), [&](const CertificateReport& other) {
    return other.subject == subject && is_in_path(other) && !has_word(other, "expired");
  });
}

FindingReport date_finding(const FaultyDates& dates, const DateFault& fault) {
  FindingReport finding = chain_finding(dates.side);
  finding.codes.x509 = fault.code;
  if (!dates.in_use && !client_objected(dates.side)) finding.severity = severity::kWarning;
  // Certificates of different ages that are all wrong by the same clock: it may be the clock.
  if (dates.all || !dates.in_use || dates.positions.empty())
    finding.confidence = confidence::kLikely;
  finding.source = "RFC 5280 4.1.2.5";
  return finding;
}

}  // namespace visavis::inspect
