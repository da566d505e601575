#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace visavis::inspect {

/// NotReadReport counts packets of captures that no session's report speaks of.
struct NotReadReport {
  std::string protocol;  ///< dtls, quic, other
  std::uint64_t packets = 0;
  std::uint64_t unread_link = 0;  ///< of them: of a link layer that is not read
  int link_type = 0;              ///< of the first of those: LINKTYPE_..., negative: none has it
  bool other_link_types = false;  ///< there are more than that one

  friend bool operator==(const NotReadReport&, const NotReadReport&) = default;
};

/// FileProblemReport is why a capture was not read to its end.
struct FileProblemReport {
  std::string file;
  std::uint64_t byte = 0;  ///< where in the file
  std::string what;
  bool of_file = false;  ///< and not of that byte: it can't be opened or read, for example

  friend bool operator==(const FileProblemReport&, const FileProblemReport&) = default;
};

/// CaptureReport is what one run over captures tells beside its sessions.
struct CaptureReport {
  std::vector<std::string> files;
  std::uint64_t packets = 0;
  std::uint64_t sessions = 0;
  std::uint64_t not_shown = 0;  ///< sessions that were not chosen (--filter, --session)
  std::vector<NotReadReport> not_read;
  std::vector<FileProblemReport> problems;

  friend bool operator==(const CaptureReport&, const CaptureReport&) = default;
};

}  // namespace visavis::inspect
