#include "tools/captured_reports.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "inspect/http/http_tap.h"
#include "proxy/captured_session_facts.h"

namespace visavis::tools {
namespace {

void add(const inspect::PacketCounts& packets, inspect::PacketCounts& sum) {
  sum.total += packets.total;
  sum.dtls += packets.dtls;
  sum.quic += packets.quic;
  sum.other += packets.other;
}

}  // namespace

std::optional<inspect::FileProblemReport> CapturedReports::read(const std::string& file,
                                                                const Take& take) {
  // Wireshark's number of the connection; of further files with the file's own before it.
  const std::string prefix = files_++ == 0 ? "tcp-" : std::to_string(files_) + "-tcp-";
  try {
    inspect::ByteStream stream{std::filesystem::path(file)};
    inspect::CaptureReader reader(stream);
    inspect::CaptureSessions sessions(
        [&](inspect::CapturedSession session) {
          std::string id = prefix + std::to_string(session.connection);
          take(proxy::make_report(proxy::facts_of(std::move(session), std::move(id)), services_));
        },
        {&key_log_, [this] { return std::make_unique<inspect::HttpTap>(options_.log_queries); }});
    inspect::CapturedPacket packet;
    while (reader.next(packet)) {
      if (const std::string secrets = reader.take_secrets(); !secrets.empty())
        key_log_.add(secrets);
      sessions.add(packet);
    }
    sessions.finish();
    add(sessions.packets(), packets_);
    if (const auto& problem = reader.problem())
      return inspect::FileProblemReport{file, problem->byte, problem->what};
  } catch (const std::system_error& error) {
    return inspect::FileProblemReport{file, 0, error.code().message()};
  }
  return std::nullopt;
}

}  // namespace visavis::tools
