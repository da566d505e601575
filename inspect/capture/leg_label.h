#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "inspect/transcript/leg.h"

namespace visavis::inspect {

/// LegLabel says of which session a connection in a capture of the proxy's own is which leg. It
/// stands in comments: alone with the connection's first packet, and before the session's verdict
/// with its last one.
struct LegLabel {
  std::string session;  ///< the session's id
  LegKind leg{};
  bool again = false;  ///< the session had another connection for this leg, which was given up

  friend bool operator==(const LegLabel&, const LegLabel&) = default;
};

/// An id is no longer; a longer one in a file is nobody's.
inline constexpr std::size_t kMaxSessionIdBytes = 64;
/// The comment of a FIN or RST that only says that the proxy has closed its socket, the session
/// being over: no event of it.
inline constexpr std::string_view kSocketClosedComment =
    "the session is over: the proxy's socket closes";

/// What a direction's comments say where bytes are left out: so they begin.
inline constexpr std::string_view kDataLeftOutComment = "application data is left out from here on";
inline constexpr std::string_view kDirectionCutComment = "this direction is cut here, after ";

/// interface_name returns "client leg" ...: what the interface of such a connection is called.
std::string_view interface_name(LegKind leg);
/// leg_of_interface is its reverse; nothing: another name.
std::optional<LegKind> leg_of_interface(std::string_view name);

/// text returns "session ID, client leg (dialled again)".
std::string text(const LegLabel& label);

/// LabelComment is a comment that begins with a label.
struct LabelComment {
  LegLabel label;
  bool concluded = false;  ///< a verdict follows: the session is over
};
/// parse_leg_label reads a comment that begins with a label; nothing: it does not.
std::optional<LabelComment> parse_leg_label(std::string_view comment);

/// own_comment returns a comment as the proxy writes them to its legs' packets, without what
/// somebody else may have added; empty: it is none of those.
std::string own_comment(std::string_view comment);

}  // namespace visavis::inspect
