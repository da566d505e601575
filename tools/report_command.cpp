#include <fstream>
#include <iostream>
#include <memory>

#include "inspect/report/json_reader.h"
#include "inspect/report/session_filter.h"
#include "inspect/report/text_capture.h"
#include "tools/bundle_file.h"
#include "tools/capture_parts.h"
#include "tools/captured_reports.h"
#include "tools/command.h"
#include "tools/key_log_files.h"
#include "tools/output_files.h"
#include "tools/proxy_files.h"
#include "tools/session_choice.h"

namespace visavis::tools {
namespace {

struct ReportWords {
  std::vector<std::string> files;
  BundleWords bundle;
  bool har = false;
  ChoiceWords choice;
  std::vector<std::string> key_logs;
  ProxyWords proxy;  ///< as far as report has the same options
};

inspect::BundleOptions options_of(const ReportWords& words) {
  inspect::BundleOptions options = bundle_options(words.bundle);
  options.har = words.har;
  return options;
}

/// BundleMaking makes a bundle from logs and captures.
class BundleMaking {
 public:
  explicit BundleMaking(const ReportWords& words)
      : words_(words), stores_(stores_of(words.proxy)), bundle_(options_of(words)) {
    check_files();
    read_key_logs(reports_.secrets(), words.key_logs);
  }

  int run() {
    // What a log has of a session is what the proxy itself has seen: it goes before the capture.
    std::vector<std::string> captures;
    for (const std::string& file : words_.files) {
      if (is_log(file))
        read_log(file);
      else
        captures.push_back(file);
    }
    const auto together = put_together(captures);
    for (const auto& files : together) read_capture(files);
    if (bundle_.sessions() == 0) {
      for (const std::string& problem : problems_) std::cerr << "visavis: " << problem << "\n";
      std::cerr << "visavis: no session to report" << (filter_.empty() ? "" : " passes the filters")
                << "\n";
      return kCouldNotWork;
    }
    for (const std::string& file : words_.key_logs) bundle_.add_secrets(text_of(file));
    for (const auto& files : together) add_packets(files);
    const std::size_t sessions = bundle_.sessions();
    const std::string archive = bundle_.zip(environment_text(facts()));
    try {
      write_bundle(words_.bundle.file, archive);
    } catch (const std::runtime_error& error) {
      std::cerr << "visavis: " << error.what() << "\n";
      return kCouldNotWork;
    }
    std::cout << words_.bundle.file << ": " << sessions << " session" << (sessions == 1 ? "" : "s")
              << (words_.bundle.include_secrets ? ", with the secrets that are known"
                                                : ", redacted")
              << left_out_words(bundle_.left_out()) << "\n";
    std::cout.flush();
    for (const std::string& problem : problems_) std::cerr << "visavis: " << problem << "\n";
    return problems_.empty() ? kFine : kCouldNotWork;
  }

 private:
  void check_files() const {
    std::vector<NamedFile> read;
    for (const std::string& file : words_.files) {
      if (file == "-")
        throw std::runtime_error("-: a bundle is made from files, which are read more than once");
      read.push_back({"log or capture", file});
    }
    for (const std::string& file : words_.key_logs) read.push_back({"--keylog", file});
    refuse_shared_files({{"--output", words_.bundle.file}}, read);
    check_bundle_file("--output", words_.bundle.file);
  }

  /// A log is JSON; a capture begins with bytes that no text has. What is neither is named by the
  /// reader of captures.
  static bool is_log(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    char letter = 0;
    while (stream.get(letter))
      if (std::string_view(" \t\r\n").find(letter) == std::string_view::npos) break;
    return letter == '{';
  }

  void read_log(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      std::string problem;
      if (auto session = inspect::read_session_json(line, &problem)) {
        take(*session);
      } else {
        note(file, " line " + std::to_string(number) + ": " + problem);
      }
    }
    if (stream.bad()) note(file, ": it can't be read to its end");
  }

  void read_capture(const std::vector<std::string>& files) {
    const auto problem =
        reports_.read(files, [this](const inspect::SessionReport& session) { take(session); });
    if (problem)
      note(problem->file, (problem->of_file ? "" : ", byte " + std::to_string(problem->byte)) +
                              ": " + problem->what);
  }

  void take(const inspect::SessionReport& session) {
    if (filter_.takes(session)) bundle_.add(session);
  }

  void add_packets(const std::vector<std::string>& files) {
    try {
      bundle_.add_capture([&files] { return std::make_unique<inspect::ByteStream>(files); });
    } catch (const inspect::FileError&) {
      // It was told when its sessions were read.
    }
  }

  void note(const std::string& file, const std::string& what) {
    problems_.push_back(file + what);
    bundle_.add_problem(file_label(file) + what);
  }

  static std::string text_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  [[nodiscard]] std::vector<std::string> facts() const {
    std::vector<std::string> lines;
    for (const std::string& file : words_.files)
      lines.push_back("made from: " + file_label(file) +
                      (is_log(file) ? ", a log" : ", a capture"));
    lines.emplace_back(
        "(sessions of a log were judged when it was written, those of a capture now)");
    return lines;
  }

  const ReportWords& words_;
  certs::TrustStores stores_;
  proxy::ProxyOptions options_;
  CapturedReports reports_{stores_, options_};
  inspect::SessionFilter filter_ = filter_of(words_.choice);
  inspect::Bundle bundle_;
  std::vector<std::string> problems_;
};

}  // namespace

void add_report_command(CLI::App& program, Run& run) {
  auto words = std::make_shared<ReportWords>();
  CLI::App* command = program.add_subcommand(
      "report", "the escalation bundle: one zip file for somebody who was not there, redacted");
  command->footer(
      "visavis report --session 4f1c case.jsonl case.pcapng -o case.zip\n"
      "  In it: what happened in plain words, every session as text, HTML and JSON, its packets,\n"
      "  certificates and what was judged of them.\n"
      "  Filters' keys: name, address, port, verdict, finding, version, id. Of one key any value\n"
      "  may match.\n"
      "Exit codes: 0 fine; 2 options; 3 a file could not be read to its end (what lies before\n"
      "that is in the bundle), there is no session to report, or the bundle can't be written.");
  command
      ->add_option("FILE", words->files,
                   "logs (proxy --log) and captures; which, is told by content")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("-o,--output", words->bundle.file,
                   "the bundle; one that is there is overwritten")
      ->required()
      ->type_name("FILE.zip");
  add_choice(*command, words->choice);
  command
      ->add_option("--keylog", words->key_logs,
                   "secrets to decrypt captures with (SSLKEYLOGFILE); in the bundle with "
                   "--include-secrets only")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--har", words->har, "with the HTTP exchanges as HAR 1.2");
  add_bundle_contents(*command, words->bundle);
  add_trust_options(*command, words->proxy);
  command->callback([words, &run] { run = [words] { return BundleMaking(*words).run(); }; });
}

}  // namespace visavis::tools
