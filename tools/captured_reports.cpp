#include "tools/captured_reports.h"

#include <utility>

#include "proxy/captured_http.h"
#include "proxy/captured_session_facts.h"

namespace visavis::tools {
namespace {

/// Packets after which progress is told: asking the clock for each would cost more than reading it.
constexpr std::uint64_t kPacketsOfProgress = 1024;

void add(const inspect::PacketCounts& packets, inspect::PacketCounts& sum) {
  sum.total += packets.total;
  sum.dtls += packets.dtls;
  sum.quic += packets.quic;
  sum.other += packets.other;
  sum.count_unread_link(packets.unread_link, packets.link_type);
  sum.other_link_types = sum.other_link_types || packets.other_link_types;
}

inspect::FileProblemReport report_of(const inspect::FileError& error) {
  return {.file = error.file(), .what = error.code().message(), .of_file = true};
}

/// What was read until then is good, when a file can't be read on.
bool next_of(inspect::CaptureReader& reader, inspect::CapturedPacket& packet,
             std::optional<inspect::FileProblemReport>& unread) {
  try {
    return reader.next(packet);
  } catch (const inspect::FileError& error) {
    unread = report_of(error);
    return false;
  }
}

}  // namespace

std::optional<inspect::FileProblemReport> CapturedReports::read(
    const std::vector<std::string>& files, const Take& take, const Progress& progress) {
  std::optional<inspect::FileProblemReport> first;
  std::vector<std::string> left = files;
  while (!left.empty()) {
    std::size_t read_to = 0;
    auto problem = read_one(left, take, progress, read_to);
    if (!first) first = std::move(problem);
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(read_to + 1));
  }
  return first;
}

/// Reads until a fault: `read_to` is the file in which it lies, or the last one.
std::optional<inspect::FileProblemReport> CapturedReports::read_one(
    const std::vector<std::string>& files, const Take& take, const Progress& progress,
    std::size_t& read_to) {
  // Wireshark's number of the connection; of further captures with the capture's own before it.
  const std::string prefix = captures_++ == 0 ? "tcp-" : std::to_string(captures_) + "-tcp-";
  proxy::CapturedHttp http(options_.log_queries);
  std::optional<inspect::FileProblemReport> note_problem;  // the first one
  read_to = files.size() - 1;
  try {
    inspect::ByteStream stream(files);
    inspect::CaptureReader reader(stream);
    inspect::CaptureSessions sessions(
        [&](inspect::CapturedSession session) {
          std::string id = prefix + std::to_string(session.connection);
          std::string problem;
          auto facts = proxy::facts_of(std::move(session), std::move(id), problem);
          if (!problem.empty() && !note_problem)
            note_problem = inspect::FileProblemReport{
                .file = files.front(),
                .what = "what the proxy noted of session " + facts.id + ": " + problem,
                .of_file = true};
          take(proxy::make_report(std::move(facts), services_));
        },
        {&key_log_,
         [&](const auto& label, std::int64_t started_ns) { return http.tap(label, started_ns); },
         mark_streams_});
    std::optional<inspect::FileProblemReport> unread;
    inspect::CapturedPacket packet;
    while (next_of(reader, packet, unread)) {
      if (const std::string secrets = reader.take_secrets(); !secrets.empty())
        key_log_.add(secrets);
      sessions.add(packet);
      if (progress && packet.number % kPacketsOfProgress == 0)
        progress(stream.offset(), stream.size());
    }
    if (const auto ended = reader.ended_ns()) sessions.ended_at(*ended);
    sessions.finish();
    add(sessions.packets(), packets_);
    if (unread) return unread;
    if (const auto& problem = reader.problem()) {
      const auto [file, byte] = stream.place(problem->byte);
      read_to = file;
      return inspect::FileProblemReport{files[file], byte, problem->what};
    }
  } catch (const inspect::FileError& error) {
    return report_of(error);
  }
  return note_problem;
}

}  // namespace visavis::tools
