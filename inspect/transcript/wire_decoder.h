#pragma once
#include "inspect/transcript/transcript_builder.h"

namespace visavis::inspect {

/// WireDecoder reads the messages that are in clear out of both directions of a connection whose
/// TLS nobody here ends: the direct leg, live in passthrough or from a capture. All that it finds
/// goes into the transcript; what is encrypted stays a record of the ledger.
///
/// In clear are: SSL 2.0 handshakes up to their keys; everything up to ChangeCipherSpec in SSL 3.0
/// to TLS 1.2; the hellos in TLS 1.3. The leg counts as established when both sides have sent what
/// can only be their Finished.
class WireDecoder : private RecordTap {
 public:
  /// The builder must outlive the decoder.
  explicit WireDecoder(TranscriptBuilder& transcript);
  ~WireDecoder() override;
  WireDecoder(const WireDecoder&) = delete;
  WireDecoder& operator=(const WireDecoder&) = delete;

  /// observe takes the next bytes of a direction, in order; one call for each TCP segment as far as
  /// that is known. It feeds the ledger too (TranscriptBuilder::observe_wire).
  void observe(std::int64_t at, Direction direction, Bytes bytes);

 private:
  void fragment(std::int64_t at, Direction direction, const RecordHeader& header,
                Bytes bytes) override;
  void record(std::int64_t at, Direction direction, const RecordHeader& header) override;

  TranscriptBuilder& transcript_;
};

}  // namespace visavis::inspect
