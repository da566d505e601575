#pragma once
#include <string_view>

namespace visavis::inspect {

/// LegKind names one TLS conversation of a session (DESIGN vocabulary).
enum class LegKind {
  client_leg,   ///< client <-> proxy
  backend_leg,  ///< proxy <-> backend
  direct_leg,   ///< client <-> backend, nobody ending the TLS
};

/// Party is who sent something or who closed.
enum class Party { client, backend, proxy };

/// Direction inside a leg: c2s is what the leg's TLS client sends (on the backend leg: the proxy).
enum class Direction { c2s, s2c };

constexpr std::string_view name(LegKind leg) {
  switch (leg) {
    case LegKind::client_leg:
      return "client_leg";
    case LegKind::backend_leg:
      return "backend_leg";
    case LegKind::direct_leg:
      return "direct_leg";
  }
  return "?";
}

constexpr std::string_view name(Party party) {
  switch (party) {
    case Party::client:
      return "client";
    case Party::backend:
      return "backend";
    case Party::proxy:
      return "proxy";
  }
  return "?";
}

constexpr std::string_view name(Direction direction) {
  return direction == Direction::c2s ? "c2s" : "s2c";
}

/// sender returns who sends in this direction of this leg.
constexpr Party sender(LegKind leg, Direction direction) {
  if (direction == Direction::c2s)
    return leg == LegKind::backend_leg ? Party::proxy : Party::client;
  return leg == LegKind::client_leg ? Party::proxy : Party::backend;
}

}  // namespace visavis::inspect
