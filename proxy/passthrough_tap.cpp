#include "proxy/passthrough_tap.h"

#include "inspect/bytes/limits.h"

namespace visavis::proxy {

using inspect::Direction;

bool PassthroughTap::asks_for_segments() const {
  return !transcript().client_hello && !transcript().not_tls &&
         client_reads_ < inspect::limits::kMaxHelloSegments;
}

void PassthroughTap::show(std::int64_t at, Direction direction, inspect::Bytes bytes,
                          std::optional<std::uint32_t> data_segments) {
  const bool hello_to_come = direction == Direction::c2s && asks_for_segments();
  if (hello_to_come) ++client_reads_;
  decoder_.observe(at, direction, bytes);
  if (hello_to_come && transcript().client_hello)
    decoder_.set_segments_exact(segments_before_ &&
                                data_segments == *segments_before_ + client_reads_);
}

void PassthroughTap::ended(Direction direction, inspect::CloseHow how) {
  builder_.observe_close(clock_.at_us(), sender(inspect::LegKind::direct_leg, direction), how);
}

}  // namespace visavis::proxy
