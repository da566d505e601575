#include <algorithm>

#include "inspect/report/text_lists.h"
#include "inspect/report/text_values.h"
#include "inspect/report/visible_text.h"

// What one leg says of certificates: the server's, the chain's verdict, the client's.
namespace visavis::inspect {
namespace {

constexpr std::size_t kMaxIssuers = 3;
constexpr std::size_t kMaxClientCertificates = 3;

/// day_of cuts an RFC 3339 time to its date.
std::string day_of(const std::string& time) { return time.substr(0, time.find('T')); }

std::string chain_problem(const ChainProblemReport& problem) {
  std::string text = "depth " + std::to_string(problem.depth) + ": " + problem.code;
  return problem.hresult.empty() ? text : text + " (" + problem.hresult + ")";
}

/// Names of one column a byte: others are not lined up, for what they take is not known here.
bool is_plain(std::string_view text) { return VisibleText(text).is_plain(); }

/// padded fills a column up; a name that is longer is left whole.
std::string padded(std::string text, std::size_t width) {
  if (!is_plain(text))
    text += "  ";
  else if (text.size() < width)
    text.append(width - text.size(), ' ');
  return text;
}

/// The verdict of each trust store, in one table.
void add_stores(Cell& cell, const std::vector<StoreReport>& stores) {
  constexpr std::string_view kHeading = "trust store";
  constexpr std::size_t kWidest = 24;
  constexpr std::size_t kTrusted = 9;  // "trusted" and a gap
  std::size_t width = kHeading.size();
  for (std::size_t i = 0; i < std::min(stores.size(), kMaxItems); ++i)
    if (is_plain(stores[i].name)) width = std::max(width, std::min(stores[i].name.size(), kWidest));
  width += 2;
  cell.push_back(padded(std::string(kHeading), width) + padded("trusted", kTrusted) + "problems");
  add_lines(cell, stores, [&](const StoreReport& store) {
    return padded(store.name, width) + padded(store.trusted ? "yes" : "no", kTrusted) +
           (store.problems.empty() ? "none" : join(store.problems, kMaxItems, same));
  });
}

/// Who may have issued the certificate that is asked for.
std::string wanted_line(const CertificateRequestReport& request) {
  if (request.issuers_total == 0) return "asked for, of any issuer";
  return "asked for, of " + counted(request.issuers_total, "issuer");
}

void add_issuers(Cell& cell, const CertificateRequestReport& request) {
  const std::size_t shown = std::min(request.issuers.size(), kMaxIssuers);
  for (std::size_t i = 0; i < shown; ++i) cell.push_back("  " + request.issuers[i]);
  const std::size_t total = std::max<std::size_t>(request.issuers_total, request.issuers.size());
  if (shown > 0 && shown < total) cell.push_back("  " + more_line(total - shown));
}

}  // namespace

Cell certificate_cell(const LegReport& leg, std::size_t index) {
  if (index >= leg.certificates.size()) return {};
  const CertificateReport& certificate = leg.certificates[index];
  Cell cell;
  cell.reserve(3);
  cell.push_back(certificate.subject.empty() ? "(empty subject)" : certificate.subject);
  cell.push_back(same_text(certificate.issuer, certificate.subject)
                     ? "self-issued"
                     : "issuer " + certificate.issuer);
  if (certificate.problems.empty()) {
    cell.push_back("until " + day_of(certificate.not_after) + ", " + certificate.key);
    return cell;
  }
  cell.push_back("PROBLEM " + join(certificate.problems, kMaxItems, same));
  cell.push_back("from  " + certificate.not_before);
  cell.push_back("until " + certificate.not_after);
  cell.push_back(certificate.key + ", " + certificate.signature);
  return cell;
}

Cell chain_cell(const LegReport& leg) {
  if (!leg.chain) return {};
  Cell cell{leg.chain->trusted ? "trusted" : "not trusted"};
  add_lines(cell, leg.chain->problems, chain_problem);
  if (leg.chain->missing_issuer) cell.push_back("missing issuer: " + *leg.chain->missing_issuer);
  if (leg.chain->found_issuer)
    cell.push_back("found elsewhere (" + leg.chain->found_issuer->where + "), with it " +
                   (leg.chain->found_issuer->trusted ? "trusted" : "not trusted"));
  if (leg.chain->stores.size() > 1) add_stores(cell, leg.chain->stores);
  return cell;
}

Cell stapled_cell(const LegReport& leg) {
  if (!leg.stapled_ocsp_bytes) return {};
  const std::string bytes = std::to_string(*leg.stapled_ocsp_bytes) + " bytes";
  if (!leg.stapled_ocsp) return cell_with("OCSP response, " + bytes);
  const StapledOcspReport& stapled = *leg.stapled_ocsp;
  Cell cell{"OCSP response: " + stapled.status + ", " + bytes};
  if (stapled.next_update) cell.push_back("good until " + *stapled.next_update);
  if (!stapled.for_this_certificate) cell.push_back("PROBLEM of another certificate");
  if (stapled.signature_ok == false) cell.push_back("PROBLEM not signed by the issuer");
  return cell;
}

Cell is_stapled_cell(const LegReport& leg) {
  return leg.stapled_ocsp_bytes ? Cell{"stapled"} : Cell{};
}

Cell client_certificate_cell(const LegReport& leg) {
  Cell cell;
  if (leg.certificate_request) {
    cell.push_back(wanted_line(*leg.certificate_request));
    add_issuers(cell, *leg.certificate_request);
  }
  if (!leg.client_certificates) return cell;
  const auto& sent = *leg.client_certificates;
  if (sent.empty()) cell.push_back("none sent");
  for (std::size_t i = 0; i < std::min(sent.size(), kMaxClientCertificates); ++i) {
    cell.push_back((i == 0 ? "sent " : "with ") + sent[i].subject);
    if (!sent[i].problems.empty())
      cell.push_back("PROBLEM " + join(sent[i].problems, kMaxItems, same));
  }
  if (sent.size() > kMaxClientCertificates)
    cell.push_back(more_line(sent.size() - kMaxClientCertificates));
  if (leg.client_signature) cell.push_back("proved with " + leg.client_signature->name);
  return cell;
}

}  // namespace visavis::inspect
