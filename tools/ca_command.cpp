#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "certs/authority.h"
#include "tools/command.h"
#include "tools/trust_help.h"

namespace visavis::tools {
namespace {

struct CaOptions {
  std::string directory;
  std::string output;
};

certs::Authority open_authority(const CaOptions& options) {
  return certs::Authority::open(options.directory.empty()
                                    ? certs::Authority::default_directory()
                                    : std::filesystem::path(options.directory));
}

int show(const CaOptions& options) {
  const certs::Authority authority = open_authority(options);
  const certs::CertificateFacts& facts = authority.facts();
  std::cout << "certificate  " << authority.certificate_path().string() << "\nkey          "
            << authority.key_path().string() << "\nsubject      " << facts.subject
            << "\nvalid until  " << facts.not_after << "\nSHA-256      " << facts.sha256 << "\n\n"
            << trust_help(authority.certificate_path().string());
  return kFine;
}

int export_certificate(const CaOptions& options) {
  const certs::Authority authority = open_authority(options);
  if (options.output == "-") {
    std::cout << authority.certificate_pem();
    return kFine;
  }
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  file << authority.certificate_pem();
  file.close();
  if (file) return kFine;
  throw std::runtime_error("-o " + options.output + ": " + std::strerror(errno));
}

}  // namespace

void add_ca_command(CLI::App& program, Run& run) {
  auto options = std::make_shared<CaOptions>();
  CLI::App* command = program.add_subcommand("ca", "our certificate authority: made at first use");
  command->require_subcommand(1);
  command->add_option("--ca-dir", options->directory,
                      "its directory (default: XDG data directory)");
  CLI::App* init = command->add_subcommand("init", "make it, unless it is there");
  CLI::App* show_command = command->add_subcommand("show", "where it is and how clients trust it");
  CLI::App* export_command = command->add_subcommand("export", "write its certificate as PEM");
  export_command->add_option("-o,--output", options->output, "file, - for stdout")->required();
  for (CLI::App* each : {init, show_command, export_command}) each->fallthrough();
  for (CLI::App* each : {init, show_command})
    each->callback([options, &run] { run = [options] { return show(*options); }; });
  export_command->callback(
      [options, &run] { run = [options] { return export_certificate(*options); }; });
}

}  // namespace visavis::tools
