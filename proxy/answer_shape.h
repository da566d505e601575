#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "inspect/transcript/transcript.h"

namespace visavis::proxy {

/// AnswerShape is what the client leg must repeat of the backend's answer.
struct AnswerShape {
  std::uint16_t version = 0;  ///< 0: any (answer own)
  std::uint16_t suite = 0;    ///< 0: any
  std::uint16_t group = 0;    ///< 0: any
  bool extended_master_secret = true;
  bool encrypt_then_mac = true;

  friend bool operator==(const AnswerShape&, const AnswerShape&) = default;
};

/// answer_shape reads the answer off an established backend leg.
AnswerShape answer_shape(const inspect::Transcript& backend_leg);

}  // namespace visavis::proxy
