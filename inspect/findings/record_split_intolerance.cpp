#include "inspect/findings/record_split_intolerance.h"

#include <algorithm>

#include "inspect/compare/record_split.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// A client that sends again this long after an answer has begun a request of its own. Sooner, it
/// may be the rest of one that was answered early: some servers answer the first line.
constexpr std::int64_t kNewRequestUs = 100'000;

/// Request is what a leg's client sent between two answers: the records of application data from
/// `begin` on, by their place in the ledger.
struct Request {
  std::size_t begin = 0;
  std::size_t records = 0;
  bool split = false;  ///< it begins with the small half of a split, and the rest behind it
  bool answered = false;
  std::int64_t after_answer_us = -1;  ///< since the answer before it; -1: there is none
};

std::vector<Request> requests_of(const LegReport& leg) {
  std::vector<Request> requests;
  const RecordRow* before = nullptr;
  const RecordRow* answer = nullptr;
  for (std::size_t i = 0; i < leg.records.size(); ++i) {
    const RecordRow& record = leg.records[i];
    if (!is_data(*leg.established, record)) continue;
    if (!record.c2s) {
      if (!requests.empty()) requests.back().answered = true;
      before = nullptr;
      answer = &record;
      continue;
    }
    if (before == nullptr) {
      requests.push_back({i});
      if (answer != nullptr) requests.back().after_answer_us = record.t_us - answer->t_us;
    }
    Request& request = requests.back();
    if (++request.records == 2)
      request.split = may_be_small_half(*leg.established, *before) &&
                      !may_be_small_half(*leg.established, record);
    before = &record;
  }
  return requests;
}

/// True when splits are to be expected on the leg: its client splits, or we do by our policy, which
/// makes the same writes under later versions.
bool is_split_leg(const SessionReport& session, const LegSide& side) {
  const std::string& kind = side.leg->split_c2s;
  if (kind != "none" && kind != "n/a") return true;
  return !side.direct() && session.split_policy == "1/n-1";
}

/// A backend that resets at the one byte may do so before the rest has left. HTTP has no requests
/// of one byte; other protocols may.
bool is_lone_half_of_http(const SessionReport& session, const LegReport& leg,
                          const Request& request) {
  return request.records == 1 && needs_split(*leg.established) &&
         leg.records[request.begin].plaintext_length == 1U && !session.http.empty();
}

/// The backend closed, reset, or stayed silent until our time-out. Who gave up first otherwise is
/// no sign of it.
bool backend_ended(const LegReport& leg) {
  if (!leg.close || is_stopped(leg) || fatal_alert(leg, "backend") != nullptr) return false;
  return leg.close->by == "backend" || leg.close->how == "timeout";
}

const EventReport* event_of_record(const LegReport& leg, std::size_t record) {
  for (const EventReport& event : leg.events) {
    if (event.kind != "record") continue;
    if (record-- == 0) return &event;
  }
  return nullptr;
}

/// A backend that had begun to close before the request came has not closed because of it.
bool ended_before(const LegReport& leg, const Request& request) {
  const EventReport* begun = event_of_record(leg, request.begin);
  return begun == nullptr ||
         std::any_of(leg.events.begin(), leg.events.end(), [begun](const EventReport& event) {
           const bool end = event.kind == "close" || event.kind == "alert";
           return end && event.sender == "backend" && event.i < begun->i;
         });
}

/// Whether the request was one of its own, and not the rest of one that had its answer.
bool is_new_request(const SessionReport& session, const Request& request) {
  if (request.after_answer_us < 0 || request.after_answer_us >= kNewRequestUs) return true;
  return !session.http.empty() && (request.records == 1 || !session.http.back().status);
}

/// The leg's last request, if it was split, nothing answered it, and no split one before it was
/// answered.
std::optional<Request> unanswered_split(const SessionReport& session, const LegSide& side) {
  if (!side || side.leg->outcome != "established" || !side.leg->established) return std::nullopt;
  const LegReport& leg = *side.leg;
  if (!backend_ended(leg) || leg.records_total > leg.records.size()) return std::nullopt;
  const std::vector<Request> requests = requests_of(leg);
  if (requests.empty() || requests.back().answered) return std::nullopt;
  Request last = requests.back();
  if (ended_before(leg, last) || !is_new_request(session, last)) return std::nullopt;
  if (last.split)
    last.split = is_split_leg(session, side);
  else
    last.split = !side.direct() && is_lone_half_of_http(session, leg, last);
  const bool taken_before = std::any_of(requests.begin(), requests.end(), [](const Request& each) {
    return each.split && each.answered;
  });
  return last.split && !taken_before ? std::optional(last) : std::nullopt;
}

std::string how_split(const LegReport& leg, const Request& request) {
  const auto& length = leg.records[request.begin].plaintext_length;
  if (!length) return "the smallest record that there is, and the rest behind it";
  return *length == 0 ? "an empty record, and the request behind it (0/n)"
                      : "a record with its first byte, and the rest behind it (1/n-1)";
}

std::string how_it_ended(const CloseReport& close) {
  if (close.how == "timeout") return "silence until the time-out";
  if (close.how == "rst") return "RST, and no byte of an answer";
  return (close.how == "fin" ? "FIN" : "close_notify") + std::string(", and no byte of an answer");
}

