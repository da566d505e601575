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
  });
  return out;
}

}  // namespace visavis::inspect
