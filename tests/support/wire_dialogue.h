#pragma once
#include <vector>

#include "inspect/transcript/transcript.h"
#include "tests/support/hello_builder.h"

/// Both directions of a connection made by hand, through a WireDecoder.
namespace visavis::test {

struct WireStep {
  inspect::Direction direction;
  ByteVector bytes;
};

using WireDialogue = std::vector<WireStep>;

/// change_cipher_spec returns the record of version 3.3.
ByteVector change_cipher_spec();
/// sealed returns a record of version 3.3 with `length` bytes that say nothing.
ByteVector sealed(std::uint8_t type, std::size_t length);

/// decode returns the direct leg's transcript; the time is the number of the step.
inspect::Transcript decode(const WireDialogue& dialogue);
/// decode_in_all_ways decodes every step in one piece, split at every place, and in pieces of one
/// to seven bytes, and fails the test where the transcripts differ in anything but the hello's
/// segments.
inspect::Transcript decode_in_all_ways(const WireDialogue& dialogue);

}  // namespace visavis::test
