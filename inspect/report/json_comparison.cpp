#include "inspect/report/json_comparison.h"

#include "inspect/report/json_report.h"

namespace visavis::inspect {
namespace {

void write_runs(JsonWriter& json, const std::vector<RunReport>& runs) {
  json.key("runs");
  json.list([&] {
    for (const RunReport& run : runs)
      json.object([&] {
        json.field("name", run.name);
        json.field("mode", run.mode);
        json.field("split_policy", run.split_policy);
        json.field("exit_code", run.exit_code);
        json.field("ok", run.ok);
        json.field("result", run.result);
        json.field("problem", run.problem);
        json.field("sessions", run.sessions);
        json.field("output", run.output);
        json.field("session", run.session);
      });
  });
}

void write_differences(JsonWriter& json, const std::vector<DifferenceReport>& differences) {
  json.key("differences");
  json.list([&] {
    for (const DifferenceReport& difference : differences)
      json.object([&] {
        json.field("aspect", difference.aspect);
        json.key("values");
        json.object([&] {
          // The runs' names are not literals of ours where they come from file names.
          for (const auto& [run, value] : difference.values) json.named(run, value);
        });
      });
  });
}

void write_connections(JsonWriter& json, const std::vector<ConnectionReport>& connections) {
  json.key("connections");
  json.list([&] {
    for (const ConnectionReport& connection : connections)
      json.object([&] {
        json.field("client_end", connection.client_end);
        json.field("server_end", connection.server_end);
        json.field("matched_by", connection.matched_by);
        json.field("clock_offset_ms", connection.clock_offset_ms);
        write_differences(json, connection.differences);
        json.field("verdict", connection.verdict);
        json.field("findings", connection.findings);
      });
  });
}

void write_unmatched(JsonWriter& json, const std::vector<UnmatchedReport>& unmatched) {
  json.key("unmatched");
  json.list([&] {
    for (const UnmatchedReport& session : unmatched)
      json.object([&] {
        json.field("end", session.end);
        json.field("id", session.id);
        json.field("client", session.client);
        json.field("backend", session.backend);
        json.field("sni", session.sni);
      });
  });
}

}  // namespace

std::string render_comparison_json(const ComparisonReport& comparison) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("schema", 1);
    json.field("type", "comparison");
    json.field("target", comparison.target);
    json.field("command", comparison.command);
    write_runs(json, comparison.runs);
    write_differences(json, comparison.differences);
    json.field("verdict", comparison.verdict);
    json.field("findings", comparison.findings);
    if (comparison.connections.empty() && comparison.unmatched.empty()) return;
    write_connections(json, comparison.connections);
    write_unmatched(json, comparison.unmatched);
  });
  return out;
}

}  // namespace visavis::inspect
