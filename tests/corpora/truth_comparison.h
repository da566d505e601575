#pragma once
#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/corpora/observed_stream.h"

namespace visavis::corpora {

/// Difference is one field in which we do not agree with the truth file.
struct Difference {
  std::string file;
  std::int64_t stream = -1;  ///< tshark's tcp.stream; -1: the whole file
  std::string field;         ///< "client_hellos.c2s.sni", "records.s2c", "version" ...
  std::string what;          ///< place in the list, truth and ours
};

/// Counts says how much was compared; a run must not compare less than it did.
struct Counts {
  std::size_t files = 0;
  std::size_t files_without_tls = 0;
  std::size_t streams = 0;
  std::size_t streams_with_loss = 0;  ///< compared up to the first lost byte of each direction
  std::size_t other_streams = 0;      ///< TCP streams in which there is no TLS: nor must we see any
  std::size_t client_hellos = 0;
  std::size_t server_hellos = 0;
  std::size_t certificates = 0;
  std::size_t alerts = 0;
  std::size_t handshakes = 0;
  std::size_t records = 0;
  std::size_t fields = 0;
  std::size_t healthy = 0;  ///< streams that show nothing wrong, judged by our rules
  std::size_t alarms = 0;   ///< what these found, all of it borne out by the truth

  friend bool operator==(const Counts&, const Counts&) = default;
};

/// TruthComparison holds what we read out of captures against their truth files, field by field.
///
/// A direction that lost bytes (in the capture, or to its snap length) is compared up to the loss:
/// what we read must be the beginning of what the truth has. So are the records where the truth
/// lists only the first 400, or, of an SSL 2.0 session, only those in clear. Where the truth has
/// two opinions of the records, tshark's and its own, one of them must be ours.
class TruthComparison {
 public:
  /// compare_file reads `capture` and compares all that `truth` says about it; with `piece`, the
  /// bytes are observed in pieces of that many.
  void compare_file(const std::filesystem::path& capture, const boost::json::object& truth,
                    std::size_t piece = 0);

  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const std::vector<Difference>& differences() const { return differences_; }

 private:
  void compare_stream(const boost::json::object& truth, const test::CapturedStream& stream,
                      std::size_t piece);
  void compare_list(const boost::json::object& truth, const Observed& ours, const char* list,
                    const char* direction, std::size_t& count);
  void compare_item(const std::string& field, std::size_t index, const boost::json::value& truth,
                    const boost::json::value& ours);
  void expect_no_false_alarm(const boost::json::object& truth, const Observed& ours);
  void compare_transcript(const boost::json::object& truth, const Observed& ours);
  void compare_value(const std::string& field, const boost::json::value& truth,
                     const boost::json::value& ours);
  void differ(const std::string& field, const std::string& what);

  std::string file_;
  std::int64_t stream_ = -1;
  bool in_pieces_ = false;
  Counts counts_;
  std::vector<Difference> differences_;
};

}  // namespace visavis::corpora
