#include "tools/captured_reports.h"

#include <filesystem>
#include <system_error>
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
}

}  // namespace

std::optional<inspect::FileProblemReport> CapturedReports::read(const std::string& file,
                                                                const Take& take,
                                                                const Progress& progress) {
  // Wireshark's number of the connection; of further files with the file's own before it.
  const std::string prefix = files_++ == 0 ? "tcp-" : std::to_string(files_) + "-tcp-";
  proxy::CapturedHttp http(options_.log_queries);
  std::optional<inspect::FileProblemReport> note_problem;  // the first one
  try {
    inspect::ByteStream stream{std::filesystem::path(file)};
    inspect::CaptureReader reader(stream);
    inspect::CaptureSessions sessions(
        [&](inspect::CapturedSession session) {
          std::string id = prefix + std::to_string(session.connection);
          std::string problem;
          auto facts = proxy::facts_of(std::move(session), std::move(id), problem);
          if (!problem.empty() && !note_problem)
            note_problem = inspect::FileProblemReport{
                file, 0, "what the proxy noted of session " + facts.id + ": " + problem};
          take(proxy::make_report(std::move(facts), services_));
        },
        {&key_log_,
         [&](const auto& label, std::int64_t started_ns) { return http.tap(label, started_ns); },
         mark_streams_});
    inspect::CapturedPacket packet;
    while (reader.next(packet)) {
      if (const std::string secrets = reader.take_secrets(); !secrets.empty())
        key_log_.add(secrets);
      sessions.add(packet);
      if (progress && packet.number % kPacketsOfProgress == 0)
        progress(stream.offset(), stream.size());
    }
    if (const auto ended = reader.ended_ns()) sessions.ended_at(*ended);
    sessions.finish();
    add(sessions.packets(), packets_);
    if (const auto& problem = reader.problem())
      return inspect::FileProblemReport{file, problem->byte, problem->what};
  } catch (const std::system_error& error) {
    return inspect::FileProblemReport{file, 0, error.code().message()};
  }
  return note_problem;
}

}  // namespace visavis::tools
