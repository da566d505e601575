#pragma once
#include <cstddef>
#include <cstdint>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// bytes_of_records returns the length of the first `count` records of a stream, in bytes; of the
/// whole stream where it ends before.
std::size_t bytes_of_records(Bytes stream, std::uint64_t count);

}  // namespace visavis::inspect
