#include <iostream>
#include <memory>

#include "inspect/findings/catalogue.h"
#include "inspect/report/json_explanation.h"
#include "inspect/report/text_explanation.h"
#include "tools/command.h"
#include "tools/text_style.h"

namespace visavis::tools {
namespace {

constexpr std::size_t kMostSuggestions = 5;

struct ExplainOptions {
  std::string what;
  bool json = false;
  std::string color = "auto";
};

int refuse(const ExplainOptions& options) {
  std::string line = "visavis: explain: no finding '" + options.what + "'";
  std::string near;
  for (const std::string_view id : inspect::near_findings(options.what, kMostSuggestions))
    near += (near.empty() ? "" : ", ") + std::string(id);
  std::cerr << line << (near.empty() ? "; `visavis explain` lists them" : "; did you mean " + near)
            << "\n";
  return kCouldNotWork;
}

int list_all() {
  for (const inspect::FindingExplanation& each : inspect::finding_catalogue())
    std::cout << each.id << std::string(each.id.size() < 34 ? 34 - each.id.size() : 1, ' ')
              << each.title << "\n";
  return kFine;
}

int explain(const ExplainOptions& options) {
  if (options.what.empty()) return list_all();
  const inspect::FindingExplanation* found = inspect::explain_finding(options.what);
  if (found == nullptr) return refuse(options);
  std::cout << (options.json ? inspect::render_explanation_json(options.what, *found) + "\n"
                             : inspect::render_explanation(*found, text_style(options.color)));
  return kFine;
}

}  // namespace

void add_explain_command(CLI::App& program, Run& run) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command =
      program.add_subcommand("explain", "the long form of a finding: cause, evidence, remedies");
  command->add_option("FINDING", options->what, "the finding's id; without one: all ids");
  command->add_flag("--json", options->json, "one JSON document");
  command->add_option("--color", options->color, "colours in the text")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command->callback([options, &run] { run = [options] { return explain(*options); }; });
}

}  // namespace visavis::tools
