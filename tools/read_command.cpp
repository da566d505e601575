#include <unistd.h>

#include <iostream>
#include <memory>

#include "inspect/report/json_capture.h"
#include "inspect/report/session_filter.h"
#include "inspect/report/text_capture.h"
#include "proxy/har_file.h"
#include "tools/capture_parts.h"
#include "tools/captured_reports.h"
#include "tools/command.h"
#include "tools/key_log_files.h"
#include "tools/output_files.h"
#include "tools/progress_bar.h"
#include "tools/proxy_files.h"
#include "tools/session_choice.h"
#include "tools/text_style.h"

namespace visavis::tools {
namespace {

struct ReadWords {
  std::vector<std::string> files;
  ProxyWords proxy;  ///< as far as read has the same options
  ChoiceWords choice;
  std::vector<std::string> key_logs;
};

/// Reads captures one after the other and shows each session when it is over.
class CaptureReading {
 public:
  explicit CaptureReading(const ReadWords& words)
      : words_(words), style_(text_style(words.proxy)), stores_(stores_of(words.proxy)) {
    options_.log_queries = words.proxy.log_queries;
    read_key_logs(reports_.secrets(), words.key_logs);
    if (words.proxy.har.empty()) return;
    std::vector<NamedFile> read;
    for (const std::string& file : words.files)
      if (file != "-") read.push_back({"capture", file});
    for (const std::string& file : words.key_logs) read.push_back({"--keylog", file});
    refuse_shared_files({{"--har", words.proxy.har}}, read);
    har_ = std::make_unique<proxy::HarFile>(words.proxy.har, VISAVIS_VERSION);
  }

  int run() {
    capture_.files = words_.files;
    if (words_.proxy.json) std::cout << json_.begin(words_.files);
    for (const auto& files : put_together(words_.files)) read(files);
    bar_.hide();
    if (har_) har_->flush();
    count_not_read();
    if (words_.proxy.json)
      std::cout << json_.end(capture_) << "\n";
    else if (!words_.proxy.quiet)
      std::cout << inspect::render_capture_summary(capture_, style_);
    std::cout.flush();
    for (const inspect::FileProblemReport& problem : capture_.problems)
      std::cerr << "visavis: " << inspect::problem_line(problem) << "\n";
    if (!capture_.problems.empty()) return kCouldNotWork;
    return error_found_ ? kFindingOfError : kFine;
  }

 private:
  void read(const std::vector<std::string>& files) {
    CapturedReports::Progress progress;
    if (bar_.wanted())
      progress = [this](std::uint64_t bytes, std::uint64_t size) { bar_.show(bytes, size); };
    bar_.begin(files.front());
    const auto problem = reports_.read(
        files, [this](const inspect::SessionReport& session) { show(session); }, progress);
    if (problem) capture_.problems.push_back(*problem);
  }

  void show(const inspect::SessionReport& session) {
    if (!filter_.takes(session)) {
      ++capture_.not_shown;
      return;
    }
    ++capture_.sessions;
    for (const inspect::FindingReport& finding : session.findings)
      error_found_ = error_found_ || finding.severity == "error";
    if (har_) har_->take(session);
    if (out_is_terminal_) bar_.hide();
    std::cout << (words_.proxy.json ? json_.session(session)
                                    : inspect::render_text(session, style_));
    if (out_is_terminal_) std::cout.flush();  // not later, into the bar
  }

  void count_not_read() {
    const inspect::PacketCounts& packets = reports_.packets();
    capture_.packets = packets.total;
    for (const auto& [protocol, count] :
         {std::pair("dtls", packets.dtls), {"quic", packets.quic}, {"other", packets.other}})
      if (count > 0) capture_.not_read.push_back({protocol, count});
    if (packets.unread_link == 0) return;
    capture_.not_read.back().unread_link = packets.unread_link;
    capture_.not_read.back().link_type = packets.link_type;
    capture_.not_read.back().other_link_types = packets.other_link_types;
  }

  const ReadWords& words_;
  inspect::TextStyle style_;
  certs::TrustStores stores_;
  proxy::ProxyOptions options_;
  CapturedReports reports_{stores_, options_};
  inspect::SessionFilter filter_ = filter_of(words_.choice);
  inspect::CaptureJson json_;
  inspect::CaptureReport capture_;
  std::unique_ptr<proxy::HarFile> har_;
  ProgressBar bar_;
  bool out_is_terminal_ = ::isatty(STDOUT_FILENO) == 1;
  bool error_found_ = false;
};

}  // namespace

void add_read_command(CLI::App& program, Run& run) {
  auto words = std::make_shared<ReadWords>();
  CLI::App* command = program.add_subcommand(
      "read", "packet captures (pcap, pcapng, Network Monitor's): the same reports as live");
  command->footer(
      "TLS is found by content on any port, also behind STARTTLS, CONNECT, SOCKS or a PROXY "
      "header.\n"
      "One report for each TCP connection with TLS. Certificates are judged at the capture's "
      "time.\n"
      "visavis read --filter name=*.example.com --filter verdict=fails-direct dump.pcapng\n"
      "  Keys: name, address, port, verdict, finding, version, id. Of one key any value may "
      "match.\n"
      "Exit codes: 0 fine; 1 a finding of severity error; 2 options; 3 a file could not be read "
      "to\n"
      "its end (what lies before that is reported).");
  command->add_option("FILE", words->files, "captures; - for standard input")
      ->required()
      ->type_name("FILE");
  add_choice(*command, words->choice);
  command
      ->add_option("--keylog", words->key_logs,
                   "secrets to decrypt with (SSLKEYLOGFILE); those in a pcapng are used anyway")
      ->type_name("FILE")
      ->allow_extra_args(false);
  ProxyWords& proxy = words->proxy;
  add_trust_options(*command, proxy);
  command
      ->add_option("--har", proxy.har,
                   "write the HTTP exchanges that could be decrypted into this file, as HAR 1.2")
      ->type_name("FILE");
  command->add_flag("--log-queries", proxy.log_queries, "show the values in URL queries");
  command->add_flag("--json", proxy.json, "one JSON document on stdout, nothing else there");
  command->add_flag("--quiet", proxy.quiet, "the headlines only");
  command->add_option("--color", proxy.color, "colours in the reports")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command->callback([words, &run] { run = [words] { return CaptureReading(*words).run(); }; });
}

}  // namespace visavis::tools
