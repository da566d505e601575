#pragma once
#include <string>
#include <string_view>

#include "inspect/bundle/mask.h"

namespace visavis::inspect {

/// mask_plain_text returns what a side sent without TLS with all masked that is not known to be
/// harmless, byte for byte as long. Of an HTTP message's head stay the start line but for the
/// values of its query, the fields' names, and the values of fields that are about the message and
/// not about who sends it; of the dialogue before a STARTTLS the verbs and the codes; line ends.
/// All else, bodies above all, becomes "x".
[[nodiscard]] std::string mask_plain_text(std::string_view sent, const Mask& mask);

/// mask_target masks of a request target, in its place, the query's values (a part without "=" is
/// all value), the parameters of path segments, the fragment, and what names a user. With
/// `same_length` each has as many letters as before. "***" stays.
[[nodiscard]] std::string mask_target(std::string_view target, const Mask& mask, bool same_length);

}  // namespace visavis::inspect
