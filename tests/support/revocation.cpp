#include "tests/support/revocation.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "certs/certificate_reader.h"
#include "certs/unix_time.h"
#include "tests/support/openssl_files.h"

// Made by the openssl program. What it has no option for is edited into what it wrote.
namespace visavis::testing {
namespace {

/// "YYYYMMDDHHMMSSZ", as GeneralizedTime has it, and the command's options.
std::string compact_date(std::int64_t unix_s) {
  std::string date = certs::rfc3339(unix_s);
  std::erase_if(date, [](char character) {
    return character < '0' || character > 'Z' || character == ':' || character == 'T';
  });
  return date;
}

/// One line of a CA's database. Its dates have two digits for the year.
std::string database_line(const TestCertificate& certificate, const std::string& revoked_at) {
  std::string serial = certs::read_certificate(certificate.der()).serial;
  std::transform(serial.begin(), serial.end(), serial.begin(), [](char digit) {
    return digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
  });
  return (revoked_at.empty() ? "V" : "R") + std::string("\t491231235959Z\t") + revoked_at + '\t' +
         serial + "\tunknown\t/CN=x\n";
}

std::string two_digit_date(std::int64_t unix_s) { return compact_date(unix_s).substr(2); }

Der bytes_of(const std::filesystem::path& file) {
  const std::string text = whole_text(file);
  return {text.begin(), text.end()};
}

/// One element of DER, and where its contents are. X.690 8.1.
struct Element {
  std::size_t begin = 0;
  std::size_t contents = 0;
  std::size_t end = 0;
};

Element element_at(const Der& der, std::size_t at) {
  std::size_t length = der.at(at + 1);
  std::size_t contents = at + 2;
  if (length >= 0x80) {
    const std::size_t octets = length - 0x80;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | der.at(contents++);
  }
  return {at, contents, contents + length};
}

Der slice(const Der& der, std::size_t begin, std::size_t end) {
  return {der.begin() + static_cast<std::ptrdiff_t>(begin),
          der.begin() + static_cast<std::ptrdiff_t>(end)};
}

Der element(std::uint8_t tag, const Der& contents) {
  Der der{tag};
  const auto octet = [](std::size_t value) { return static_cast<std::uint8_t>(value & 0xff); };
  if (contents.size() < 0x80)
    der.push_back(octet(contents.size()));
  else
    der.insert(der.end(), {0x82, octet(contents.size() >> 8), octet(contents.size())});
  der.insert(der.end(), contents.begin(), contents.end());
  return der;
}

Der joined(const std::vector<Der>& parts) {
  Der der;
  for (const Der& part : parts) der.insert(der.end(), part.begin(), part.end());
  return der;
}

/// Where the GeneralizedTimes of a ResponseData begin: producedAt, a revocationTime where there is
/// one, thisUpdate, nextUpdate where there is one. RFC 6960 4.2.1.
std::vector<std::size_t> times_in(const Der& data) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at + 17 <= data.size(); ++at)
    if (data[at] == 0x18 && data[at + 1] == 15 && data[at + 16] == 'Z') places.push_back(at + 2);
  return places;
}

void write_time(Der& data, std::size_t place, std::int64_t unix_s) {
  const std::string date = compact_date(unix_s);
  std::copy(date.begin(), date.end(), data.begin() + static_cast<std::ptrdiff_t>(place));
}