FindingCodes codes_of(const CloseReport& close) {
  FindingCodes codes;
  const bool silence = close.how == "timeout";
  const bool reset = close.how == "rst";
  codes.hresult = silence ? "0x80072ee2" : "0x80072efe";
  codes.chrome = silence ? "ERR_TIMED_OUT" : reset ? "ERR_CONNECTION_RESET" : "ERR_EMPTY_RESPONSE";
  codes.firefox = silence ? "NS_ERROR_NET_TIMEOUT" : "NS_ERROR_NET_RESET";
  codes.java = silence ? "SocketTimeoutException: Read timed out"
               : reset ? "SocketException: Connection reset"
                       : "SocketException: Unexpected end of file from server";
  return codes;
}

/// True when the records are ours, and the client's way to make them is not the question.
bool split_by_us(const SessionReport& session, const LegSide& side) {
  return !side.direct() && session.split_policy != "keep";
}

std::string remedy(const SessionReport& session, const LegSide& side) {
  const bool beast = needs_split(*side.leg->established);
  std::string text =
      "Fix the server: it must read on until the request is complete, however many records it "
      "comes in. ";
  if (!beast)
    return text + "The records were cut by the proxy (--split " + session.split_policy +
           "); a client that writes its requests in pieces meets the same.";
  text +=
      "Or let both sides speak TLS 1.2 or later, where nobody splits. Until then the client can be "
      "told not to split, which gives up its protection against BEAST (CVE-2011-3389): Windows, "
      "DWORD SendExtraRecord = 2 under "
      "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL (MS12-006, "
      "KB2643584); Java, -Djsse.enableCBCProtection=false; curl, --ssl-allow-beast.";
  return text;
}

FindingReport make_finding(const SessionReport& session, const LegSide& side,
                           const Request& request) {
  const LegReport& leg = *side.leg;
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title =
      side.direct() ? "The backend may not take a request that is split over two records"
                    : "The backend does not seem to take a request that is split over two records";
  const bool ours = split_by_us(session, side);
  finding.cause = ours ? "The proxy, told to (--split " + session.split_policy + "), sent "
                       : "The client " + std::string(side.direct() ? "seems to split" : "splits") +
                             " its writes against BEAST (TLS 1.0 with a CBC suite): it sent ";
  finding.cause += how_split(leg, request) +
                   ". The connection then ended without a byte of an answer. Old servers take the "
                   "first record for the whole request. A proxy that sends the request in one "
                   "record makes the failure vanish.";
  finding.expected = "an answer to the request, in however many records it comes";
  finding.presented = how_it_ended(*leg.close);
  finding.remedy = remedy(session, side);
  if (const EventReport* event = event_of_record(leg, request.begin))
    finding.evidence.push_back(
        evidence_of(side.name, *event, "the request: " + how_split(leg, request)));
  add_close_evidence(finding, side);
  finding.codes = codes_of(*leg.close);
  finding.source = "RFC 2246 6.2.1";
  return finding;
}

/// The same request, as far as it was seen.
bool same_request(const SessionReport& a, const SessionReport& b) {
  if (a.http.empty() || b.http.empty()) return true;
  return a.http.back().method == b.http.back().method &&
         a.http.back().target == b.http.back().target;
}

/// Requests, none of them split, and an answer to the last.
bool answered_unsplit(const LegReport& leg) {
  const std::vector<Request> requests = requests_of(leg);
  return !requests.empty() && requests.back().answered &&
         std::none_of(requests.begin(), requests.end(),
                      [](const Request& request) { return request.split; });
}

bool works(const SessionReport& session) {
  const VerdictReport& verdict = session.verdict;
  return verdict.proxied == "none" ? verdict.direct == "ok" : verdict.proxied == "ok";
}

}  // namespace

std::optional<FindingReport> diagnose_record_split_intolerance(const SessionReport& session) {
  const LegSide side = backend_side(session);
  const auto request = unanswered_split(session, side);
  if (!request) return std::nullopt;
  FindingReport finding = make_finding(session, side, *request);
  finding.remedy +=
      " To be sure, let the request through in one record: `visavis proxy --split none`, or "
      "`visavis compare`, which tries both.";
  return finding;
}

std::optional<FindingReport> prove_record_split_intolerance(const SessionReport& failed_with_split,
                                                            const SessionReport& worked_without) {
  const LegSide failed = backend_side(failed_with_split);
  const LegSide worked = backend_side(worked_without);
  const auto request = unanswered_split(failed_with_split, failed);
  if (!request || !worked || !worked.leg->established || !works(worked_without))
    return std::nullopt;
  const EstablishedReport& agreed = *failed.leg->established;
  const bool alike = failed_with_split.backend == worked_without.backend &&
                     agreed.version == worked.leg->established->version &&
                     agreed.cipher == worked.leg->established->cipher;
  if (!alike || !same_request(failed_with_split, worked_without) || !answered_unsplit(*worked.leg))
    return std::nullopt;
  FindingReport finding = make_finding(failed_with_split, failed, *request);
  finding.id = "record-split-intolerance";
  finding.kind = finding_kind::kConnection;
  finding.role = finding_role::kCause;
  finding.confidence = confidence::kProven;
  finding.title =
      "The backend does not take a request that is split over two records; in one record it does";
  finding.evidence.push_back({std::string(worked.name), std::nullopt,
                              "in the other run the request came in one record and was answered"});
  return finding;
}

}  // namespace visavis::inspect
