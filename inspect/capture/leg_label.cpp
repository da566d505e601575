#include "inspect/capture/leg_label.h"

#include <algorithm>
#include <array>

namespace visavis::inspect {
namespace {

constexpr std::string_view kBegin = "session ";
constexpr std::string_view kAgain = " (dialled again)";
constexpr std::array kLegs{LegKind::client_leg, LegKind::backend_leg, LegKind::direct_leg};

/// Classes of verdicts: VerdictReport.
constexpr std::array<std::string_view, 6> kVerdicts{
    "healthy", "fails-direct", "proxy-introduces", "proxy-masks", "fails-both", "unknown"};

/// Takes `begin` off the text, if that begins with it.
bool take(std::string_view& text, std::string_view begin) {
  if (!text.starts_with(begin)) return false;
  text.remove_prefix(begin.size());
  return true;
}

bool is_id(std::string_view id) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
  };
  return !id.empty() && id.size() <= kMaxSessionIdBytes && std::all_of(id.begin(), id.end(), plain);
}

}  // namespace

std::string_view interface_name(LegKind leg) {
  if (leg == LegKind::client_leg) return "client leg";
  return leg == LegKind::backend_leg ? "backend leg" : "direct leg";
}

std::optional<LegKind> leg_of_interface(std::string_view name) {
  for (const LegKind leg : kLegs)
    if (name == interface_name(leg)) return leg;
  return std::nullopt;
}

std::string text(const LegLabel& label) {
  std::string words(kBegin);
  words += label.session;
  words += ", ";
  words += interface_name(label.leg);
  if (label.again) words += kAgain;
  return words;
}

std::optional<LabelComment> parse_leg_label(std::string_view comment) {
  if (!take(comment, kBegin)) return std::nullopt;
  const std::string_view id = comment.substr(0, comment.find(','));
  if (!is_id(id)) return std::nullopt;
  comment.remove_prefix(id.size());
  if (!take(comment, ", ")) return std::nullopt;
  const auto leg = std::find_if(kLegs.begin(), kLegs.end(),
                                [&](LegKind each) { return take(comment, interface_name(each)); });
  if (leg == kLegs.end()) return std::nullopt;
  LabelComment found{{std::string(id), *leg, take(comment, kAgain)}, false};
  if (!comment.empty() && comment.front() != ';' && comment.front() != ':') return std::nullopt;
  found.concluded = comment.starts_with(':');
  return found;
}

std::string own_comment(std::string_view comment) {
  if (comment == kSocketClosedComment) return std::string(comment);
  if (const auto read = parse_leg_label(comment)) {
    if (!read->concluded) return text(read->label);
    const std::string_view verdict = comment.substr(comment.find(": ") + 1);
    const bool known = std::any_of(kVerdicts.begin(), kVerdicts.end(), [&](std::string_view each) {
      return verdict.substr(1).starts_with(std::string(each) + ": ");
    });
    return known ? std::string(comment) : text(read->label);
  }
  if (comment.starts_with(kDataLeftOutComment))
    return std::string(kDataLeftOutComment) + " (--handshakes-only)";
  if (!comment.starts_with(kDirectionCutComment)) return {};
  comment.remove_prefix(kDirectionCutComment.size());
  const std::size_t digits = std::min(comment.find_first_not_of("0123456789"), comment.size());
  return std::string(kDirectionCutComment) + std::string(comment.substr(0, digits)) +
         " bytes (--snap-session)";
}

}  // namespace visavis::inspect