/// `openssl ocsp` answers as of now. Other times are written into its answer, which the program
/// then signs again.
Der with_times(const Der& response, const OcspSpec& spec, const std::string& folder) {
  // OCSPResponse { status, [0] { ResponseBytes { OID, OCTET STRING { BasicOCSPResponse } } } }
  const Element whole = element_at(response, 0);
  const Element status = element_at(response, whole.contents);
  const Element bytes = element_at(response, element_at(response, status.end).contents);
  const Element type = element_at(response, bytes.contents);
  const Element basic = element_at(response, element_at(response, type.end).contents);
  const Element data = element_at(response, basic.contents);
  const Element algorithm = element_at(response, data.end);
  const Element signature = element_at(response, algorithm.end);

  Der dated = slice(response, data.begin, data.end);
  const std::vector<std::size_t> times = times_in(dated);
  const std::size_t updates = spec.next_update_s ? 2 : 1;
  write_time(dated, times.at(times.size() - updates), spec.this_update_s);
  if (spec.next_update_s) write_time(dated, times.back(), *spec.next_update_s);
  std::ofstream(folder + "data", std::ios::binary) << std::string(dated.begin(), dated.end());
  openssl(
      {"dgst", "-sha256", "-sign", folder + "key", "-out", folder + "signature", folder + "data"});
  const Der signed_again =
      element(0x03, joined({Der{0}, bytes_of(folder + "signature")}));  // BIT STRING
  const Der answer =
      element(0x30, joined({dated, slice(response, algorithm.begin, algorithm.end), signed_again,
                            slice(response, signature.end, basic.end)}));
  const Der response_bytes =
      element(0x30, joined({slice(response, type.begin, type.end), element(0x04, answer)}));
  return element(
      0x30, joined({slice(response, status.begin, status.end), element(0xa0, response_bytes)}));
}

}  // namespace

Der make_ocsp_response(const OcspSpec& spec) {
  const TestCertificate& signer = spec.signer == nullptr ? spec.issuer : *spec.signer;
  const TemporaryDirectory directory;
  const std::string folder = directory.path().string() + '/';
  (void)directory.write(
      "database",
      database_line(spec.subject,
                    spec.revoked ? two_digit_date(kNow - 30 * kDay) + ",keyCompromise" : ""));
  (void)directory.write("subject", spec.subject.pem());
  (void)directory.write("issuer", spec.issuer.pem());
  (void)directory.write("signer", signer.pem());
  (void)directory.write("key", signer.key_pem());
  std::vector<std::string> words{"ocsp",
                                 "-index",
                                 folder + "database",
                                 "-CA",
                                 folder + "issuer",
                                 "-rsigner",
                                 folder + "signer",
                                 "-rkey",
                                 folder + "key",
                                 "-rmd",
                                 "sha256",
                                 "-issuer",
                                 folder + "issuer",
                                 "-cert",
                                 folder + "subject",
                                 "-no_nonce",
                                 "-noverify",
                                 "-respout",
                                 folder + "response"};
  if (spec.next_update_s) words.insert(words.end(), {"-ndays", "1"});
  openssl(std::move(words));
  return with_times(bytes_of(folder + "response"), spec, folder);
}

Der make_crl(const TestCertificate& issuer, const std::vector<const TestCertificate*>& revoked) {
  const TemporaryDirectory directory;
  const std::string folder = directory.path().string() + '/';
  std::string database;
  for (const TestCertificate* each : revoked)
    database += database_line(*each, two_digit_date(kNow - kDay));
  (void)directory.write("database", database);
  (void)directory.write("number", "01\n");
  (void)directory.write("configuration",
                        "[ca]\ndefault_ca=authority\n[authority]\ndefault_md=default\ndatabase=" +
                            folder + "database\ncrlnumber=" + folder + "number\n");
  (void)directory.write("issuer", issuer.pem());
  (void)directory.write("key", issuer.key_pem());
  openssl({"ca", "-gencrl", "-config", folder + "configuration", "-cert", folder + "issuer",
           "-keyfile", folder + "key", "-crl_lastupdate", compact_date(kNow - kDay),
           "-crl_nextupdate", compact_date(kValidUntil - kDay), "-out", folder + "crl.pem"});
  openssl({"crl", "-in", folder + "crl.pem", "-outform", "DER", "-out", folder + "crl"});
  return bytes_of(folder + "crl");
}

std::string crl_pem(const Der& crl) {
  const TemporaryDirectory directory;
  const std::string folder = directory.path().string() + '/';
  (void)directory.write("crl", std::string(crl.begin(), crl.end()));
  openssl({"crl", "-inform", "DER", "-in", folder + "crl", "-out", folder + "crl.pem"});
  return whole_text(folder + "crl.pem");
}

}  // namespace visavis::testing
