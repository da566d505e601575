#pragma once

struct bio_st;

namespace visavis::proxy {

class Wire;

/// make_wire_bio returns a BIO that reads from and writes to a wire, which must outlive it. Writing
/// never blocks: the wire queues what is written until it is flushed. Never null.
bio_st* make_wire_bio(Wire& wire);

}  // namespace visavis::proxy
