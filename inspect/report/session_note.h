#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/report/live_judgement.h"
#include "inspect/report/session_report.h"
#include "inspect/transcript/unseen_events.h"

namespace visavis::inspect {

/// LegNote is what the proxy knows of a leg that its packets do not show.
struct LegNote {
  LegKind leg{};
  bool connected = true;  ///< false: there was no connection to the leg's TLS server
  std::string from;       ///< ip:port of one that was not connected
  std::string to;
  std::optional<std::string> failure;  ///< Transcript::failure
  bool segments_exact = false;         ///< Transcript::segments_exact
  std::optional<std::int64_t> connect_us;
  std::vector<UnseenEvent> events;

  friend bool operator==(const LegNote&, const LegNote&) = default;
};

/// SessionNote is what the proxy puts into its capture of a session beside the packets: facts that
/// no packet shows. Comparison, findings and verdict are made again, but where the packets show
/// less than the proxy saw.
struct SessionNote {
  std::optional<std::int64_t> started_us;  ///< since 1970 in UTC
  double duration_ms = 0;
  std::string client;
  std::string listener;
  std::string backend;
  std::string backend_address;
  std::optional<std::string> connect;
  std::optional<std::string> passed_through_because;
  std::string checked_host;
  std::string hello = "mirror";
  std::string answer = "mirror";
  std::string split_policy = "keep";
  std::string split_segments = "keep";
  std::vector<UnmirroredFeature> unmirrored;  ///< those that the legs themselves do not show
  std::vector<std::string> faults;
  std::optional<TwinReport> twin;  ///< before it is judged with the session
  std::uint64_t client_to_backend_bytes = 0;
  std::uint64_t backend_to_client_bytes = 0;
  std::uint64_t packets_not_captured = 0;
  std::vector<LegNote> legs;  ///< all that the session had
  std::optional<LiveJudgement> live;

  friend bool operator==(const SessionNote&, const SessionNote&) = default;
};

/// A note, at most: what an option of a pcapng block holds. draft-ietf-opsawg-pcapng 3.5.
inline constexpr std::size_t kMaxNoteBytes = 65'535;

/// render_note returns one line of JSON, of at most kMaxNoteBytes: where names of peers would make
/// it longer, it goes without the live findings, and then without what was not mirrored.
std::string render_note(const SessionNote& note);
/// read_note reads it back. Nothing: it is none, and `problem` says why.
std::optional<SessionNote> read_note(std::string_view text, std::string& problem);

}  // namespace visavis::inspect
